/** Who may subscribe: authorization, the limits on clients, and their numbers. */
@NullMarked
package dev.pbp.push.access;

import org.jspecify.annotations.NullMarked;
