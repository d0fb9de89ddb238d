@NullMarked
package dev.pbp.postgres;

import org.jspecify.annotations.NullMarked;
