/**
 * Listens to any number of PostgreSQL NOTIFY channels over one connection, and reports possible loss as gaps.
 *
 * <p>Start at {@link dev.pbp.notify.NotificationHub}.
 */
@NullMarked
package dev.pbp.notify;

import org.jspecify.annotations.NullMarked;
