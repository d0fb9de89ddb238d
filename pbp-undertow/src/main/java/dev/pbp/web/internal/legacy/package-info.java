/** The protocol of the older client, {@code /api/_listen}. To remove it, delete this package and its line in {@code Site}. */
@NullMarked
package dev.pbp.web.internal.legacy;

import org.jspecify.annotations.NullMarked;
