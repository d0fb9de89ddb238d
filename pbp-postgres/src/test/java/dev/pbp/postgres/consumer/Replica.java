package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.Change;
import dev.pbp.postgres.Installed;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A handler that copies {@code item} and {@code box} and refuses each change that does not fit what it holds: a change that
 * comes twice, in the wrong order or after one that is missing cannot be handled. It also keeps a record of all changes, to be
 * compared with that of a row trigger.
 */
class Replica implements ChangeHandler {
    static final List<String> TABLES = List.of("item", "box");

    /** Thrown for a change that does not fit. */
    static final class Misfit extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Misfit(String message) {
            super(message);
        }
    }

    static void createTables(TestDatabase database) throws SQLException {
        StringBuilder sql = new StringBuilder("""
                CREATE TABLE truth (n bigserial, tab text, op text, id text, xid text);
                CREATE TABLE record (n bigserial, tab text, op text, id text, xid text);
                CREATE TABLE record_part (n bigserial, xid text, last boolean);
                CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO truth (tab, op, id, xid) VALUES (TG_TABLE_NAME, lower(TG_OP),
                        CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END, pg_current_xact_id()::text);
                    RETURN NULL;
                END $$;
                """);
        for (String table : TABLES) {
            sql.append("CREATE TABLE %1$s (id int PRIMARY KEY, val text NOT NULL);"
                    .concat("CREATE TABLE %1$s_copy (id int PRIMARY KEY, val text NOT NULL);")
                    .concat("CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON %1$s")
                    .concat(" FOR EACH ROW EXECUTE FUNCTION witness();")
                    .concat("SELECT pbp.track('%1$s');")
                    .formatted(table));
        }
        Installed.execute(database, sql.toString());
    }

    static String cursorTable(String name) {
        return ("CREATE TABLE %1$s (one boolean PRIMARY KEY DEFAULT true CHECK (one), cursor text,"
                        + " tables text[] NOT NULL DEFAULT '{}', part text)"
                        + " WITH (fillfactor = 50, autovacuum_enabled = off); INSERT INTO %1$s DEFAULT VALUES;")
                .formatted(name);
    }

    @Override
    public void changes(Connection connection, List<Change> changes) throws SQLException {
        for (Change change : changes) {
            apply(connection, change);
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO record (tab, op, id, xid) VALUES (?, ?, ?::json ->> 'id', ?)")) {
                insert.setString(1, change.table());
                insert.setString(2, change.operation().word());
                insert.setString(3, change.key());
                insert.setString(4, change.txid());
                insert.executeUpdate();
            }
        }
    }

    @Override
    public void part(Connection connection, List<Change> changes, boolean last) throws SQLException {
        changes(connection, changes);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO record_part (xid, last) VALUES (?, ?)")) {
            insert.setString(1, changes.get(0).txid()); // all of the transaction's changes are of interest here
            insert.setBoolean(2, last);
            insert.executeUpdate();
        }
    }

    private static void apply(Connection connection, Change change) throws SQLException {
        String copy = change.table() + "_copy";
        String held =
                " WHERE (id, val) IN (SELECT o.id, o.val FROM json_populate_record(NULL::" + copy + ", ?::json) o)";
        switch (change.operation()) {
            case INSERT ->
                fit(
                        connection,
                        change,
                        "INSERT INTO " + copy + " SELECT * FROM json_populate_record(NULL::" + copy
                                + ", ?::json) ON CONFLICT DO NOTHING",
                        change.newRow());
            case UPDATE ->
                fit(
                        connection,
                        change,
                        "UPDATE " + copy + " SET val = ?::json ->> 'val'" + held,
                        change.newRow(),
                        change.oldRow());
            case DELETE -> fit(connection, change, "DELETE FROM " + copy + held, change.oldRow());
            case TRUNCATE -> {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("DELETE FROM " + copy);
                }
            }
        }
    }

    private static void fit(Connection connection, Change change, String sql, @Nullable String... rows)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < rows.length; i++) {
                statement.setString(i + 1, rows[i]);
            }
            if (statement.executeUpdate() != 1) {
                throw new Misfit("does not fit what is held: " + change);
            }
        }
    }

    @Override
    public void mustRefetch(Connection connection, Set<String> tables) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String table : tables) {
                statement.execute("DELETE FROM " + table + "_copy; INSERT INTO " + table + "_copy SELECT * FROM "
                        + table + "; INSERT INTO record (tab, op) VALUES ('" + table + "', 'refetch')");
            }
        }
    }

    /** Whether the copies equal the tables. */
    static boolean isCaughtUp(TestDatabase database) throws SQLException {
        for (String table : TABLES) {
            String difference = "SELECT count(*) FROM (TABLE %1$s EXCEPT TABLE %1$s_copy) a"
                    + " FULL JOIN (TABLE %1$s_copy EXCEPT TABLE %1$s) b USING (id)";
            if (!Installed.rows(database, difference.formatted(table)).equals(List.of("0"))) {
                return false;
            }
        }
        return true;
    }

    /** What a row trigger saw, since a refetch or ever, without order between keys: each key's changes in its own order. */
    static List<String> truth(TestDatabase database) throws SQLException {
        return Installed.rows(database, "SELECT tab, id, op, xid FROM truth ORDER BY tab, id, n");
    }

    /** What the handler saw, in the same form. */
    static List<String> record(TestDatabase database) throws SQLException {
        return Installed.rows(
                database, "SELECT tab, id, op, xid FROM record WHERE op <> 'refetch' ORDER BY tab, id, n");
    }
}
