/**
 * The conformance suite for push over HTTP, {@link dev.pbp.testing.push.PushConformance}, and clients for tests. The suite sees a
 * server by its port alone, so that each server's adapter can run it.
 */
@NullMarked
package dev.pbp.testing.push;

import org.jspecify.annotations.NullMarked;
