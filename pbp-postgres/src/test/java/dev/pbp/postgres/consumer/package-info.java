@NullMarked
package dev.pbp.postgres.consumer;

import org.jspecify.annotations.NullMarked;
