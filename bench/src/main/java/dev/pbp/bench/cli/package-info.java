/** The command line tool as a whole process. */
@NullMarked
package dev.pbp.bench.cli;

import org.jspecify.annotations.NullMarked;
