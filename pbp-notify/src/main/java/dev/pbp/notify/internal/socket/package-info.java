/**
 * What lies between the driver and the network: a socket whose reader can be woken, and a stream that takes
 * notifications out before the driver sees them.
 *
 * <p>Public only because the driver makes socket factories by name; the module exports it to the driver alone.
 */
@NullMarked
package dev.pbp.notify.internal.socket;

import org.jspecify.annotations.NullMarked;
