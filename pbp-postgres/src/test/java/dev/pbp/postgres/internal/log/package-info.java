@NullMarked
package dev.pbp.postgres.internal.log;

import org.jspecify.annotations.NullMarked;
