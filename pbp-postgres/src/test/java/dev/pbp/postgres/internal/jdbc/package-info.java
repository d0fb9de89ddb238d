@NullMarked
package dev.pbp.postgres.internal.jdbc;

import org.jspecify.annotations.NullMarked;
