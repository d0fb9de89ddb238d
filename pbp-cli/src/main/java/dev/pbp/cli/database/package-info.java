/** The PostgreSQL server that a command works on: connections, catalog, errors, tracked tables. */
@NullMarked
package dev.pbp.cli.database;

import org.jspecify.annotations.NullMarked;
