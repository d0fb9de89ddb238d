package dev.pbp.postgres.internal.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The order of the changes of one transaction to one table.
 *
 * <p>Rows are logged in the order in which their statements end. A statement whose triggers write to the same table ends after
 * what they did. But the changes of one key form a chain, since each begins with the row that the one before has left; so
 * the order can be found without a word of the writer's. Where the chain ends elsewhere than it begins, every order that fits ends
 * alike. Where it is closed, several may fit, and end differently: then the order of logging holds if all statements were at one
 * depth of triggers, and else it is not known.
 *
 * <p>It takes time in proportion to the number of rows, whatever a writer does.
 */
final class RowOrder {
    private RowOrder() {}

    /**
     * Puts the rows of one table into the order in which to apply them. What came before a TRUNCATE is left out where it is not
     * known: it is of no consequence.
     *
     * @param rows in the order of logging
     * @return the changes, each at the log position of its place; null if they or their order cannot be known
     */
    static @Nullable List<LogRow> of(List<LogRow> rows) {
        List<LogRow> ordered = new ArrayList<>(rows.size());
        List<LogRow> part = new ArrayList<>(rows.size());
        boolean known = true;
        boolean emptied = false;
        int deepest = 0;
        for (LogRow row : rows) {
            if (!row.isChange()) {
                known = false;
            } else if (row.op().equals(LogRow.TRUNCATE)) {
                if (deepest > row.depth()) {
                    return null; // what a trigger of TRUNCATE writes comes after it, and is logged before
                }
                if (known && arrange(part, emptied)) {
                    ordered.addAll(part);
                }
                ordered.add(row);
                part.clear();
                known = true;
                emptied = true;
            } else {
                part.add(row);
            }
            deepest = Math.max(deepest, row.depth());
        }
        if (!known || !arrange(part, emptied)) {
            return null;
        }
        ordered.addAll(part);
        return ordered;
    }

    /**
     * Arranges rows among which is no TRUNCATE.
     *
     * @param emptied whether one came before
     */
    private static boolean arrange(List<LogRow> rows, boolean emptied) {
        for (int[] chain : chains(rows, emptied)) {
            List<LogRow> links = Arrays.stream(chain).mapToObj(rows::get).toList();
            List<LogRow> trail = links.size() == 1 ? links : trail(links);
            if (trail == null || (emptied && trail.get(0).oldRow() != null)) {
                return false;
            }
            for (int i = 0; i < chain.length; i++) {
                rows.set(chain[i], trail.get(i).at(links.get(i).lsn()));
            }
        }
        return true;
    }

    /** The places of each key, unless each has one change and nothing else is to be asked of it. */
    private static Collection<int[]> chains(List<LogRow> rows, boolean emptied) {
        Set<String> seen = new HashSet<>();
        if (!emptied && rows.stream().allMatch(row -> seen.add(row.key()))) {
            return List.of();
        }
        Map<String, List<Integer>> places = new LinkedHashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            places.computeIfAbsent(rows.get(i).key(), key -> new ArrayList<>(1)).add(i);
        }
        return places.values().stream()
                .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    /** The order in which each change begins with what the one before has left; null if there is none, or more than one end. */
    private static @Nullable List<LogRow> trail(List<LogRow> links) {
        boolean fits = true;
        for (int i = 1; i < links.size() && fits; i++) {
            fits = Objects.equals(links.get(i - 1).newRow(), links.get(i).oldRow());
        }
        if (fits) {
            LogRow first = links.get(0);
            boolean closed =
                    Objects.equals(first.oldRow(), links.get(links.size() - 1).newRow());
            return !closed || links.stream().allMatch(link -> link.depth() == first.depth()) ? links : null;
        }
        return openTrail(links);
    }

    /**
     * Hierholzer's algorithm: states are nodes, changes are edges; each edge is walked once, from the only node that is left once
     * more than it is reached.
     */
    private static @Nullable List<LogRow> openTrail(List<LogRow> links) {
        Map<@Nullable String, Deque<LogRow>> from = new HashMap<>();
        Map<@Nullable String, Integer> surplus = new HashMap<>();
        for (LogRow link : links) {
            from.computeIfAbsent(link.oldRow(), state -> new ArrayDeque<>()).add(link);
            surplus.merge(link.oldRow(), 1, Integer::sum);
            surplus.merge(link.newRow(), -1, Integer::sum);
        }
        List<Map.Entry<@Nullable String, Integer>> unequal =
                surplus.entrySet().stream().filter(node -> node.getValue() != 0).toList();
        if (unequal.size() != 2 || unequal.stream().anyMatch(node -> Math.abs(node.getValue()) != 1)) {
            return null;
        }
        String start = unequal.get(unequal.get(0).getValue() == 1 ? 0 : 1).getKey();
        Deque<LogRow> walked = new ArrayDeque<>();
        Deque<LogRow> result = new ArrayDeque<>();
        String here = start;
        while (true) {
            Deque<LogRow> onward = from.get(here);
            LogRow next = onward == null ? null : onward.poll();
            if (next != null) {
                walked.push(next);
                here = next.newRow();
            } else if (walked.isEmpty()) {
                break;
            } else {
                LogRow back = walked.pop();
                result.push(back);
                here = back.oldRow();
            }
        }
        return result.size() == links.size() ? List.copyOf(result) : null;
    }
}
