package dev.pbp.postgres.internal.log;

import dev.pbp.core.feed.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a transaction of its rows in the log. A transaction over the limit is not held, only which tables it changed. */
final class TransactionBuilder {
    private final long xid;
    private final long limit;
    private final List<LogRow> rows = new ArrayList<>();
    private final Set<String> tables = new HashSet<>();
    private long last;
    private long size;

    /**
     * Begins a transaction.
     *
     * @param limit in bytes
     */
    TransactionBuilder(long xid, long limit) {
        this.xid = xid;
        this.limit = limit;
    }

    /**
     * Adds a row, in any order.
     *
     * @param bytes the size of the row
     */
    void add(LogRow row, long bytes) {
        tables.add(row.table());
        last = Long.compareUnsigned(row.lsn(), last) > 0 ? row.lsn() : last;
        size += bytes;
        if (size > limit) {
            rows.clear();
        } else {
            rows.add(row);
        }
    }

    long xid() {
        return xid;
    }

    Transaction build() {
        if (size > limit) {
            return Transaction.tooLarge(xid, last, tables);
        }
        rows.sort(LogRow.ORDER);
        StatementOrder.correct(rows);
        Set<String> refetch = new HashSet<>();
        List<LogRow> ordered = tables.size() == 1 ? order(rows, refetch) : orderEachTable(refetch);
        String txid = Long.toString(xid);
        List<Change> changes = new ArrayList<>(ordered.size());
        ordered.forEach(row -> changes.add(row.change(txid)));
        return new Transaction(xid, last, changes, refetch, size);
    }

    private List<LogRow> orderEachTable(Set<String> refetch) {
        Map<String, List<LogRow>> byTable = new HashMap<>();
        rows.forEach(row ->
                byTable.computeIfAbsent(row.table(), table -> new ArrayList<>()).add(row));
        List<LogRow> all = new ArrayList<>(rows.size());
        byTable.values().forEach(own -> all.addAll(order(own, refetch)));
        all.sort(LogRow.ORDER);
        return all;
    }

    private static List<LogRow> order(List<LogRow> ofOneTable, Set<String> refetch) {
        List<LogRow> ordered = RowOrder.of(ofOneTable);
        if (ordered == null) {
            refetch.add(ofOneTable.get(0).table());
            return List.of();
        }
        return ordered;
    }
}
