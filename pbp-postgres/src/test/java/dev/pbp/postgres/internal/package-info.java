@NullMarked
package dev.pbp.postgres.internal;

import org.jspecify.annotations.NullMarked;
