/** PostgreSQL's LISTEN and NOTIFY for any number of channels over one connection, with nothing lost silently. */
@NullMarked
package dev.pbp.notify;

import org.jspecify.annotations.NullMarked;
