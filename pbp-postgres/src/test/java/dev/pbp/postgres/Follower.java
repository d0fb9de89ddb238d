package dev.pbp.postgres;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Operation;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.Row;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.log.LogPage;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A replica of one table, kept by the log. It reads the table again when the log says so, and is used while nobody writes. */
final class Follower {
    private final TestDatabase database;
    private final String table;
    private final LogReader log;
    private Position position;
    private Map<String, String> rows = new TreeMap<>();
    private boolean tracked = true;
    private int refetches;
    private int mismatches;

    Follower(TestDatabase database, String table) throws SQLException {
        this.database = database;
        this.table = table;
        log = new LogReader(database.dataSource(), 1_000_000);
        position = Position.at(log.now());
        read();
    }

    /** Whether the table was tracked when it was read last. */
    boolean isTracked() {
        return tracked;
    }

    /** How often the log has asked for a refetch. */
    int refetches() {
        return refetches;
    }

    /** How many changes began with another row than was here. */
    int mismatches() {
        return mismatches;
    }

    /** Whether the rows here are those of the table. */
    boolean isRight() throws SQLException {
        return rows.equals(present());
    }

    void follow() throws SQLException {
        do {
            LogPage page = log.read(position);
            position = page.next();
            for (Transaction transaction : page.transactions()) {
                transaction.changes().stream()
                        .filter(change -> change.table().equals(table))
                        .forEach(this::apply);
                if (transaction.mustRefetch().contains(table)) {
                    refetches++;
                    read();
                }
            }
        } while (position.target() != null);
    }

    private void apply(Change change) {
        if (change.operation() == Operation.TRUNCATE) {
            rows.clear();
            return;
        }
        String key = String.valueOf(change.key());
        if (!Objects.equals(rows.get(key), change.oldRow())) {
            mismatches++;
        }
        if (change.newRow() == null) {
            rows.remove(key);
        } else {
            rows.put(key, change.newRow());
        }
    }

    private void read() throws SQLException {
        @Nullable Map<String, String> present = present();
        tracked = present != null;
        rows = present == null ? new TreeMap<>() : present;
    }

    private @Nullable Map<String, String> present() throws SQLException {
        List<Row> all = new ArrayList<>();
        try {
            new JdbcTableReader(database.dataSource(), Cursors.of(database.dataSource()))
                    .read(table, Filter.tables(table), all::add);
        } catch (RepositoryException.NotTracked e) {
            return null;
        }
        Map<String, String> present = new TreeMap<>();
        all.forEach(row -> present.put(row.key(), row.row()));
        return present;
    }
}
