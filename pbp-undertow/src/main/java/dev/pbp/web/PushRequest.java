package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What every request to follow something says.
 *
 * @param transport the way to the client
 * @param patience how long a long poll waits
 * @param cursor where it goes on from; null if from now on
 */
record PushRequest(
        Transport transport, Duration patience, @Nullable Given cursor) {
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");
    private static final HttpString LAST_EVENT_ID = new HttpString("Last-Event-ID");
    private static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    /**
     * A value and where it stood.
     *
     * @param name the header's or parameter's name
     * @param value what it says
     */
    record Given(String name, String value) {}

    /**
     * Reads it.
     *
     * @throws Problem if it is not a request to follow something
     */
    static PushRequest of(HttpServerExchange exchange) {
        if (!exchange.getRequestMethod().equalToString("GET")) {
            throw Responses.notAllowed(exchange, "GET");
        }
        Transport transport = Transport.of(exchange);
        return new PushRequest(transport, patience(parameter(exchange, "wait")), cursor(exchange, transport));
    }

    private static @Nullable Given cursor(HttpServerExchange exchange, Transport transport) {
        String last = exchange.getRequestHeaders().getFirst(LAST_EVENT_ID);
        if (last != null && transport == Transport.EVENT_STREAM) {
            return new Given("Last-Event-ID", last);
        }
        String cursor = parameter(exchange, "cursor");
        return cursor == null ? null : new Given("cursor", cursor);
    }

    /** Ends up to a sixth early, so that thousands who began together do not return together. */
    static Duration patience(@Nullable String text) {
        Duration wait = DEFAULT_WAIT;
        if (text != null) {
            if (!SECONDS.matcher(text).matches()) {
                throw Problem.badField("wait", "expected seconds, got \"" + text + "\"");
            }
            wait = Duration.ofMillis((long) (Double.parseDouble(text) * 1000));
            if (wait.compareTo(LONGEST_WAIT) > 0) {
                throw Problem.badField("wait", "expected 0 to " + LONGEST_WAIT.toSeconds() + " seconds, got " + text);
            }
        }
        return Duration.ofMillis(wait.toMillis() - ThreadLocalRandom.current().nextLong(wait.toMillis() / 6 + 1));
    }

    private static @Nullable String parameter(HttpServerExchange exchange, String name) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        if (values == null) {
            return null;
        }
        if (values.size() > 1) {
            throw Problem.badField(name, "given more than once");
        }
        return values.getFirst();
    }
}
