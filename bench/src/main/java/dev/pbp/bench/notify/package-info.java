/** Notifications: how fast they are received and published, beside peers, and what it costs to listen. */
@NullMarked
package dev.pbp.bench.notify;

import org.jspecify.annotations.NullMarked;
