/** Reads of any tracked table: what it looks like, and SQL for a query. */
@NullMarked
package dev.pbp.postgres.internal.table;

import org.jspecify.annotations.NullMarked;
