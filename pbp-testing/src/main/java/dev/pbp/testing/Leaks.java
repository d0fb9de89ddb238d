package dev.pbp.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Looks for what a test class left behind, and gives it time to end by itself first. */
final class Leaks {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String OBJECT_IN_USE = "55006";

    /** Threads of the JVM and of libraries that live for the whole process, whoever causes their start. */
    private static final List<String> PROCESS_WIDE = List.of(
            "process reaper",
            "Attach Listener",
            "ForkJoinPool.commonPool-",
            "CompletableFutureDelayScheduler",
            "Common-Cleaner",
            "Keep-Alive-",
            "PostgreSQL-JDBC-",
            // java.net.http.HttpClient cannot be closed before Java 21: its threads end when it is collected.
            "HttpClient-",
            "idle-connection-cleaner",
            "junit-",
            "testcontainers",
            "docker-look");

    private Leaks() {}

    static Set<Thread> threadsNow() {
        return Set.copyOf(Thread.getAllStackTraces().keySet());
    }

    /** One entry for each thread that was not there before and does not end, with where it is. */
    static List<String> threads(Set<Thread> before) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        List<String> left = new ArrayList<>();
        for (Thread thread : startedSince(before)) {
            long millis = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
            try {
                thread.join(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                left.add(describe(thread));
            }
        }
        return left;
    }

    private static Set<Thread> startedSince(Set<Thread> before) {
        Set<Thread> started = new LinkedHashSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            String name = thread.getName();
            if (!before.contains(thread) && PROCESS_WIDE.stream().noneMatch(name::startsWith)) {
                started.add(thread);
            }
        }
        return started;
    }

    private static String describe(Thread thread) {
        StringBuilder text = new StringBuilder("thread \"")
                .append(thread.getName())
                .append("\" (")
                .append(thread.getState())
                .append(thread.isDaemon() ? ", daemon)" : ")");
        for (StackTraceElement element : thread.getStackTrace()) {
            text.append("\n    at ").append(element);
        }
        return text.toString();
    }

    /** Drops the database; one entry for each session or prepared transaction that stood in the way. */
    static List<String> connections(ServerAddress server, String database) throws SQLException {
        try (Connection connection = new TestDatabase(server).connect();
                Statement statement = connection.createStatement()) {
            try {
                // Waits for the sessions in it to end, up to 5 s, on the server.
                statement.execute("DROP DATABASE " + database);
                return List.of();
            } catch (SQLException e) {
                if (!OBJECT_IN_USE.equals(e.getSQLState())) {
                    throw e;
                }
                List<String> left = sessions(connection, database);
                left.addAll(preparedTransactions(connection, server, database));
                if (left.isEmpty()) {
                    left.add("a session that ended only after 5 s: " + e.getMessage());
                }
                statement.execute("DROP DATABASE " + database + " WITH (FORCE)");
                return left;
            }
        }
    }

    private static List<String> sessions(Connection connection, String database) throws SQLException {
        List<String> sessions = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT pid, application_name, state, coalesce(query, '') AS query FROM pg_stat_activity"
                        + " WHERE datname = ? AND backend_type <> 'autovacuum worker' ORDER BY backend_start")) {
            query.setString(1, database);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    String last = rows.getString("query");
                    boolean listens = last.strip().toUpperCase(Locale.ROOT).startsWith("LISTEN")
                            || last.contains("pg_listening_channels"); // a heartbeat of one
                    sessions.add((listens ? "listener" : "connection") + " of \"" + rows.getString("application_name")
                            + "\" (backend " + rows.getInt("pid") + ", " + rows.getString("state")
                            + "), last statement: " + last);
                }
            }
        }
        return sessions;
    }

    /** Reports and rolls them back: DROP DATABASE cannot be forced past them. */
    private static List<String> preparedTransactions(Connection connection, ServerAddress server, String database)
            throws SQLException {
        List<String> identifiers = new ArrayList<>();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT gid FROM pg_prepared_xacts WHERE database = ?")) {
            query.setString(1, database);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    identifiers.add(rows.getString(1));
                }
            }
        }
        List<String> reports = new ArrayList<>();
        for (String identifier : identifiers) {
            reports.add("prepared transaction " + identifier);
            try (Connection inside = new TestDatabase(server.database(database)).connect();
                    Statement statement = inside.createStatement()) {
                statement.execute("ROLLBACK PREPARED '" + identifier.replace("'", "''") + "'");
            }
        }
        return reports;
    }
}
