/** What modules of pbp share and users do not need. */
@NullMarked
package dev.pbp.core.internal;

import org.jspecify.annotations.NullMarked;
