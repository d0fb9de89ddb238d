package dev.pbp.web.internal.legacy;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.internal.FeedClock;
import dev.pbp.core.model.Principal;
import dev.pbp.push.access.SubscriptionGate;
import dev.pbp.push.connection.Transport;
import dev.pbp.push.http.Problem;
import dev.pbp.push.timer.TimerWheel;
import dev.pbp.web.internal.assembly.SiteAssembly;
import dev.pbp.web.internal.http.RequestBodyReader;
import dev.pbp.web.internal.http.RequestIdentity;
import dev.pbp.web.internal.http.ResponseTimeout;
import dev.pbp.web.internal.http.Responses;
import dev.pbp.web.internal.push.DisconnectDetector;
import dev.pbp.web.internal.push.UndertowExchange;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code POST /api/_listen}: the long poll of the older protocol. A request that waits holds no thread. */
final class ListenHandler implements HttpHandler {
    static final String PATH = "/api/_listen";

    /** The older page parses the text itself, which its library would have done already on seeing a JSON type. */
    private static final String TYPE = "text/plain; charset=utf-8";

    /** A request with as many subscriptions as one may have is far smaller. */
    private static final long MOST_BYTES = 64 << 10;

    private static final Duration WAIT = Duration.ofSeconds(30);

    /** Some wait longer by so much, so that thousands that received the same do not return together. */
    private static final Duration SPREAD = Duration.ofSeconds(3);

    /**
     * What a client without a time has seen on this connection. It reads the table first, and has no time either after an
     * empty response; beginning here, and not at the present, it misses nothing in between.
     */
    private static final AttachmentKey<Set<Cursor>> SEEN = AttachmentKey.create(Set.class);

    private final ChangeFeed feed;
    private final SubscriptionGate gate;
    private final TimerWheel timers;
    private final FeedTimes times;
    private final ForeignTimes foreignTimes;
    private final Predicate<String> tables;
    private final RequestBodyReader bodies;
    private final int maxTerms;

    ListenHandler(SiteAssembly site, FeedClock clock) {
        this.feed = site.push().feed();
        this.gate = site.push().gate();
        this.timers = site.push().timers();
        this.times = new FeedTimes(clock);
        this.foreignTimes = new ForeignTimes(clock);
        this.tables = site.tables();
        this.bodies = site.bodies();
        this.maxTerms = site.maxTerms();
    }

    /** Remembers that the client has read a table. */
    static void read(HttpServerExchange exchange, Cursor cursor) {
        exchange.getConnection().putAttachment(SEEN, Set.of(cursor));
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        if (!exchange.getRequestMethod().equalToString("POST")) {
            throw Problem.notAllowed(exchange.getRequestMethod().toString(), "POST");
        }
        bodies.forWaiting(exchange, MOST_BYTES, (read, body) -> {
            UndertowExchange request = new UndertowExchange(read);
            try {
                List<ListenSubscription> subscriptions = ListenSubscription.parse(body, tables, maxTerms);
                gate.authorize(request, ListenSubscription.all(subscriptions).tableNames(), () -> {
                    gate.admit(request, Transport.LISTEN);
                    listen(read, request, subscriptions);
                });
            } catch (RuntimeException e) {
                request.fail(e);
            }
        });
    }

    private void listen(HttpServerExchange exchange, UndertowExchange client, List<ListenSubscription> subscriptions) {
        ListenRequest request = new ListenRequest(feed, times, timers, RequestIdentity.revocation(exchange));
        subscriptions.forEach(each -> request.add(each, beginning(exchange, client, each)));
        Set<String> all = ListenSubscription.all(subscriptions).tableNames();
        Principal principal = RequestIdentity.principalOf(exchange);
        long spread = ThreadLocalRandom.current().nextLong(SPREAD.toMillis());
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
            DisconnectDetector.begin(exchange);
            exchange.addExchangeCompleteListener((ended, next) -> {
                request.cancel();
                next.proceed();
            });
            request.start(WAIT.plusMillis(spread));
            request.recheckAccess(); // since the request
            request.answer().whenComplete((answer, failure) -> {
                if (answer == null) {
                    onIoThread(exchange, null, failure);
                } else {
                    gate.recheck(all, principal, !answer.isEmpty(), refusal -> onIoThread(exchange, answer, refusal));
                }
            });
        });
    }

    private Beginning beginning(HttpServerExchange exchange, UndertowExchange client, ListenSubscription subscription) {
        if (subscription.laterThan().isEmpty()) {
            Set<Cursor> seen = exchange.getConnection().getAttachment(SEEN);
            return Beginning.at(seen == null ? Set.of(feed.position()) : seen);
        }
        long time = subscription.laterThan().getAsLong();
        return times.place(time).map(Beginning::at).orElseGet(() -> {
            String browser = String.join(" ", client.headers(Headers.USER_AGENT_STRING));
            return foreignTimes.begin(client.address(), browser, subscription.filter(), time);
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
            Responses.fail(
                    exchange, failure == null ? new IllegalStateException("neither answer nor failure") : failure);
            return;
        }
        if (answer.isEmpty() && answer.reached().size() == 1) { // else what it saw before does as well
            exchange.getConnection().putAttachment(SEEN, answer.reached());
        }
        ResponseTimeout.start(exchange, timers);
        gate.countSent(Transport.LISTEN, answer.json().length());
        Responses.send(exchange, TYPE, answer.json());
    }
}
