package dev.pbp.push;

import dev.pbp.push.connection.PushExchange;
import dev.pbp.push.connection.Transport;
import dev.pbp.push.http.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What every request to subscribe contains.
 *
 * @param transport how messages reach the client
 * @param maxWait how long a long poll waits
 * @param cursor where to resume; null to begin at the present
 */
record PushRequest(
        Transport transport, Duration maxWait, @Nullable Given cursor) {
    /** The names of the parameters that it reads. */
    static final Set<String> PARAMETERS = Set.of("wait", "cursor");

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");
    private static final String LAST_EVENT_ID = "Last-Event-ID";
    private static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    /**
     * A value and its source.
     *
     * @param name the header's or parameter's name
     * @param value its value
     */
    record Given(String name, String value) {}

    /**
     * Parses a request.
     *
     * @throws Problem if it is not a valid request to subscribe
     */
    static PushRequest of(PushExchange exchange) {
        if (!exchange.method().equals("GET")) {
            throw Problem.notAllowed(exchange.method(), "GET");
        }
        Transport transport = Transport.of(exchange);
        return new PushRequest(transport, maxWait(parameter(exchange, "wait")), cursor(exchange, transport));
    }

    private static @Nullable Given cursor(PushExchange exchange, Transport transport) {
        List<String> last = exchange.headers(LAST_EVENT_ID);
        if (!last.isEmpty() && transport == Transport.EVENT_STREAM) {
            return new Given(LAST_EVENT_ID, last.get(0));
        }
        String cursor = parameter(exchange, "cursor");
        return cursor == null ? null : new Given("cursor", cursor);
    }

    /** Ends up to a sixth early, so that thousands that began together do not return together. */
    static Duration maxWait(@Nullable String text) {
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

    private static @Nullable String parameter(PushExchange exchange, String name) {
        List<String> values = exchange.parameters(name);
        if (values.size() > 1) {
            throw Problem.badField(name, "given more than once");
        }
        return values.isEmpty() ? null : values.get(0);
    }
}
