/** Views that are followed, and reads of whole tables. */
@NullMarked
package dev.pbp.bench.views;

import org.jspecify.annotations.NullMarked;
