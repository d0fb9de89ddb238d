package dev.pbp.web.internal.legacy;

import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Term;
import dev.pbp.push.http.Json;
import dev.pbp.push.http.Problem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * One subscription of the older protocol.
 *
 * @param filter what is subscribed to
 * @param laterThan the newest time that the client has received, in thousandths of a millisecond; none if it has not been
 */
record ListenSubscription(Filter filter, OptionalLong laterThan) {
    /** JavaScript knows no later date. */
    private static final double LATEST = 8.64e15;

    /**
     * Reads a request's body.
     *
     * @param tables whether a table may be followed
     * @param mostTerms how many tables and constraints one request may name
     * @throws Problem if it has another form, names another table or too many of them
     */
    static List<ListenSubscription> parse(byte[] body, Predicate<String> tables, int mostTerms) {
        JsonNode root = Json.read(body);
        if (!root.isArray() || root.isEmpty()) {
            throw Problem.badField("body", "expected a JSON array of one or more subscriptions");
        }
        List<ListenSubscription> all = new ArrayList<>();
        int terms = 0;
        for (JsonNode each : root) {
            ListenSubscription subscription =
                    new ListenSubscription(filter(each.path("types"), tables), laterThan(each));
            terms += subscription.filter.terms().size();
            if (terms > mostTerms) {
                throw Problem.badField("types", "more than " + mostTerms + " tables and constraints in one request");
            }
            all.add(subscription);
        }
        return all;
    }

    /** What all of them let through together. */
    static Filter all(List<ListenSubscription> subscriptions) {
        Set<Term> terms = new LinkedHashSet<>();
        subscriptions.forEach(each -> terms.addAll(each.filter.terms()));
        return new Filter(terms);
    }

    private static OptionalLong laterThan(JsonNode subscription) {
        JsonNode value = subscription.path("laterthan");
        if (value.isMissingNode() || value.isNull()) {
            return OptionalLong.empty();
        }
        if (!value.isNumber() || !(Math.abs(value.doubleValue()) <= LATEST)) {
            throw Problem.badField("laterthan", "expected milliseconds since 1970");
        }
        return OptionalLong.of(Math.round(value.doubleValue() * 1000));
    }

    private static Filter filter(JsonNode types, Predicate<String> tables) {
        if (!types.isArray()) {
            throw Problem.badField("types", "expected an array of {\"type\": TABLE}");
        }
        Set<Term> terms = new LinkedHashSet<>();
        for (JsonNode each : types) {
            String table = each.path("type").asString("");
            if (!tables.test(table)) {
                throw Problem.badField("type", "\"" + table + "\" is not offered here");
            }
            addTerms(terms, table, each.path("constraints"));
        }
        try {
            return new Filter(terms);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, "types: " + e.getMessage()).with("field", "types");
        }
    }

    /** What the feed cannot compare exactly is not left to chance: the whole table is followed. */
    private static void addTerms(Set<Term> terms, String table, JsonNode constraints) {
        boolean absent = constraints.isMissingNode() || constraints.isNull();
        if (!absent && !constraints.isObject()) {
            throw Problem.badField("constraints", "expected an object of columns and values");
        }
        boolean comparable = !absent && !constraints.isEmpty();
        for (Map.Entry<String, JsonNode> each : constraints.properties()) {
            JsonNode value = each.getValue();
            comparable &=
                    !each.getKey().isEmpty() && (value.isString() || value.isBoolean() || value.isIntegralNumber());
        }
        if (!comparable) {
            terms.add(new Term(table, null, null));
            return;
        }
        for (Map.Entry<String, JsonNode> each : constraints.properties()) {
            terms.add(new Term(table, each.getKey(), each.getValue().asString()));
        }
    }
}
