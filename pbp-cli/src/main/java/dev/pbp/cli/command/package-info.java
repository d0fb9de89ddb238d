/** The commands, one class each, and what serves one of them alone. */
@NullMarked
package dev.pbp.cli.command;

import org.jspecify.annotations.NullMarked;
