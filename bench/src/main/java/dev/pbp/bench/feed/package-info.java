/** The change log: what it costs writers, and how soon and how fast a reader has the changes. */
@NullMarked
package dev.pbp.bench.feed;

import org.jspecify.annotations.NullMarked;
