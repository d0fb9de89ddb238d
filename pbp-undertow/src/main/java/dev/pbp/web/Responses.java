package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xnio.IoUtils;

/** What all handlers do alike when they answer. */
final class Responses {
    private static final Pattern WEIGHT = Pattern.compile("[qQ]\\s*=\\s*([01](?:\\.[0-9]{0,3})?)");

    private Responses() {}

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
        send(exchange, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
    }

    /** Sends a body; what is still to come of the request is read then, and left. */
    static void send(HttpServerExchange exchange, ByteBuffer body) {
        exchange.setResponseContentLength(body.remaining());
        exchange.getResponseSender().send(body, RequestDrainer.INSTANCE);
    }

    /**
     * Closes the connection, on its I/O thread. It is not to be kept for another request: else Undertow, at the end of this one,
     * would begin its timer for idle connections, which holds in memory for a minute what has been closed.
     */
    static void cutOff(HttpServerExchange exchange) {
        exchange.setPersistent(false);
        IoUtils.safeClose(exchange.getConnection());
    }

    /**
     * Checks that the request only reads.
     *
     * @throws Problem if not
     */
    static void requireReads(HttpServerExchange exchange) {
        String method = exchange.getRequestMethod().toString();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw notAllowed(exchange, "GET, HEAD");
        }
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
        if (Arrays.stream(types).allMatch(type -> quality(exchange, type) == 0)) {
            throw new Problem(StatusCodes.NOT_ACCEPTABLE, "Accept: this answer is " + String.join(" or ", types));
        }
    }

    /** How much the client wants a type: 0, if it does not take it, to 1. What is said about it most exactly counts. */
    static double quality(HttpServerExchange exchange, String type) {
        HeaderValues accepts = exchange.getRequestHeaders().get(Headers.ACCEPT);
        if (accepts == null) {
            return 1;
        }
        List<String> ranges = List.of("*/*", type.replaceAll("/.*", "/*"), type);
        int most = -1;
        double quality = 0;
        for (String each : String.join(",", accepts).split(",")) {
            String[] parts = each.split(";");
            int exactness = ranges.indexOf(parts[0].strip().toLowerCase(Locale.ROOT));
            if (exactness > most) {
                most = exactness;
                quality = weight(parts);
            }
        }
        return quality;
    }

    private static double weight(String[] parts) {
        for (String parameter : parts) {
            Matcher weight = WEIGHT.matcher(parameter.strip());
            if (weight.matches()) {
                return Double.parseDouble(weight.group(1));
            }
        }
        return 1;
    }
}
