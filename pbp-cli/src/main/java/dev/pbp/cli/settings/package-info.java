/** What the user has set, where, and what follows from it: options, environment, addresses and passwords. */
@NullMarked
package dev.pbp.cli.settings;

import org.jspecify.annotations.NullMarked;
