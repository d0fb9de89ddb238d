/** Waiting browsers: how many the server holds, what they cost, how soon they have a change. */
@NullMarked
package dev.pbp.bench.push;

import org.jspecify.annotations.NullMarked;
