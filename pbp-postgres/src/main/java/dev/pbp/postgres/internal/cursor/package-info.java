/** Positions in the change log, and their signed form, the cursor. */
@NullMarked
package dev.pbp.postgres.internal.cursor;

import org.jspecify.annotations.NullMarked;
