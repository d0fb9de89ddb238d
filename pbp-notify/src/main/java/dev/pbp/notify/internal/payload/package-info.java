/** The forms in which payloads travel. */
@NullMarked
package dev.pbp.notify.internal.payload;

import org.jspecify.annotations.NullMarked;
