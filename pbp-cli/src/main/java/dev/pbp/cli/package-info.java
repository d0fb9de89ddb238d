/** The command line tool: one class a command, and what they share. */
@NullMarked
package dev.pbp.cli;

import org.jspecify.annotations.NullMarked;
