/** What the repositories share: errors, retries, the SQL of a read. */
@NullMarked
package dev.pbp.postgres.internal.jdbc;

import org.jspecify.annotations.NullMarked;
