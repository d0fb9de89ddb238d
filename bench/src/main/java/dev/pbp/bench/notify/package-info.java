/** The ways of listening and publishing that are compared, each run in a process of its own. */
@NullMarked
package dev.pbp.bench.notify;

import org.jspecify.annotations.NullMarked;
