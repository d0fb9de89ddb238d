/**
 * The site over HTTP: REST, long poll, Server-Sent Events and the page. An adapter: it parses, calls the interfaces of
 * {@code dev.pbp.core}, and writes.
 */
@NullMarked
package dev.pbp.web;

import org.jspecify.annotations.NullMarked;
