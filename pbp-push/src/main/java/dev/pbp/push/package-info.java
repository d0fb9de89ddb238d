/** Pushes changes and notifications to clients, for any HTTP server: {@link dev.pbp.push.PushService} and its endpoints. */
@NullMarked
package dev.pbp.push;

import org.jspecify.annotations.NullMarked;
