package dev.pbp.bench.notify;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** Sends as fast as one connection can: the server makes the notifications, a thousand in a transaction. */
final class NotifyLoad implements AutoCloseable {
    static final String CHANNEL = "load";
    private static final int BATCH = 1_000;

    private final Connection connection;
    private volatile boolean stopped;

    /**
     * Connects.
     *
     * @param url the database
     * @throws SQLException if it cannot
     */
    public NotifyLoad(String url) throws SQLException {
        connection = DriverManager.getConnection(url);
    }

    static String topic(int number) {
        return "topic/" + number;
    }

    /**
     * Stores the names of topics and their channels, so that sending does not compute them.
     *
     * @param topics how many
     * @throws SQLException if it cannot
     */
    public void prepareTopics(int topics) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE topics AS SELECT n AS id, 'topic/' || n AS name, 'pbp_topic_'"
                    + " || get_byte(sha256(convert_to('topic/' || n, 'UTF8')), 0) % 64 AS channel"
                    + " FROM generate_series(0, " + (topics - 1) + ") AS n");
            statement.execute("ALTER TABLE topics ADD PRIMARY KEY (id)");
            statement.execute("VACUUM ANALYZE topics");
        }
    }

    /**
     * Sends so many to one channel.
     *
     * @param count a multiple of a thousand
     * @throws SQLException if it cannot
     */
    public void send(int count) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT count(pg_notify('" + CHANNEL
                + "', lpad(n::text, " + WorkerProcess.PAYLOAD_BYTES + ", '0'))) FROM generate_series(?, ?) AS n")) {
            send(statement, count, Integer.MAX_VALUE);
        }
    }

    /**
     * Sends so many to topics, one after the other, all over again.
     *
     * @param count a multiple of a thousand
     * @param topics as prepared, a multiple of a thousand
     * @throws SQLException if it cannot
     */
    public void sendToTopics(int count, int topics) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT count(pg_notify(channel,"
                + " name || chr(10) || repeat('x', " + WorkerProcess.PAYLOAD_BYTES
                + "))) FROM topics WHERE id BETWEEN ? AND ?")) {
            send(statement, count, topics);
        }
    }

    private void send(PreparedStatement statement, int count, int wrap) throws SQLException {
        for (int from = 0; from < count && !stopped; from += BATCH) {
            statement.setInt(1, from % wrap);
            statement.setInt(2, from % wrap + BATCH - 1);
            statement.execute();
        }
    }

    /** Ends what another thread sends. */
    public void stop() {
        stopped = true;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
