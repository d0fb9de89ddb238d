/** A live table of one's own: one SQL file and one class. */
@NullMarked
package dev.pbp.examples.shop;

import org.jspecify.annotations.NullMarked;
