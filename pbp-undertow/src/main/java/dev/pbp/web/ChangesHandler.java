package dev.pbp.web;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Term;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.time.Duration;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/_changes}: the change feed, by whichever way the client asks for. */
final class ChangesHandler implements HttpHandler {
    private static final HttpString LAST_EVENT_ID = new HttpString("Last-Event-ID");
    private static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final ChangesFollowing.Source source;
    private final Set<String> tables;

    ChangesHandler(ChangesFollowing.Source source, Set<String> tables) {
        this.source = source;
        this.tables = tables;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        try {
            if (!exchange.getRequestMethod().equalToString("GET")) {
                throw Answers.notAllowed(exchange, "GET");
            }
            Transport transport = Transport.of(exchange);
            Filter filter = filter(exchange.getQueryParameters().get("table"));
            String last = exchange.getRequestHeaders().getFirst(LAST_EVENT_ID);
            boolean resumes = last != null && transport == Transport.EVENT_STREAM;
            Cursor from = resumes ? cursor("Last-Event-ID", last) : cursor("cursor", parameter(exchange, "cursor"));
            Duration wait = wait(parameter(exchange, "wait"));
            transport.open(exchange, outlet -> new ChangesFollowing(outlet, source, from, filter).start(wait));
        } catch (RuntimeException e) {
            Problem.of(e).send(exchange);
        }
    }

    private Filter filter(@Nullable Deque<String> terms) {
        if (terms == null) {
            throw Problem.badField("table", "missing; name at least one table to follow");
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

    private Cursor cursor(String name, @Nullable String text) {
        if (text == null) {
            return source.feed().position();
        }
        try {
            return new Cursor(text);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, String.valueOf(e.getMessage())).with("field", name);
        }
    }

    /** Ends up to a sixth early, so that thousands who began together do not return together. */
    private static Duration wait(@Nullable String text) {
        Duration wait = DEFAULT_WAIT;
        if (text != null) {
            try {
                wait = Duration.ofMillis((long) (Double.parseDouble(text) * 1000));
            } catch (NumberFormatException e) {
                throw Problem.badField("wait", "expected seconds, got \"" + text + "\"");
            }
            if (wait.isNegative() || wait.compareTo(LONGEST_WAIT) > 0) {
                throw Problem.badField("wait", "expected 0 to " + LONGEST_WAIT.toSeconds() + " seconds, got " + text);
            }
        }
        return Duration.ofMillis(wait.toMillis() - ThreadLocalRandom.current().nextLong(wait.toMillis() / 6 + 1));
    }

    private static @Nullable String parameter(HttpServerExchange exchange, String name) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        if (values == null) {
            return null;
        }
        if (values.size() > 1) {
            throw Problem.badField(name, "given more than once");
        }
        return values.getFirst();
    }
}
