package dev.pbp.push;

import dev.pbp.push.access.SubscriptionGate;
import dev.pbp.push.connection.PushExchange;
import dev.pbp.push.http.Json;
import dev.pbp.push.http.Problem;
import dev.pbp.push.internal.subscriber.ChannelCursor;
import dev.pbp.push.internal.subscriber.ChannelHistory;
import dev.pbp.push.internal.subscriber.ChannelSubscriber;
import dev.pbp.push.timer.TimerWheel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/_channels}: the notifications of channels, by any transport; and {@code /api/_channels/names}, the channels that
 * are offered. Safe for use by any number of threads.
 */
public final class ChannelsEndpoint {
    /** The path of the notifications. */
    public static final String PATH = "/api/_channels";

    /** The path of the channels' names. */
    public static final String NAMES_PATH = PATH + "/names";

    private static final int MAX_CHANNELS = 100;

    private final ChannelHistory history;
    private final TimerWheel timers;
    private final SubscriptionGate gate;

    ChannelsEndpoint(ChannelHistory history, TimerWheel timers, SubscriptionGate gate) {
        this.history = history;
        this.timers = timers;
        this.gate = gate;
    }

    /**
     * Handles a request to subscribe.
     *
     * @param exchange the request; its response is sent, or its connection opened, now or later
     */
    public void handle(PushExchange exchange) {
        try {
            PushRequest request = PushRequest.of(exchange);
            Set<String> channels = channels(exchange);
            ChannelCursor from = cursor(request);
            Duration wait = request.maxWait();
            Supplier<@Nullable Problem> revocation = exchange.revocation();
            gate.open(
                    exchange,
                    request.transport(),
                    connection -> new ChannelSubscriber(
                                    connection, timers, gate.statistics(), history, from, channels, revocation)
                            .start(wait));
        } catch (RuntimeException e) {
            exchange.fail(e);
        }
    }

    /**
     * Handles a request for the channels' names.
     *
     * @param exchange the request
     */
    public void handleNames(PushExchange exchange) {
        if (!exchange.method().equals("GET")) {
            exchange.fail(Problem.notAllowed(exchange.method(), "GET"));
            return;
        }
        exchange.respond(
                "application/json",
                history.names().stream()
                        .filter(exchange::mayListen)
                        .sorted()
                        .map(Json::quote)
                        .collect(Collectors.joining(",", "[", "]")));
    }

    private Set<String> channels(PushExchange exchange) {
        List<String> names = exchange.parameters("channel");
        if (names.isEmpty()) {
            throw Problem.badField("channel", "missing; name at least one channel to follow");
        }
        if (names.size() > MAX_CHANNELS) {
            throw Problem.badField("channel", "expected at most " + MAX_CHANNELS + ", got " + names.size());
        }
        for (String name : names) {
            if (!history.names().contains(name) || !exchange.mayListen(name)) {
                throw new Problem(403, "channel: \"" + name + "\" is not shown here").with("field", "channel");
            }
        }
        return Set.copyOf(names);
    }

    private ChannelCursor cursor(PushRequest request) {
        PushRequest.Given given = request.cursor();
        if (given == null) {
            return history.now();
        }
        try {
            return ChannelCursor.parse(given.value());
        } catch (IllegalArgumentException e) {
            throw Problem.badField(given.name(), String.valueOf(e.getMessage()));
        }
    }
}
