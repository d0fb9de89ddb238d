/** The hello-world page, with the rows of {@code testtype}. To remove it, delete this package and its line in {@code Site}. */
@NullMarked
package dev.pbp.web.internal.hello;

import org.jspecify.annotations.NullMarked;
