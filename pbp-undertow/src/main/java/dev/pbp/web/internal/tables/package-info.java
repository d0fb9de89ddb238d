/** Tables over REST. */
@NullMarked
package dev.pbp.web.internal.tables;

import org.jspecify.annotations.NullMarked;
