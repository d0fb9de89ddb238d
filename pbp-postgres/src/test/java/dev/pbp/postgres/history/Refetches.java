package dev.pbp.postgres.history;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the refetches of each table for each reason. Safe for use by several threads. */
final class Refetches {
    private final Map<String, Long> refetches = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> transactions = new ConcurrentHashMap<>();

    void add(Table table, String reason, String transaction) {
        String what = table.name() + ", " + reason;
        refetches.merge(what, 1L, Long::sum);
        transactions.computeIfAbsent(what, key -> ConcurrentHashMap.newKeySet()).add(transaction);
    }

    /** For each table and reason the number of refetches and of the transactions that caused them. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(refetches)
                .forEach((what, count) -> text.append("\n  ")
                        .append(what)
                        .append(": ")
                        .append(count)
                        .append(" for ")
                        .append(transactions.getOrDefault(what, Set.of()).size())
                        .append(" transactions"));
        return text.toString();
    }
}
