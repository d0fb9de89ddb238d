package dev.pbp.core.feed;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which changes a reader wants: those that match at least one of the terms, and those of each view.
 *
 * @param terms the tables of which it wants the changes as they are
 * @param views the views, in the order in which a change of several of them is delivered. Terms and views are together at least one,
 *     at most {@value #MAX_TERMS}
 */
public record Filter(Set<Term> terms, List<View> views) {
    /** The greatest number of terms and views in a filter. */
    public static final int MAX_TERMS = 100;

    /**
     * The rows of a table that meet conditions, and some of their columns. {@link dev.pbp.core.model.Tables.Views} makes one; the
     * feed of the same database accepts it. Two are equal if they have the same alias and show the same rows and columns.
     *
     * <p>A row that comes to meet the conditions is an insert without old row, one that ceases to meet them a delete without new row. A
     * change of columns that the view does not have is none. A truncate of the table is one of the view.
     */
    public interface View {
        /**
         * The table.
         *
         * @return its name as in {@link Change#table()}
         */
        String table();

        /**
         * The name by which its changes differ from those of other views.
         *
         * @return {@link Change#view()}
         */
        @Nullable
        String alias();

        /**
         * Whether the database has to evaluate conditions, once for each step of the feed that concerns the table, which costs it work
         * and the view's readers time.
         *
         * @return false if the feed evaluates all of them in memory
         */
        boolean isEvaluatedByDatabase();
    }

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if there are none or too many
     */
    public Filter {
        terms = Set.copyOf(terms);
        views = List.copyOf(views);
        int count = terms.size() + views.size();
        if (count == 0 || count > MAX_TERMS) {
            throw new IllegalArgumentException("table: expected 1 to " + MAX_TERMS + " tables to follow, got " + count);
        }
    }

    /**
     * A filter without views.
     *
     * @param terms at least one, at most {@value #MAX_TERMS}
     */
    public Filter(Set<Term> terms) {
        this(terms, List.of());
    }

    /**
     * The tables of its terms and views.
     *
     * @return their names as in {@link Change#table()}
     */
    public Set<String> tableNames() {
        Set<String> names = new LinkedHashSet<>();
        terms.forEach(term -> names.add(term.table()));
        views.forEach(view -> names.add(view.table()));
        return names;
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
