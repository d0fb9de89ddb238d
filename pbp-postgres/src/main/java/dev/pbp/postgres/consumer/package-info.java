/** A durable consumer of the change feed: its cursor is stored in the transaction of its own writes. */
@NullMarked
package dev.pbp.postgres.consumer;

import org.jspecify.annotations.NullMarked;
