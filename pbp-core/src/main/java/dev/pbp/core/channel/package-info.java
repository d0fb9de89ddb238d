/** Raw NOTIFY channels: a notification is delivered once to each present listener, and kept nowhere. */
@NullMarked
package dev.pbp.core.channel;

import org.jspecify.annotations.NullMarked;
