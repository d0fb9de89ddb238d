package dev.pbp.web;

import dev.pbp.core.feed.Cursor;
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

    private final ChangesFollowing.Source source;
    private final FeedTimes times;
    private final Set<String> tables;
    private final Bodies bodies;
    private final int mostTerms;

    ListenHandler(ChangesFollowing.Source source, Set<String> tables, Bodies bodies, int mostTerms) {
        this.source = source;
        this.times = new FeedTimes(source.feed(), Clock.systemUTC());
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
            Answers.notAllowed(exchange, "POST").send(exchange);
            return;
        }
        bodies.forWaiting(exchange, (read, body) -> {
            try {
                List<Subscription> subscriptions = Subscription.parse(body, tables, mostTerms);
                source.entrance().allow(read, Subscription.all(subscriptions), allowed -> {
                    source.entrance().admitListener(allowed);
                    listen(allowed, subscriptions);
                });
            } catch (RuntimeException e) {
                Problem.of(e).send(read);
            }
        });
    }

    private void listen(HttpServerExchange exchange, List<Subscription> subscriptions) {
        @Nullable Set<Cursor> seen = exchange.getConnection().getAttachment(SEEN);
        Listening listening = new Listening(source.feed(), times);
        Filter all = Subscription.all(subscriptions);
        String role = Identity.roleOf(exchange);
        listening.start(subscriptions, seen == null ? Set.of(source.feed().position()) : seen);
        long spread = ThreadLocalRandom.current().nextLong(SPREAD.toMillis());
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
            GoneWatch.begin(exchange);
            source.deadlines().set(listening, WAIT.plusMillis(spread));
            exchange.addExchangeCompleteListener((ended, next) -> {
                source.deadlines().remove(listening);
                listening.cancel();
                next.proceed();
            });
            listening.answer().whenComplete((answer, failure) -> {
                if (answer == null) {
                    onIoThread(exchange, null, failure);
                } else {
                    source.entrance()
                            .check(all, role, !answer.isEmpty(), refusal -> onIoThread(exchange, answer, refusal));
                }
            });
        });
    }

    private void onIoThread(
            HttpServerExchange exchange, Listening.@Nullable Answer answer, @Nullable Throwable failure) {
        exchange.getIoThread().execute(() -> answer(exchange, answer, failure));
    }

    private void answer(HttpServerExchange exchange, Listening.@Nullable Answer answer, @Nullable Throwable failure) {
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
        AnswerWatch.over(exchange, source.deadlines());
        source.entrance().countAnswer(answer.json().length());
        Answers.send(exchange, TYPE, answer.json());
    }
}
