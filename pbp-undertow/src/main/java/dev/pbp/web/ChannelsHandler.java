package dev.pbp.web;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;
import java.time.Duration;
import java.util.Deque;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/_channels}: raw NOTIFY channels out of the list of those that are shown; {@link #NAMES} is that list. */
final class ChannelsHandler implements HttpHandler {
    static final String PATH = "/api/_channels";
    static final String NAMES = PATH + "/names";

    private static final int MOST_CHANNELS = 100;

    private final ChannelHistory history;
    private final TimerWheel timers;
    private final SubscriptionGate gate;

    ChannelsHandler(ChannelHistory history, TimerWheel timers, SubscriptionGate gate) {
        this.history = history;
        this.timers = timers;
        this.gate = gate;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        try {
            if (exchange.getRequestPath().equals(NAMES)) {
                sendNames(exchange);
                return;
            }
            PushRequest request = PushRequest.of(exchange);
            Set<String> channels = channels(exchange.getQueryParameters().get("channel"));
            ChannelCursor from = place(request);
            Duration patience = request.patience();
            gate.open(
                    exchange,
                    request.transport(),
                    connection -> new ChannelSubscriber(connection, timers, history, from, channels).start(patience));
        } catch (RuntimeException e) {
            Problem.of(e).send(exchange);
        }
    }

    private void sendNames(HttpServerExchange exchange) {
        if (!exchange.getRequestMethod().equalToString("GET")) {
            throw Responses.notAllowed(exchange, "GET");
        }
        String names = history.names().stream().sorted().map(Json::quote).collect(Collectors.joining(",", "[", "]"));
        Responses.send(exchange, "application/json", names);
    }

    private Set<String> channels(@Nullable Deque<String> names) {
        if (names == null) {
            throw Problem.badField("channel", "missing; name at least one channel to follow");
        }
        if (names.size() > MOST_CHANNELS) {
            throw Problem.badField("channel", "expected at most " + MOST_CHANNELS + ", got " + names.size());
        }
        for (String name : names) {
            if (!history.names().contains(name)) {
                throw new Problem(StatusCodes.FORBIDDEN, "channel: \"" + name + "\" is not shown here")
                        .with("field", "channel");
            }
        }
        return Set.copyOf(names);
    }

    private ChannelCursor place(PushRequest request) {
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
