/** Timers for any number of clients, and the detection of dead connections. */
@NullMarked
package dev.pbp.push.timer;

import org.jspecify.annotations.NullMarked;
