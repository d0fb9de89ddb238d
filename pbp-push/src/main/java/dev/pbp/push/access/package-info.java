/** Admission of clients: authorization, limits, and numbers. */
@NullMarked
package dev.pbp.push.access;

import org.jspecify.annotations.NullMarked;
