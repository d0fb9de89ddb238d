/**
 * Random histories: many writers do what people do to tables, readers follow and are disturbed, and a checker that shares no
 * code with the product says whether what they were told is what happened.
 */
@NullMarked
package dev.pbp.postgres.history;

import org.jspecify.annotations.NullMarked;
