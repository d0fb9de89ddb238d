/** Uses the library from outside its package, as somebody does who embeds it. */
@NullMarked
package dev.pbp.embedding;

import org.jspecify.annotations.NullMarked;
