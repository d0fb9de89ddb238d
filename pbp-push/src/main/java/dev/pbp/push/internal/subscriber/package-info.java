/** Clients that subscribe: their next message, heartbeats and back-pressure; the encoding of batches; the history of channels. */
@NullMarked
package dev.pbp.push.internal.subscriber;

import org.jspecify.annotations.NullMarked;
