package dev.pbp.postgres.internal.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects rows of the log, in any order, and makes transactions of them. */
final class TransactionCollector {
    private final long limit;
    private final Map<Long, TransactionBuilder> builders = new HashMap<>();
    private final List<Transaction> others = new ArrayList<>();
    private @Nullable TransactionBuilder current;

    /**
     * Begins with none.
     *
     * @param limit the size of a transaction that is held, in bytes
     */
    TransactionCollector(long limit) {
        this.limit = limit;
    }

    /**
     * Adds a row.
     *
     * @param bytes the size of the row
     */
    void add(long xid, LogRow row, long bytes) {
        TransactionBuilder builder = current;
        if (builder == null || builder.xid() != xid) {
            builder = builders.computeIfAbsent(xid, id -> new TransactionBuilder(id, limit));
            current = builder;
        }
        builder.add(row, bytes);
    }

    /** Adds a whole transaction. */
    void add(Transaction transaction) {
        others.add(transaction);
    }

    /** The transactions, in order. */
    List<Transaction> inOrder() {
        List<Transaction> all = new ArrayList<>(others);
        builders.values().forEach(builder -> all.add(builder.build()));
        all.sort(Transaction.ORDER);
        return all;
    }
}
