package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.util.Locale;

/** What all handlers do alike when they answer. */
final class Answers {
    private Answers() {}

    /** Runs on a worker thread, and answers with a problem whatever is thrown. */
    static void onWorker(HttpServerExchange exchange, Runnable answer) {
        exchange.dispatch(() -> {
            try {
                answer.run();
            } catch (RuntimeException e) {
                Problem.of(e).send(exchange);
            }
        });
    }

    /** Sends a body that nobody may keep: it is out of date at once. */
    static void send(HttpServerExchange exchange, String type, String body) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send(body);
    }

    static Problem notAllowed(HttpServerExchange exchange, String allowed) {
        exchange.getResponseHeaders().put(Headers.ALLOW, allowed);
        return new Problem(
                StatusCodes.METHOD_NOT_ALLOWED, exchange.getRequestMethod() + ": not here; allowed are " + allowed);
    }

    /**
     * Checks that the client takes one of the types.
     *
     * @throws Problem if not
     */
    static void requireAccepts(HttpServerExchange exchange, String... types) {
        var accepts = exchange.getRequestHeaders().get(Headers.ACCEPT);
        if (accepts == null) {
            return;
        }
        for (String header : accepts) {
            for (String range : header.split(",")) {
                String name = range.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
                for (String type : types) {
                    if (name.equals("*/*") || name.equals(type) || name.equals(type.replaceAll("/.*", "/*"))) {
                        return;
                    }
                }
            }
        }
        throw new Problem(StatusCodes.NOT_ACCEPTABLE, "Accept: this answer is " + String.join(" or ", types));
    }
}
