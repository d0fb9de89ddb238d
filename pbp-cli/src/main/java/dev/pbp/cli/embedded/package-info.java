/** The embedded PostgreSQL: its programs, its data directory, and who starts and stops it. */
@NullMarked
package dev.pbp.cli.embedded;

import org.jspecify.annotations.NullMarked;
