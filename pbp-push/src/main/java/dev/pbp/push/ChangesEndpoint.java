package dev.pbp.push;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Term;
import dev.pbp.push.connection.PushExchange;
import dev.pbp.push.http.Problem;
import dev.pbp.push.internal.subscriber.ChangeSubscriber;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/_changes}: the change feed, by any transport. Safe for use by any number of threads. */
public final class ChangesEndpoint {
    /** The path. */
    public static final String PATH = "/api/_changes";

    private final ChangeSubscriber.Source source;
    /** How many filters are shared. */
    private static final int MOST_SHARED = 1_000;

    private final Predicate<String> tables;
    private final Map<String, Filter> whole = new ConcurrentHashMap<>(); // by table: shared by all its subscribers
    private final int maxTerms;

    ChangesEndpoint(ChangeSubscriber.Source source, Predicate<String> tables, int maxTerms) {
        this.source = source;
        this.tables = tables;
        this.maxTerms = maxTerms;
    }

    /**
     * Handles a request.
     *
     * @param exchange the request; its response is sent, or its connection opened, now or later
     */
    public void handle(PushExchange exchange) {
        try {
            PushRequest request = PushRequest.of(exchange);
            Filter filter = filter(exchange.parameters("table"));
            Cursor from = cursor(request.cursor());
            source.gate().authorize(exchange, filter, () -> {
                share(filter);
                subscribe(exchange, request, from, filter);
            });
        } catch (RuntimeException e) {
            exchange.fail(e);
        }
    }

    private void subscribe(PushExchange exchange, PushRequest request, Cursor from, Filter filter) {
        String role = exchange.role();
        Supplier<@Nullable Problem> revocation = exchange.revocation();
        source.gate()
                .open(
                        exchange,
                        request.transport(),
                        connection -> new ChangeSubscriber(connection, source, from, filter, role, revocation)
                                .start(request.maxWait()));
    }

    /** Of a whole table that there is. */
    private void share(Filter filter) {
        if (filter.terms().size() == 1 && whole.size() < MOST_SHARED) {
            Term term = filter.terms().iterator().next();
            if (term.column() == null) {
                whole.putIfAbsent(term.table(), filter);
            }
        }
    }

    private Filter filter(List<String> terms) {
        if (terms.isEmpty()) {
            throw Problem.badField("table", "missing; name at least one table to follow");
        }
        Filter shared = terms.size() == 1 ? whole.get(terms.get(0)) : null;
        if (shared != null) {
            return shared;
        }
        if (terms.size() > maxTerms) {
            throw Problem.badField("table", "given " + terms.size() + " times, at most " + maxTerms + " are allowed");
        }
        try {
            Set<Term> parsed = new LinkedHashSet<>();
            for (String text : terms) {
                Term term = Term.parse(text);
                if (!tables.test(term.table())) {
                    throw Problem.badField("table", "\"" + term.table() + "\" is not offered here");
                }
                parsed.add(term);
            }
            return new Filter(parsed);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, String.valueOf(e.getMessage())).with("field", "table");
        }
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
