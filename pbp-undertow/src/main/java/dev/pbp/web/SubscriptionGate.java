package dev.pbp.web;

import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.Filter;
import io.undertow.server.Connectors;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Through which all come who wait: it looks at their rights, and whether there is room, and counts what they are sent. */
final class SubscriptionGate {
    private final ClientLimiter limiter;
    private final PushStatistics statistics;
    private final @Nullable PushAuthorizer rights;

    SubscriptionGate(ClientLimiter limiter, PushStatistics statistics, @Nullable PushAuthorizer rights) {
        this.limiter = limiter;
        this.statistics = statistics;
        this.rights = rights;
    }

    /**
     * Goes on with a request if what it asks for may be pushed, else answers.
     *
     * @param then on the I/O thread, as a handler
     */
    void allow(HttpServerExchange exchange, Filter filter, HttpHandler then) {
        PushAuthorizer known = rights;
        if (known == null) {
            handle(exchange, then);
            return;
        }
        exchange.dispatch(
                SameThreadExecutor.INSTANCE,
                () -> known.check(
                        filter,
                        Identity.roleOf(exchange),
                        refusal -> onIoThread(exchange, again -> {
                            if (refusal != null) {
                                Problem.of(refusal).send(again);
                            } else {
                                handle(again, then);
                            }
                        })));
    }

    private static void onIoThread(HttpServerExchange exchange, HttpHandler handler) {
        exchange.getIoThread().execute(() -> Connectors.executeRootHandler(handler, exchange));
    }

    private static void handle(HttpServerExchange exchange, HttpHandler then) {
        try {
            then.handleRequest(exchange);
        } catch (Exception e) {
            Problem.of(e).send(exchange);
        }
    }

    /**
     * Lets a client in.
     *
     * @param follow gets the way to it, on the I/O thread
     * @throws Problem 429 if there is no room
     */
    void open(HttpServerExchange exchange, Transport transport, Consumer<ClientConnection> follow) {
        Way way = way(transport);
        ClientLimiter.Admission place = limiter.admit(exchange, way);
        try {
            if (transport == Transport.WEBSOCKET) {
                exchange.getConnection().addCloseListener(closed -> place.close()); // also if nothing comes of it
            } else {
                release(exchange, place);
            }
            transport.open(exchange, connection -> {
                connection.whenGone(place::close);
                follow.accept(new CountedConnection(connection, statistics, way));
            });
        } catch (RuntimeException e) {
            place.close();
            throw e;
        }
    }

    /**
     * Lets a client of the older protocol in, until its answer is sent.
     *
     * @throws Problem 429 if there is no room
     */
    void admitListener(HttpServerExchange exchange) {
        release(exchange, limiter.admit(exchange, Way.LISTEN));
    }

    private static void release(HttpServerExchange exchange, ClientLimiter.Admission place) {
        exchange.addExchangeCompleteListener((ended, next) -> {
            place.close();
            next.proceed();
        });
    }

    void countAnswer(long bytes) {
        statistics.sent(Way.LISTEN, bytes);
    }

    /**
     * Looks whether what is to be sent may still be pushed.
     *
     * @param tells whether it tells of a change; what does not is sent also while the database cannot be asked
     * @param then gets null if it may, else the reason against it
     */
    void check(Filter filter, @Nullable String role, boolean tells, Consumer<@Nullable Throwable> then) {
        PushAuthorizer known = rights;
        if (known == null) {
            then.accept(null);
            return;
        }
        try {
            known.check(
                    filter,
                    role,
                    refusal -> then.accept(tells || !(refusal instanceof FeedException) ? refusal : null));
        } catch (RejectedExecutionException closed) {
            then.accept(closed);
        }
    }

    private static Way way(Transport transport) {
        return switch (transport) {
            case LONG_POLL -> Way.LONGPOLL;
            case EVENT_STREAM -> Way.SSE;
            case WEBSOCKET -> Way.WEBSOCKET;
        };
    }
}
