/** The example's model and the repository interface through which it is read and written. */
@NullMarked
package dev.pbp.core.model;

import org.jspecify.annotations.NullMarked;
