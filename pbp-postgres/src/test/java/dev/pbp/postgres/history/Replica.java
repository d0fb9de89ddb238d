package dev.pbp.postgres.history;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Operation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A copy of the tables, kept by applying the changes of the feed. It takes nothing on trust: an insert of a row that is
 * there, an update or delete whose old row is not what is there, a transaction that comes twice or in two parts is a failure.
 */
final class Replica {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(tools.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final Map<String, Map<String, Map<String, Object>>> tables = new TreeMap<>();
    private final Set<String> transactions = new HashSet<>();

    Replica copy() {
        Replica copy = new Replica();
        tables.forEach(
                (table, rows) -> copy.tables.put(table, new HashMap<>(rows))); // the rows themselves never change
        copy.transactions.addAll(transactions);
        return copy;
    }

    /** Begins with what a read of a table has shown. */
    void load(String table, List<String[]> keysAndRows) {
        Map<String, Map<String, Object>> rows = new HashMap<>();
        keysAndRows.forEach(pair -> rows.put(key(pair[0]), row(pair[1])));
        tables.put(table, rows);
    }

    void apply(Batch batch) {
        Set<String> inThisBatch = new HashSet<>();
        for (Change change : batch.changes()) {
            if (inThisBatch.add(change.txid()) && !transactions.add(change.txid())) {
                throw new AssertionError("transaction " + change.txid() + " came twice, or in parts: " + change);
            }
            apply(change);
        }
    }

    private void apply(Change change) {
        Map<String, Map<String, Object>> rows = tables.computeIfAbsent(change.table(), t -> new HashMap<>());
        if (change.operation() == Operation.TRUNCATE) {
            rows.clear();
            return;
        }
        String key = key(String.valueOf(change.key()));
        Map<String, Object> before = change.oldRow() == null ? null : row(change.oldRow());
        Map<String, Object> here = rows.get(key);
        if (!java.util.Objects.equals(before, here)) {
            throw new AssertionError("expected the old row " + here + ", was told " + change);
        }
        if (change.newRow() == null) {
            rows.remove(key);
        } else {
            rows.put(key, row(change.newRow()));
        }
    }

    boolean has(String table, String keyJson) {
        return tables.getOrDefault(table, Map.of()).containsKey(key(keyJson));
    }

    /** Null if a table's rows are the same here; else what differs. */
    @Nullable
    String difference(String table, List<String[]> keysAndRows) {
        Map<String, Map<String, Object>> here = tables.getOrDefault(table, Map.of());
        Map<String, Map<String, Object>> there = new HashMap<>();
        keysAndRows.forEach(pair -> there.put(key(pair[0]), row(pair[1])));
        if (here.equals(there)) {
            return null;
        }
        Set<String> keys = new HashSet<>(here.keySet());
        keys.addAll(there.keySet());
        StringBuilder text = new StringBuilder(table).append(':');
        keys.stream()
                .filter(key -> !java.util.Objects.equals(here.get(key), there.get(key)))
                .limit(5)
                .forEach(key -> text.append("\n  ")
                        .append(key)
                        .append(" replica ")
                        .append(here.get(key))
                        .append(" table ")
                        .append(there.get(key)));
        return text.toString();
    }

    private static String key(String json) {
        return row(json).toString();
    }

    /** Without nulls: a column that was added later is null in older rows. */
    private static Map<String, Object> row(String json) {
        Map<String, Object> row = new TreeMap<>(JSON.readValue(json, new TypeReference<Map<String, Object>>() {}));
        row.values().removeIf(java.util.Objects::isNull);
        return row;
    }
}
