/** The process's inputs, outputs, signals and exit status, and how text is written to them. */
@NullMarked
package dev.pbp.cli.terminal;

import org.jspecify.annotations.NullMarked;
