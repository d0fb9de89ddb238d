/** The hello-world site: {@code testtype} over REST, and the page with its rows. To remove it, delete this package and its line in {@code Site}. */
@NullMarked
package dev.pbp.web.internal.hello;

import org.jspecify.annotations.NullMarked;
