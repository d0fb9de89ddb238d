package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.Cursor;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The table of one row in which a consumer's progress is stored; docs/how-to/durable-consumer.md has its DDL. */
final class CursorTable {
    private static final int MAX_NAME_BYTES = 63;
    private static final Pattern NAME_PARTS = Pattern.compile("[.\"]+");

    private static final String LOOK = """
            SELECT format('%I.%I', n.nspname, c.relname), c.relkind = 'r' AND c.relpersistence = 'p',
                   has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'UPDATE'), current_user,
                   (SELECT string_agg(format('%s %s', x.name, x.type), ', ' ORDER BY x.name)
                    FROM (VALUES ('cursor', 'text'), ('tables', 'text[]'), ('part', 'text')) x (name, type)
                    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                                      WHERE a.attrelid = c.oid AND a.attname = x.name AND NOT a.attisdropped
                                        AND a.atttypid = to_regtype(x.type)))
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = to_regclass(?)""";

    /** A transaction that has locked the progress: its snapshot and its id. */
    record Held(String snapshot, String xid) {}

    private final String name;
    private final String relation; // quoted by the server

    private CursorTable(String name, String relation) {
        this.name = name;
        this.relation = relation;
    }

    /**
     * Finds the table and checks that it can hold the checkpoint.
     *
     * @param name as in SQL, with or without a schema
     * @throws IllegalStateException with what is missing
     */
    static CursorTable find(Connection connection, String name) throws SQLException {
        for (String part : NAME_PARTS.split(name)) {
            if (part.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
                throw new IllegalArgumentException(
                        "cursor table " + name + ": a name has at most " + MAX_NAME_BYTES + " bytes");
            }
        }
        try (PreparedStatement select = connection.prepareStatement(LOOK)) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                require(row.next(), name, "there is no such table in database " + connection.getCatalog());
                require(
                        row.getBoolean(2),
                        name,
                        "expected an ordinary table that a crash of the server does not empty");
                require(
                        row.getBoolean(3) && row.getBoolean(4),
                        name,
                        "role " + row.getString(5) + " needs SELECT and UPDATE on the whole table");
                require(row.getString(6) == null, name, "expected the columns " + row.getString(6));
                CursorTable table = new CursorTable(name, row.getString(1));
                table.read(connection);
                return table;
            }
        }
    }

    private static void require(boolean condition, String name, String otherwise) {
        if (!condition) {
            throw new IllegalStateException(
                    "cursor table " + name + ": " + otherwise + "; see docs/how-to/durable-consumer.md");
        }
    }

    /** For messages. */
    String name() {
        return name;
    }

    /** Schema and name as SQL. */
    String relation() {
        return relation;
    }

    Checkpoint read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT cursor, tables, part FROM " + relation)) {
            require(row.next(), name, "it has no row: INSERT INTO " + relation + " DEFAULT VALUES");
            String cursor = row.getString(1);
            Array tables = row.getArray(2);
            Checkpoint checkpoint = new Checkpoint(
                    cursor == null ? null : new Cursor(cursor),
                    tables == null ? Set.of() : Set.of((String[]) tables.getArray()),
                    row.getString(3));
            require(!row.next(), name, "expected one row, there are more");
            return checkpoint;
        }
    }

    /**
     * Moves the progress on, and keeps every other instance from doing so until the transaction ends.
     *
     * @return the id of the transaction
     * @throws TakenOverException if another instance has moved it
     */
    String move(Connection connection, Checkpoint from, Checkpoint to) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE " + relation
                + " SET cursor = ?, tables = ?, part = ? WHERE cursor IS NOT DISTINCT FROM ?"
                + " RETURNING pg_current_xact_id()::text")) {
            update.setString(1, text(to));
            update.setArray(2, connection.createArrayOf("text", to.tables().toArray()));
            update.setString(3, to.part());
            update.setString(4, text(from));
            try (ResultSet row = update.executeQuery()) {
                if (!row.next()) {
                    throw new TakenOverException(name);
                }
                return row.getString(1);
            }
        }
    }

    /**
     * Checks that the transaction still runs and can be committed. A handler may have caught the error of a statement, or may
     * have ended the transaction in SQL.
     *
     * @param xid the id of the transaction
     * @throws SQLException if a statement has failed in it
     * @throws IllegalStateException if it is another one
     */
    static void requireSame(Connection connection, String xid) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_xact_id_if_assigned()::text")) {
            row.next();
            if (!xid.equals(row.getString(1))) {
                throw new IllegalStateException("the handler has ended the transaction " + xid
                        + ", in which the cursor is stored; some of its writes may be missing or come twice");
            }
        }
    }

    /**
     * Keeps every other instance from moving the progress until the transaction ends.
     *
     * @throws TakenOverException if another instance has moved it
     */
    Held hold(Connection connection, Checkpoint from) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE " + relation
                        + " SET part = NULL WHERE cursor IS NOT DISTINCT FROM ? RETURNING pg_current_snapshot()::text, pg_current_xact_id()::text")) {
            update.setString(1, text(from));
            try (ResultSet row = update.executeQuery()) {
                if (!row.next()) {
                    throw new TakenOverException(name);
                }
                return new Held(row.getString(1), row.getString(2));
            }
        }
    }

    private static @Nullable String text(Checkpoint checkpoint) {
        Cursor cursor = checkpoint.cursor();
        return cursor == null ? null : cursor.value();
    }
}
