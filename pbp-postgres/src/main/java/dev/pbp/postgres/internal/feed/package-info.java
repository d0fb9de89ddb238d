/** The change feed's polling, its buffer of recent changes, and its subscribers. */
@NullMarked
package dev.pbp.postgres.internal.feed;

import org.jspecify.annotations.NullMarked;
