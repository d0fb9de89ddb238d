/** Measurements beside peers, as ratios within one run. */
@NullMarked
package dev.pbp.bench;

import org.jspecify.annotations.NullMarked;
