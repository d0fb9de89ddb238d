/** Reads the change log: its rows, and the transactions that they make. */
@NullMarked
package dev.pbp.postgres.internal.log;

import org.jspecify.annotations.NullMarked;
