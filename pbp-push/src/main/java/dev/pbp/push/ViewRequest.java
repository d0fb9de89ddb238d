package dev.pbp.push;

import dev.pbp.core.feed.Term;
import dev.pbp.core.model.RowQuery;
import dev.pbp.push.connection.PushExchange;
import dev.pbp.push.http.Problem;
import dev.pbp.push.http.RowQueryParser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A view that a client asks for: {@code table=TABLE} or {@code table=ALIAS:TABLE}, and its parameters, {@code NAME.COLUMN=OP.VALUE} and
 * {@code NAME.select=…}, where its name is the alias if it has one.
 *
 * @param name the view's name
 * @param alias null if the name is that of the table
 * @param query its table, conditions and columns
 * @param term changes that are sent as they are: those of a whole table; null for others
 */
record ViewRequest(
        String name,
        @Nullable String alias,
        RowQuery query,
        @Nullable Term term) {
    private static final Pattern ALIASED = Pattern.compile("([A-Za-z_][A-Za-z0-9_-]{0,62}):(.+)", Pattern.DOTALL);
    /** What was a condition before conditions had parameters of their own. */
    private static final Pattern CONDITION = Pattern.compile("([^=]+\\.[^=]+)=(.*)", Pattern.DOTALL);

    private static final String TABLE = "table";
    private static final Set<String> ENDLESS = Set.of("order", "limit", "offset");

    private record Named(String name, @Nullable String alias, String table) {
        ViewRequest with(Map<String, List<String>> parameters) {
            RowQuery query = query(name, table, parameters);
            boolean whole =
                    alias == null && query.where().isEmpty() && query.columns().isEmpty();
            return new ViewRequest(name, alias, query, whole ? new Term(table, null, null) : null);
        }
    }

    /**
     * Parses the parameters of a request.
     *
     * @param most how many views there may be
     * @return at least one, in the order of their names
     * @throws Problem 400, naming the parameter, if one is not understood
     */
    static List<ViewRequest> parse(PushExchange exchange, int most) {
        List<String> tables = exchange.parameters(TABLE);
        if (tables.isEmpty()) {
            throw Problem.badField(TABLE, "missing; name at least one table to follow");
        }
        if (tables.size() > most) {
            throw Problem.badField(TABLE, "given " + tables.size() + " times, at most " + most + " are allowed");
        }
        List<ViewRequest> views = new ArrayList<>();
        Map<String, Named> named = new TreeMap<>(); // so that equal requests share messages
        for (String text : tables) {
            Matcher condition = CONDITION.matcher(text);
            if (condition.matches()) {
                throw Problem.badField(
                        TABLE,
                        "expected a table's name; its condition is a parameter of its own, " + condition.group(1)
                                + "=eq." + condition.group(2));
            }
            Matcher aliased = ALIASED.matcher(text);
            Named view = aliased.matches()
                    ? new Named(aliased.group(1), aliased.group(1), aliased.group(2))
                    : new Named(text, null, text);
            if (text.isEmpty()) {
                throw Problem.badField(TABLE, "the name is empty");
            }
            if (named.put(view.name, view) != null) {
                throw Problem.badField(
                        TABLE,
                        "\"" + view.name + "\" is there twice; give a second view of a table an alias, as in table=a:"
                                + view.table);
            }
        }
        Map<String, Map<String, List<String>>> parameters = new HashMap<>();
        Set<String> others = new TreeSet<>(exchange.parameterNames());
        others.removeAll(PushRequest.PARAMETERS);
        others.remove(TABLE);
        for (String parameter : others) {
            String name = viewOf(parameter, named.keySet());
            parameters
                    .computeIfAbsent(name, view -> new LinkedHashMap<>())
                    .put(parameter.substring(name.length() + 1), exchange.parameters(parameter));
        }
        named.values().forEach(view -> views.add(view.with(parameters.getOrDefault(view.name, Map.of()))));
        return views;
    }

    /** The longest name that fits: those of tables may have points. */
    private static String viewOf(String parameter, Set<String> names) {
        String longest = "";
        for (String name : names) {
            if (name.length() > longest.length() && parameter.startsWith(name + '.')) {
                longest = name;
            }
        }
        if (longest.isEmpty()) {
            throw Problem.badField(
                    parameter,
                    "not known here; a condition is TABLE.COLUMN=OP.VALUE, with a table or an alias that the parameter table"
                            + " names");
        }
        return longest;
    }

    private static RowQuery query(String name, String table, Map<String, List<String>> parameters) {
        for (String each : ENDLESS) {
            if (parameters.containsKey(each)) {
                throw Problem.badField(name + '.' + each, "not here: changes have no order and no end");
            }
        }
        try {
            return RowQueryParser.parse(table, parameters);
        } catch (Problem e) {
            throw e.ofParameter(name + '.');
        }
    }
}
