/** Raw NOTIFY channels: what is sent is told once to those who listen at that moment, and kept nowhere. */
@NullMarked
package dev.pbp.core.channel;

import org.jspecify.annotations.NullMarked;
