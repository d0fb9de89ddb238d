package dev.pbp.core.feed;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which changes a reader wants: those that match at least one of the terms.
 *
 * @param terms at least one, at most {@value #MAX_TERMS}
 */
public record Filter(Set<Term> terms) {
    /** The greatest number of terms in a filter. */
    public static final int MAX_TERMS = 100;

    /**
     * Checks and copies the terms.
     *
     * @throws IllegalArgumentException if there are none or too many
     */
    public Filter {
        terms = Set.copyOf(terms);
        if (terms.isEmpty() || terms.size() > MAX_TERMS) {
            throw new IllegalArgumentException(
                    "table: expected 1 to " + MAX_TERMS + " tables to follow, got " + terms.size());
        }
    }

    /**
     * A filter for all changes of some tables.
     *
     * @param tables the tables' names as in {@link Change#table()}
     * @return the filter
     */
    public static Filter tables(String... tables) {
        Set<Term> terms = new LinkedHashSet<>();
        Arrays.stream(tables).map(Term::parse).forEach(terms::add);
        return new Filter(terms);
    }
}
