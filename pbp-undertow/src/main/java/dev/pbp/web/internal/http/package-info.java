/** Handlers and timeouts for all requests: responses, bodies, security, authentication, static files, health, access log and shutdown. */
@NullMarked
package dev.pbp.web.internal.http;

import org.jspecify.annotations.NullMarked;
