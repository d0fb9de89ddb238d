/** Small programs to copy from. */
@NullMarked
package dev.pbp.examples;

import org.jspecify.annotations.NullMarked;
