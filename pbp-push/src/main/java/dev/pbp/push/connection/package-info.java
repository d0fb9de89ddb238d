/** The connection to a client, by any transport: what a server's adapter implements, and the text that each transport sends. */
@NullMarked
package dev.pbp.push.connection;

import org.jspecify.annotations.NullMarked;
