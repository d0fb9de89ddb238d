package dev.pbp.push.access;

import dev.pbp.core.feed.FeedException;
import dev.pbp.core.model.Principal;
import dev.pbp.push.connection.ClientConnection;
import dev.pbp.push.connection.PushExchange;
import dev.pbp.push.connection.Transport;
import dev.pbp.push.http.Problem;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Admits clients that want to subscribe: checks what may be pushed to them, and whether there is room. Safe for use by any number
 * of threads.
 */
public final class SubscriptionGate {
    private final ClientLimiter limiter;
    private final PushStatistics statistics;
    private final @Nullable PushAuthorizer authorizer;

    /**
     * Keeps its parts.
     *
     * @param limiter limits the number of clients
     * @param statistics counts what is sent
     * @param authorizer null if everything may be pushed to every client
     */
    public SubscriptionGate(ClientLimiter limiter, PushStatistics statistics, @Nullable PushAuthorizer authorizer) {
        this.limiter = limiter;
        this.statistics = statistics;
        this.authorizer = authorizer;
    }

    /**
     * The numbers of what is sent.
     *
     * @return numbers that go on counting
     */
    public PushStatistics statistics() {
        return statistics;
    }

    /**
     * Goes on with a request if what it asks for may be pushed, else sends an error response.
     *
     * @param exchange the request
     * @param tables the tables that it asks for
     * @param then runs at once, or where the request is resumed; if it throws, the response is an error
     */
    public void authorize(PushExchange exchange, Set<String> tables, Runnable then) {
        PushAuthorizer known = authorizer;
        if (known == null) {
            run(exchange, then);
            return;
        }
        exchange.suspend(() -> known.check(
                tables,
                exchange.principal().role(),
                refusal -> exchange.resume(() -> {
                    if (refusal != null) {
                        exchange.fail(refusal);
                    } else {
                        run(exchange, then);
                    }
                })));
    }

    private static void run(PushExchange exchange, Runnable then) {
        try {
            then.run();
        } catch (RuntimeException e) {
            exchange.fail(e);
        }
    }

    /**
     * Admits a client and opens the connection to it.
     *
     * @param exchange the request
     * @param transport the transport that it asks for
     * @param subscribe receives the connection
     * @throws Problem 429 if there is no room, or 400 if the request is not what the transport needs
     */
    public void open(PushExchange exchange, Transport transport, Consumer<ClientConnection> subscribe) {
        ClientLimiter.Admission admission = limiter.admit(exchange.address(), transport);
        try {
            exchange.onComplete(transport, admission::close); // also if no connection comes of it
            exchange.open(transport, connection -> {
                connection.onClose(admission::close);
                subscribe.accept(connection);
            });
        } catch (RuntimeException e) {
            admission.close();
            throw e;
        }
    }

    /**
     * Admits a client until its response is sent, without opening a connection.
     *
     * @param exchange the request
     * @param transport how it waits
     * @throws Problem 429 if there is no room
     */
    public void admit(PushExchange exchange, Transport transport) {
        exchange.onComplete(transport, limiter.admit(exchange.address(), transport)::close);
    }

    /**
     * Counts a response that no {@link ClientConnection} sent.
     *
     * @param transport how the client waited
     * @param bytes the size of the message
     */
    public void countSent(Transport transport, long bytes) {
        statistics.sent(transport, bytes);
    }

    /**
     * Checks that a message may still be pushed.
     *
     * @param tables the tables that the client subscribes to
     * @param principal the client to the database
     * @param hasChanges whether the message has changes; one without is sent also while the database is unavailable
     * @param then receives null if it may, else the reason against it
     */
    public void recheck(
            Set<String> tables, Principal principal, boolean hasChanges, Consumer<@Nullable Throwable> then) {
        PushAuthorizer known = authorizer;
        if (known == null) {
            then.accept(null);
            return;
        }
        try {
            if (hasChanges) {
                known.checkChanges(tables, principal.role(), then);
            } else {
                known.check(
                        tables,
                        principal.role(),
                        refusal -> then.accept(refusal instanceof FeedException ? null : refusal));
            }
        } catch (RejectedExecutionException closed) {
            then.accept(closed);
        }
    }
}
