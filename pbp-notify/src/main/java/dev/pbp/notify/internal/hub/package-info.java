/** The hub: its one thread, the channels that it listens to, and how what arrives reaches subscriptions. */
@NullMarked
package dev.pbp.notify.internal.hub;

import org.jspecify.annotations.NullMarked;
