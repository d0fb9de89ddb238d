/** What the benchmarks share: their interface, figures, processes and tables. */
@NullMarked
package dev.pbp.bench.harness;

import org.jspecify.annotations.NullMarked;
