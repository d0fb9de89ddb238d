/** The page and its replica in a headless browser. */
@NullMarked
package dev.pbp.bench.replica;

import org.jspecify.annotations.NullMarked;
