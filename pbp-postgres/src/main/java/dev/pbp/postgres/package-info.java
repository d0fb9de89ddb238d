/** The change feed and the repositories over JDBC, and the schema's installer. */
@NullMarked
package dev.pbp.postgres;

import org.jspecify.annotations.NullMarked;
