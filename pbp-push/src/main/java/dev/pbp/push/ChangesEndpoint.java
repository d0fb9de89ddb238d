package dev.pbp.push;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Term;
import dev.pbp.core.model.Principal;
import dev.pbp.push.connection.PushExchange;
import dev.pbp.push.http.Problem;
import dev.pbp.push.internal.subscriber.ChangeSubscriber;
import dev.pbp.push.internal.subscriber.ViewPreparation;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/_changes}: the change feed, by any transport. Safe for use by any number of threads. */
public final class ChangesEndpoint {
    /** The path. */
    public static final String PATH = "/api/_changes";

    private final ChangeSubscriber.Source source;
    /** How many filters are shared. */
    private static final int MOST_SHARED = 1_000;

    private static final Runnable NO_LEASE = () -> {};

    private final Predicate<String> tables;
    private final Map<String, Filter> whole = new ConcurrentHashMap<>(); // by table: shared by all its subscribers
    private final int maxTerms;
    private final @Nullable ViewPreparation preparation;

    /** @param preparation null if there are no views */
    ChangesEndpoint(
            ChangeSubscriber.Source source,
            Predicate<String> tables,
            int maxTerms,
            @Nullable ViewPreparation preparation) {
        this.source = source;
        this.tables = tables;
        this.maxTerms = maxTerms;
        this.preparation = preparation;
    }

    /**
     * Handles a request.
     *
     * @param exchange the request; its response is sent, or its connection opened, now or later
     */
    public void handle(PushExchange exchange) {
        try {
            PushRequest request = PushRequest.of(exchange);
            List<ViewRequest> wanted = wanted(exchange);
            Cursor from = cursor(request.cursor()); // before the views are prepared: what is altered afterwards is seen
            Set<String> names =
                    wanted.stream().map(view -> view.query().table()).collect(Collectors.toSet());
            source.gate().authorize(exchange, names, () -> {
                Set<Term> terms = wanted.stream()
                        .map(ViewRequest::term)
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet());
                List<ViewRequest> views =
                        wanted.stream().filter(view -> view.term() == null).toList();
                if (views.isEmpty()) {
                    subscribe(exchange, request, from, shared(terms), NO_LEASE);
                } else {
                    prepare(exchange, request, from, terms, views);
                }
            });
        } catch (RuntimeException e) {
            exchange.fail(e);
        }
    }

    private List<ViewRequest> wanted(PushExchange exchange) {
        List<ViewRequest> wanted = ViewRequest.parse(exchange, maxTerms);
        for (ViewRequest view : wanted) {
            if (!tables.test(view.query().table())) {
                throw Problem.notOffered(view.query().table());
            }
        }
        return wanted;
    }

    private void prepare(
            PushExchange exchange, PushRequest request, Cursor from, Set<Term> terms, List<ViewRequest> views) {
        ViewPreparation preparation = this.preparation;
        if (preparation == null) {
            throw Problem.badField(views.get(0).name(), "conditions, columns and aliases are not offered here");
        }
        List<ViewPreparation.Wanted> prepared = views.stream()
                .map(view -> new ViewPreparation.Wanted(view.name(), view.alias(), view.query()))
                .toList();
        exchange.suspend(() -> preparation
                .prepare(exchange.principal(), prepared)
                .whenComplete((made, failure) -> exchange.resume(() -> {
                    if (made == null) {
                        exchange.fail(Objects.requireNonNull(failure));
                        return;
                    }
                    try {
                        subscribe(
                                exchange,
                                request,
                                from,
                                new Filter(terms, made),
                                preparation.admit(prepared, made)::close);
                    } catch (RuntimeException e) {
                        exchange.fail(e);
                    }
                })));
    }

    /** @param lease runs once the client follows no more */
    private void subscribe(PushExchange exchange, PushRequest request, Cursor from, Filter filter, Runnable lease) {
        Principal principal = exchange.principal();
        Supplier<@Nullable Problem> revocation = exchange.revocation();
        try {
            exchange.onComplete(request.transport(), lease); // also if no connection comes of it
            source.gate().open(exchange, request.transport(), connection -> {
                connection.onClose(lease);
                new ChangeSubscriber(connection, source, from, filter, principal, revocation).start(request.maxWait());
            });
        } catch (RuntimeException e) {
            lease.run();
            throw e;
        }
    }

    /** The very same filter for all who follow one whole table, so far as there is room for it. */
    private Filter shared(Set<Term> terms) {
        Term term = terms.iterator().next();
        if (terms.size() > 1
                || term.column() != null
                || !whole.containsKey(term.table()) && whole.size() >= MOST_SHARED) {
            return new Filter(terms);
        }
        return whole.computeIfAbsent(term.table(), Filter::tables);
    }

    private Cursor cursor(PushRequest.@Nullable Given given) {
        Cursor newest = source.feed().position();
        if (given == null || given.value().equals(newest.value())) {
            return newest; // one object for all clients that have received everything
        }
        try {
            return new Cursor(given.value());
        } catch (IllegalArgumentException e) {
            throw new Problem(400, String.valueOf(e.getMessage())).with("field", given.name());
        }
    }
}
