package dev.pbp.web;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Term;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/_changes}: the change feed, by whichever way the client asks for. */
final class ChangesHandler implements HttpHandler {
    private final ChangeSubscriber.Source source;
    private final Set<String> tables;
    private final Map<String, Filter> whole; // by table: one for all who follow it
    private final int mostTerms;

    ChangesHandler(ChangeSubscriber.Source source, Set<String> tables, int mostTerms) {
        this.source = source;
        this.tables = tables;
        this.whole = tables.stream()
                .collect(Collectors.toUnmodifiableMap(
                        Function.identity(), table -> new Filter(Set.of(new Term(table, null, null)))));
        this.mostTerms = mostTerms;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        try {
            PushRequest request = PushRequest.of(exchange);
            Filter filter = filter(exchange.getQueryParameters().get("table"));
            Cursor from = cursor(request.cursor());
            source.gate().allow(exchange, filter, allowed -> follow(allowed, request, from, filter));
        } catch (RuntimeException e) {
            Problem.of(e).send(exchange);
        }
    }

    private void follow(HttpServerExchange exchange, PushRequest request, Cursor from, Filter filter) {
        String role = Identity.roleOf(exchange);
        source.gate()
                .open(
                        exchange,
                        request.transport(),
                        connection ->
                                new ChangeSubscriber(connection, source, from, filter, role).start(request.patience()));
    }

    private Filter filter(@Nullable Deque<String> terms) {
        if (terms == null) {
            throw Problem.badField("table", "missing; name at least one table to follow");
        }
        Filter table = terms.size() == 1 ? whole.get(terms.getFirst()) : null;
        if (table != null) {
            return table;
        }
        if (terms.size() > mostTerms) {
            throw Problem.badField("table", "given " + terms.size() + " times, at most " + mostTerms + " are allowed");
        }
        try {
            Set<Term> parsed = new LinkedHashSet<>();
            for (String text : terms) {
                Term term = Term.parse(text);
                if (!tables.contains(term.table())) {
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
            return newest; // the one that all share who have seen everything
        }
        try {
            return new Cursor(given.value());
        } catch (IllegalArgumentException e) {
            throw new Problem(400, String.valueOf(e.getMessage())).with("field", given.name());
        }
    }
}
