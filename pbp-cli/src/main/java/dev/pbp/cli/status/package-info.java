/** The state of the feed, its listeners and the queue, as one connection sees it. */
@NullMarked
package dev.pbp.cli.status;

import org.jspecify.annotations.NullMarked;
