package dev.pbp.bench.harness;

import dev.pbp.postgres.Schema;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * {@code testtype} as it is shipped, and its peers, the same table with other triggers:
 *
 * <ul>
 *   <li>{@code untracked}: none
 *   <li>{@code notify-each-tx}: the same log, and a NOTIFY in every transaction
 *   <li>{@code row-triggers}: for each row the table's time is deleted and inserted again and the row notified as JSON; an
 *       index on {@code mtime}. The times have a key, the table's name: with it 20,000 rows in one INSERT take as long as the
 *       original's did, about half a minute; without it a fifth of that
 *   <li>{@code listened}: no log; a statement trigger notifies, see the peer {@code listen-select}
 * </ul>
 *
 * @param database where they are
 */
public record BenchmarkTables(TestDatabase database) {
    /** Tracked as it is shipped. */
    public static final String OURS = "testtype";
    /** Without triggers. */
    public static final String UNTRACKED = "untracked";
    /** Tracked, with a NOTIFY in every transaction. */
    public static final String NOTIFYING = "notifying";
    /** With triggers for each row. */
    public static final String ROW_TRIGGERS = "row_triggers";
    /** With a statement trigger that notifies. */
    public static final String LISTENED = "listened";
    /** The rows of each transaction of {@link #insertMany}. */
    public static final int ROWS_OF_MANY = 1000;

    /**
     * Installs the schema and creates the tables.
     *
     * @param database an empty one
     * @return the tables
     * @throws SQLException if the server refuses
     */
    public static BenchmarkTables create(TestDatabase database) throws SQLException {
        Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
        BenchmarkTables tables = new BenchmarkTables(database);
        for (String peer : new String[] {UNTRACKED, NOTIFYING, ROW_TRIGGERS, LISTENED}) {
            tables.execute("CREATE TABLE " + peer + " (LIKE testtype INCLUDING ALL)");
            tables.execute("CREATE TRIGGER testtype_mtime BEFORE INSERT OR UPDATE ON " + peer
                    + " FOR EACH ROW EXECUTE FUNCTION testtype_mtime()");
        }
        tables.execute("SELECT pbp.track('notifying')");
        tables.execute("""
                CREATE FUNCTION notify_each() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM pg_notify('notify_each', '');
                    RETURN NULL;
                END
                $$;
                CREATE TRIGGER notify_each AFTER INSERT ON notifying FOR EACH STATEMENT EXECUTE FUNCTION notify_each();
                CREATE FUNCTION notify_listened() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM pg_notify('listened', '');
                    RETURN NULL;
                END
                $$;
                CREATE TRIGGER notify_listened AFTER INSERT ON listened
                    FOR EACH STATEMENT EXECUTE FUNCTION notify_listened();
                CREATE INDEX ON row_triggers (mtime);
                CREATE TABLE table_time (name text PRIMARY KEY, mtime timestamptz);
                CREATE FUNCTION row_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    DELETE FROM table_time WHERE name = TG_TABLE_NAME;
                    INSERT INTO table_time VALUES (TG_TABLE_NAME, NEW.mtime);
                    PERFORM pg_notify(TG_TABLE_NAME || '_insert', row_to_json(NEW)::text);
                    RETURN NULL;
                END
                $$;
                CREATE TRIGGER row_trigger AFTER INSERT ON row_triggers FOR EACH ROW EXECUTE FUNCTION row_trigger();
                """);
        return tables;
    }

    /**
     * Empties all of them, and the log.
     *
     * @throws SQLException if the server refuses
     */
    public void empty() throws SQLException {
        execute("TRUNCATE pbp.log, testtype, untracked, notifying, row_triggers, table_time, listened");
    }

    /**
     * Inserts into ours, {@value #ROWS_OF_MANY} rows a transaction.
     *
     * @param transactions how many
     * @throws SQLException if the server refuses
     */
    public void insertMany(int transactions) throws SQLException {
        execute("DO $$ BEGIN FOR i IN 1.." + transactions
                + " LOOP INSERT INTO testtype (val) SELECT 'row ' || g FROM generate_series(1, " + ROWS_OF_MANY
                + ") g; COMMIT; END LOOP; END $$");
    }

    /**
     * Executes a statement on a connection of its own.
     *
     * @param sql the statement
     * @throws SQLException if the server refuses
     */
    public void execute(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /**
     * Queries a number.
     *
     * @param query the first column of its first row is the number
     * @return the number
     * @throws SQLException if the server refuses
     */
    public long number(String query) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    /**
     * Describes the server.
     *
     * @return its version, and the settings that decide what a commit means
     * @throws SQLException if the server refuses
     */
    public String settings() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT current_setting('server_version'), current_setting('fsync'),"
                                + " current_setting('synchronous_commit')")) {
            row.next();
            return "PostgreSQL " + row.getString(1) + ", fsync " + row.getString(2) + ", synchronous_commit "
                    + row.getString(3);
        }
    }
}
