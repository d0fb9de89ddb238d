/**
 * Listens to any number of PostgreSQL NOTIFY channels over one connection, and tells when something may have been lost.
 *
 * <p>Start at {@link dev.pbp.notify.NotificationHub}.
 */
@NullMarked
package dev.pbp.notify;

import org.jspecify.annotations.NullMarked;
