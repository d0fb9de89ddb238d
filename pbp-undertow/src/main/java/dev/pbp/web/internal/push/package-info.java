/** Adapts pbp-push to Undertow: here event streams, WebSocket frames and long polls are written. */
@NullMarked
package dev.pbp.web.internal.push;

import org.jspecify.annotations.NullMarked;
