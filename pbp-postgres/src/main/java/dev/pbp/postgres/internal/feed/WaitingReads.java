package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Operation;
import dev.pbp.core.feed.Term;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.postgres.internal.view.CompiledView;
import dev.pbp.postgres.internal.view.JsonRow;
import dev.pbp.postgres.internal.view.UnfitRowException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The reads that wait, found by the changes that concern them. A view with equality conditions is found by its values: one look-up for
 * each row of a change and each set of columns that such conditions are about, however many views there are.
 *
 * <p>Those that are not concerned are not touched: a read in here that is not apart has seen all that the buffer holds. Used under the
 * feed's lock.
 */
final class WaitingReads {
    private final Map<Filter, Group> groups = new HashMap<>();
    private final Map<String, Readers> tables = new HashMap<>();
    private final Set<PendingRead> apart = new HashSet<>();
    private int size;
    private long lookUps;

    /** The reads of equal filters. */
    private static final class Group {
        private final Filter filter;
        private final Set<PendingRead> reads = new HashSet<>();

        Group(Filter filter) {
            this.filter = filter;
        }
    }

    /** Those who follow a table. */
    private static final class Readers {
        private final Set<Group> all = new HashSet<>();
        private final Set<Group> ofEachChange = new HashSet<>();
        private final Map<List<CompiledView.Column>, Map<List<Comparable<?>>, Set<Group>>> byValues = new HashMap<>();
    }

    int size() {
        return size;
    }

    /** How often changes were looked up by their values, ever rising. */
    long lookUps() {
        return lookUps;
    }

    /**
     * Adds a read.
     *
     * @param atEnd whether it stands at the end of the buffer; one that does not is apart
     */
    void add(PendingRead read, boolean atEnd) {
        size++;
        read.apart = !atEnd;
        if (!atEnd) {
            apart.add(read);
            return;
        }
        Group group = groups.get(read.filter);
        if (group == null) {
            group = new Group(read.filter);
            groups.put(read.filter, group);
            register(group);
        }
        group.reads.add(read);
    }

    /** False if it does not wait. */
    boolean remove(PendingRead read) {
        if (apart.remove(read)) {
            size--;
            return true;
        }
        Group group = groups.get(read.filter);
        if (group == null || !group.reads.remove(read)) {
            return false;
        }
        size--;
        if (group.reads.isEmpty()) {
            groups.remove(read.filter);
            unregister(group);
        }
        return true;
    }

    /** Takes all out. */
    Set<PendingRead> takeAll() {
        Set<PendingRead> all = new HashSet<>(apart);
        groups.values().forEach(group -> all.addAll(group.reads));
        apart.clear();
        groups.clear();
        tables.clear();
        size = 0;
        return all;
    }

    /** Takes out those that transactions may concern, and those that are apart. */
    Set<PendingRead> takeConcerned(List<Transaction> transactions) {
        Set<Group> concerned = new HashSet<>();
        for (Transaction transaction : transactions) {
            for (String table : transaction.mustRefetch()) {
                Readers readers = tables.get(table);
                if (readers != null) {
                    concerned.addAll(readers.all);
                }
            }
            for (Change change : transaction.changes()) {
                Readers readers = tables.get(change.table());
                if (readers != null) {
                    addConcerned(readers, change, concerned);
                }
            }
        }
        Set<PendingRead> taken = new HashSet<>(apart);
        apart.clear();
        for (Group group : concerned) {
            taken.addAll(group.reads);
            groups.remove(group.filter);
            unregister(group);
        }
        size -= taken.size();
        return taken;
    }

    private void addConcerned(Readers readers, Change change, Set<Group> concerned) {
        if (change.operation() == Operation.TRUNCATE) {
            concerned.addAll(readers.all);
            return;
        }
        concerned.addAll(readers.ofEachChange);
        if (readers.byValues.isEmpty()) {
            return;
        }
        try {
            JsonRow before = parsed(change.oldRow());
            JsonRow after = parsed(change.newRow());
            readers.byValues.forEach((columns, groupsOf) -> {
                List<Comparable<?>> left = valuesOf(columns, before);
                List<Comparable<?>> arrived = valuesOf(columns, after);
                addFound(groupsOf, left, concerned);
                if (arrived != null && !arrived.equals(left)) {
                    addFound(groupsOf, arrived, concerned);
                }
            });
        } catch (UnfitRowException e) { // each of them has to know
            concerned.addAll(readers.all);
        }
    }

    private static @Nullable JsonRow parsed(@Nullable String row) {
        return row == null ? null : JsonRow.parse(row);
    }

    private void addFound(
            Map<List<Comparable<?>>, Set<Group>> groupsOf, @Nullable List<Comparable<?>> values, Set<Group> concerned) {
        if (values != null) {
            lookUps++;
            concerned.addAll(groupsOf.getOrDefault(values, Set.of()));
        }
    }

    /** Null if there is no row, or one with a null, which is equal to nothing. */
    private static @Nullable List<Comparable<?>> valuesOf(List<CompiledView.Column> columns, @Nullable JsonRow row) {
        if (row == null) {
            return null;
        }
        List<Comparable<?>> values = new ArrayList<>(columns.size());
        for (CompiledView.Column column : columns) {
            String json = row.value(column.name());
            if (json.equals("null")) {
                return null;
            }
            values.add(column.type().of(json));
        }
        return values;
    }

    private void register(Group group) {
        for (Term term : group.filter.terms()) {
            Readers readers = tables.computeIfAbsent(term.table(), table -> new Readers());
            readers.all.add(group);
            readers.ofEachChange.add(group);
        }
        for (Filter.View each : group.filter.views()) {
            CompiledView view = ChangeMatcher.compiled(each);
            Readers readers = tables.computeIfAbsent(view.table(), table -> new Readers());
            readers.all.add(group);
            Optional<CompiledView.Equality> equality = view.equality();
            if (equality.isEmpty()) {
                readers.ofEachChange.add(group);
            } else {
                Map<List<Comparable<?>>, Set<Group>> byValue =
                        readers.byValues.computeIfAbsent(equality.get().columns(), columns -> new HashMap<>());
                for (List<Comparable<?>> values : equality.get().values()) {
                    byValue.computeIfAbsent(values, key -> new HashSet<>(2)).add(group);
                }
            }
        }
    }

    private void unregister(Group group) {
        for (Term term : group.filter.terms()) {
            forget(term.table(), group);
        }
        for (Filter.View each : group.filter.views()) {
            CompiledView view = ChangeMatcher.compiled(each);
            Readers readers = tables.get(view.table());
            view.equality().ifPresent(equality -> {
                if (readers != null) {
                    forget(readers.byValues, equality, group);
                }
            });
            forget(view.table(), group);
        }
    }

    private static void forget(
            Map<List<CompiledView.Column>, Map<List<Comparable<?>>, Set<Group>>> byValues,
            CompiledView.Equality equality,
            Group group) {
        byValues.computeIfPresent(equality.columns(), (columns, byValue) -> {
            for (List<Comparable<?>> values : equality.values()) {
                byValue.computeIfPresent(values, (key, groupsOf) -> {
                    groupsOf.remove(group);
                    return groupsOf.isEmpty() ? null : groupsOf;
                });
            }
            return byValue.isEmpty() ? null : byValue;
        });
    }

    private void forget(String table, Group group) {
        tables.computeIfPresent(table, (name, readers) -> {
            readers.all.remove(group);
            readers.ofEachChange.remove(group);
            return readers.all.isEmpty() && readers.byValues.isEmpty() ? null : readers;
        });
    }
}
