@NullMarked
package dev.pbp.postgres.internal.cursor;

import org.jspecify.annotations.NullMarked;
