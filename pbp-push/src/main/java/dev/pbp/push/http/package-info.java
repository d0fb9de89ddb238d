/** What responses and requests have in common: errors, JSON and the header {@code Accept}. */
@NullMarked
package dev.pbp.push.http;

import org.jspecify.annotations.NullMarked;
