/** The hub's connection: opening it, checking it, and receiving from it. */
@NullMarked
package dev.pbp.notify.internal.connection;

import org.jspecify.annotations.NullMarked;
