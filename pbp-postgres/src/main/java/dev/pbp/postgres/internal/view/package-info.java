/** Views of tables: which rows meet their conditions, and what their changes look like. */
@NullMarked
package dev.pbp.postgres.internal.view;

import org.jspecify.annotations.NullMarked;
