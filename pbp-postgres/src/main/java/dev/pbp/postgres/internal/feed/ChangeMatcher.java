package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Operation;
import dev.pbp.core.feed.Term;
import dev.pbp.postgres.internal.log.Transaction;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Says which changes a filter lets through. */
final class ChangeMatcher {
    /** Whatever PostgreSQL has stored has to be read; how much of it there may be is the page's affair. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private ChangeMatcher() {}

    /**
     * The changes of a transaction that match.
     *
     * @throws TableRefetchException if what it did to a table of the filter is not known row by row
     */
    static List<Change> matching(Transaction transaction, Filter filter) {
        if (!transaction.mustRefetch().isEmpty()) {
            Set<String> concerned = tables(filter);
            concerned.retainAll(transaction.mustRefetch());
            if (!concerned.isEmpty()) {
                throw new TableRefetchException(transaction, concerned);
            }
        }
        return transaction.changes().stream()
                .filter(change -> matches(change, filter))
                .toList();
    }

    /** The tables that a filter names. */
    static Set<String> tables(Filter filter) {
        return filter.terms().stream().map(Term::table).collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean matches(Change change, Filter filter) {
        for (Term term : filter.terms()) {
            if (term.table().equals(change.table()) && matches(change, term.column(), term.value())) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(Change change, @Nullable String column, @Nullable String value) {
        return column == null
                || value == null
                || change.operation() == Operation.TRUNCATE
                || holds(change.oldRow(), column, value)
                || holds(change.newRow(), column, value);
    }

    private static boolean holds(@Nullable String row, String column, String value) {
        if (row == null) {
            return false;
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), row)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean wanted = column.equals(parser.currentName());
                JsonToken token = parser.nextToken();
                if (wanted) {
                    return token.isScalarValue() && token != JsonToken.VALUE_NULL && value.equals(parser.getString());
                }
                parser.skipChildren();
            }
            return false;
        }
    }
}
