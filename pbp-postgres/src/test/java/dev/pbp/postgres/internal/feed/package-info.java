@NullMarked
package dev.pbp.postgres.internal.feed;

import org.jspecify.annotations.NullMarked;
