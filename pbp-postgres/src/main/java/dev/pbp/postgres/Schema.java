package dev.pbp.postgres;

import dev.pbp.postgres.internal.jdbc.SqlState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;

/**
 * The SQL files that a database needs, and their installation.
 *
 * <p>Installing again changes nothing; after an upgrade it runs the files that are new. All of an installation is one
 * transaction under a lock: it happens whole or not at all, also if two processes start at once.
 *
 * @param component whose files these are: {@code pbp}, or a name of your own
 * @param folder where they lie on the class path, as {@link ClassLoader#getResource} takes it
 * @param files their names, in the order in which they run; a file that has once been released never changes
 */
public record Schema(String component, String folder, List<String> files) {
    /** The change log and the tracking of tables, in the schema {@code pbp}. */
    public static final Schema PBP = new Schema(
            "pbp",
            "dev/pbp/sql",
            List.of(
                    "V001__change_log.sql",
                    "V002__rendering.sql",
                    "V003__tracking.sql",
                    "V004__retention.sql",
                    "V005__nodes.sql",
                    "V006__mtime.sql",
                    "V007__rights.sql",
                    "V008__ddl.sql",
                    "V009__replication.sql",
                    "V010__removal.sql"));

    /** The example's table {@code testtype}. */
    public static final Schema HELLO_WORLD =
            new Schema("helloworld", "dev/pbp/sql/helloworld", List.of("V001__testtype.sql"));

    private static final int OLDEST_SERVER = 130000;
    private static final int LOCK_SECONDS = 10;
    /** The last of them is that of a catalog. */
    private static final Set<SqlState> CREATED_MEANWHILE =
            Set.of(SqlState.DUPLICATE_SCHEMA, SqlState.DUPLICATE_TABLE, SqlState.UNIQUE_VIOLATION);

    /** Copies the list. */
    public Schema {
        files = List.copyOf(files);
    }

    /**
     * Installs what the database lacks.
     *
     * @param source gives a connection whose role may create schemas, tables and functions
     * @param schemas in the order in which they build on each other
     * @return the files that were run now, each as {@code component/file}; empty if nothing had to be done
     * @throws SQLException if the server is older than PostgreSQL 13, a right is missing, or a file that was installed
     *     earlier has another content now; nothing is changed then
     */
    public static List<String> install(DataSource source, Schema... schemas) throws SQLException {
        try (Connection connection = source.getConnection()) {
            requireServer(connection);
            connection.setAutoCommit(false);
            try {
                return whileAlone(connection, schemas);
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                if (e instanceof SQLException failure && SqlState.READ_ONLY_SQL_TRANSACTION.matches(failure)) {
                    throw new SQLException(
                            failure.getMessage()
                                    + "; the server is a standby, or default_transaction_read_only is on for this"
                                    + " role, database or server",
                            failure.getSQLState(),
                            e);
                }
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }

    /**
     * The lock is that of a table, so only roles that may write to the table can hold it. Where there is no such table yet, two
     * processes may try to create it at once; the one that is late waits for the other's commit and then goes on from there.
     */
    private static List<String> whileAlone(Connection connection, Schema... schemas) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            while (!exists(statement)) {
                try {
                    statement.execute(text("dev/pbp/sql", "V000__migrations.sql"));
                } catch (SQLException e) {
                    if (CREATED_MEANWHILE.stream().noneMatch(state -> state.matches(e))) {
                        throw e;
                    }
                    connection.rollback();
                }
            }
            statement.execute("SET LOCAL lock_timeout = '" + LOCK_SECONDS + "s'");
            try {
                statement.execute("LOCK TABLE pbp.migration IN SHARE ROW EXCLUSIVE MODE");
            } catch (SQLException e) {
                throw SqlState.LOCK_NOT_AVAILABLE.matches(e)
                        ? new SQLException(
                                "another session has held pbp.migration for " + LOCK_SECONDS
                                        + " s; if it is another installation, wait for its end: " + e.getMessage(),
                                e.getSQLState(),
                                e)
                        : e;
            }
            List<String> installed = new ArrayList<>();
            for (Schema schema : schemas) {
                for (String file : schema.files) {
                    if (schema.installFile(connection, statement, file)) {
                        installed.add(schema.component + "/" + file);
                    }
                }
            }
            connection.commit();
            return installed;
        }
    }

    private boolean installFile(Connection connection, Statement statement, String file) throws SQLException {
        String sql = text(folder, file);
        String hash = sha256(sql);
        try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO pbp.migration (component, file, sha256) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
                PreparedStatement look = connection.prepareStatement(
                        "SELECT sha256 FROM pbp.migration WHERE component = ? AND file = ?")) {
            insert.setString(1, component);
            insert.setString(2, file);
            insert.setString(3, hash);
            if (insert.executeUpdate() == 1) {
                statement.execute(sql);
                return true;
            }
            look.setString(1, component);
            look.setString(2, file);
            try (ResultSet row = look.executeQuery()) {
                row.next();
                if (!row.getString(1).equals(hash)) {
                    throw new SQLException(component + "/" + file + " was installed with another content (sha256 "
                            + row.getString(1) + ", now " + hash + "): a released file never changes, add a new one");
                }
            }
            return false;
        }
    }

    private static boolean exists(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT to_regclass('pbp.migration') IS NOT NULL")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static void requireServer(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW server_version_num")) {
            row.next();
            requireVersion(row.getInt(1));
        }
    }

    /**
     * Checks the server's version.
     *
     * @param version as {@code SHOW server_version_num} gives it
     * @throws SQLException if it is too old
     */
    static void requireVersion(int version) throws SQLException {
        if (version < OLDEST_SERVER) {
            throw new SQLException("the server is PostgreSQL " + version / 10000 + ", pbp needs "
                    + OLDEST_SERVER / 10000 + " or newer: upgrade the server or name another one with --url");
        }
    }

    private static String text(String folder, String file) {
        String path = folder + "/" + file;
        try (InputStream in = Schema.class.getClassLoader().getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException("schema: no file " + path + " on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("schema: cannot read " + path, e);
        }
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java", e);
        }
    }
}
