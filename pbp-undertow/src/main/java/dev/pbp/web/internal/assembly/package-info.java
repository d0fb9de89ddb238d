/** What the parts of a site share and add while it is put together. */
@NullMarked
package dev.pbp.web.internal.assembly;

import org.jspecify.annotations.NullMarked;
