package dev.pbp.web;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedClock;
import dev.pbp.core.feed.Filter;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.SameThreadExecutor;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** {@code POST /api/_listen}: the older long-poll protocol. Waiting holds no thread. */
final class ListenHandler implements HttpHandler {
    static final String PATH = "/api/_listen";

    /** The older page parses the text itself, which its library would have done already on seeing a JSON type. */
    private static final String TYPE = "text/plain; charset=utf-8";

    private static final Duration WAIT = Duration.ofSeconds(30);
    /** By so much longer some wait, so that thousands who were told the same do not return together. */
    private static final Duration SPREAD = Duration.ofSeconds(3);

    /**
     * What a client without a time has seen on this connection. It reads the table first, and has no time either after an
     * empty answer; beginning here, and not at the present, it misses nothing in between.
     */
    private static final AttachmentKey<Set<Cursor>> SEEN = AttachmentKey.create(Set.class);

    private final ChangeSubscriber.Source source;
    private final FeedTimes times;
    private final Set<String> tables;
    private final RequestBodyReader bodies;
    private final int mostTerms;

    ListenHandler(
            ChangeSubscriber.Source source,
            FeedClock clock,
            Set<String> tables,
            RequestBodyReader bodies,
            int mostTerms) {
        this.source = source;
        this.times = new FeedTimes(clock, Clock.systemUTC());
        this.tables = tables;
        this.bodies = bodies;
        this.mostTerms = mostTerms;
    }

    /** Remembers that the client has read a table. */
    static void read(HttpServerExchange exchange, Cursor cursor) {
        exchange.getConnection().putAttachment(SEEN, Set.of(cursor));
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        if (!exchange.getRequestMethod().equalToString("POST")) {
            Responses.notAllowed(exchange, "POST").send(exchange);
            return;
        }
        bodies.forWaiting(exchange, (read, body) -> {
            try {
                List<ListenSubscription> subscriptions = ListenSubscription.parse(body, tables, mostTerms);
                source.gate().allow(read, ListenSubscription.all(subscriptions), allowed -> {
                    source.gate().admitListener(allowed);
                    listen(allowed, subscriptions);
                });
            } catch (RuntimeException e) {
                Problem.of(e).send(read);
            }
        });
    }

    private void listen(HttpServerExchange exchange, List<ListenSubscription> subscriptions) {
        @Nullable Set<Cursor> seen = exchange.getConnection().getAttachment(SEEN);
        ListenRequest request = new ListenRequest(source.feed(), times);
        Filter all = ListenSubscription.all(subscriptions);
        String role = Identity.roleOf(exchange);
        request.start(subscriptions, seen == null ? Set.of(source.feed().position()) : seen);
        long spread = ThreadLocalRandom.current().nextLong(SPREAD.toMillis());
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
            DisconnectDetector.begin(exchange);
            source.timers().set(request, WAIT.plusMillis(spread));
            exchange.addExchangeCompleteListener((ended, next) -> {
                source.timers().remove(request);
                request.cancel();
                next.proceed();
            });
            request.answer().whenComplete((answer, failure) -> {
                if (answer == null) {
                    onIoThread(exchange, null, failure);
                } else {
                    source.gate().check(all, role, !answer.isEmpty(), refusal -> onIoThread(exchange, answer, refusal));
                }
            });
        });
    }

    private void onIoThread(
            HttpServerExchange exchange, ListenRequest.@Nullable Answer answer, @Nullable Throwable failure) {
        exchange.getIoThread().execute(() -> answer(exchange, answer, failure));
    }

    private void answer(
            HttpServerExchange exchange, ListenRequest.@Nullable Answer answer, @Nullable Throwable failure) {
        if (exchange.isResponseStarted() || failure instanceof CancellationException) {
            return; // the client is gone
        }
        if (answer == null || failure != null) {
            Problem.of(failure == null ? new IllegalStateException("neither answer nor failure") : failure)
                    .send(exchange);
            return;
        }
        if (answer.isEmpty() && answer.reached().size() == 1) { // else what it saw before does as well
            exchange.getConnection().putAttachment(SEEN, answer.reached());
        }
        ResponseTimeout.over(exchange, source.timers());
        source.gate().countAnswer(answer.json().length());
        Responses.send(exchange, TYPE, answer.json());
    }
}
