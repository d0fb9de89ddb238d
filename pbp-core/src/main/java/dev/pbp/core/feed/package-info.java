/** The change feed's types: what a change is, where in the feed a reader stands, and how to read on from there. */
@NullMarked
package dev.pbp.core.feed;

import org.jspecify.annotations.NullMarked;
