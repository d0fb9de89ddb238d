/** Where the process starts, and what holds for all commands: options, errors, {@code --print-config}. */
@NullMarked
package dev.pbp.cli;

import org.jspecify.annotations.NullMarked;
