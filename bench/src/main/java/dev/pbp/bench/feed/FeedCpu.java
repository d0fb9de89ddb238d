package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.Figures;
import dev.pbp.core.feed.ChangeFeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The processor time, user and system, that a one-row transaction takes in the server's process of its session, commit
 * included. That of the client and of the server's other processes is not in it.
 */
record FeedCpu(Figures figures, BenchmarkTables tables, ChangeFeed feed) {
    private static final int ROUNDS = 15;
    private static final int TRANSACTIONS = 1_000;
    private static final int WARM_UP = 100; // the feed is awake then, as it is under traffic

    void run() throws Exception {
        double[] ours = new double[ROUNDS];
        double[] untracked = new double[ROUNDS];
        tables.empty();
        try (FeedFollower reader = FeedFollower.start(feed, batch -> {}, BenchmarkTables.OURS);
                Session tracked = Session.open(tables, BenchmarkTables.OURS);
                Session plain = Session.open(tables, BenchmarkTables.UNTRACKED)) {
            for (int round = -1; round < ROUNDS; round++) { // the first one warms up
                figures.say("write-cpu, round " + (round + 1) + " of " + ROUNDS);
                double peer = plain.micros();
                double our = tracked.micros();
                reader.await((round + 2L) * (WARM_UP + TRANSACTIONS));
                if (round >= 0) {
                    untracked[round] = peer;
                    ours[round] = our;
                }
            }
        }
        figures.figure("write-cpu", Figures.median(ours), "us");
        figures.peer("write-cpu", "untracked", Figures.median(untracked), "us");
        figures.ratio("write-cpu", "untracked", Figures.median(untracked) / Figures.median(ours));
    }

    /** A session that writes to one table, and the server's process of it. */
    private record Session(Connection connection, PreparedStatement insert, Path schedule) implements AutoCloseable {
        static Session open(BenchmarkTables tables, String table) throws SQLException {
            Connection connection = tables.database().connect();
            try (Statement statement = connection.createStatement();
                    ResultSet pid = statement.executeQuery("SELECT pg_backend_pid()")) {
                pid.next();
                Path schedule = Path.of("/proc", pid.getString(1), "schedstat");
                PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table + " (val) VALUES (?)");
                insert.setString(1, "a row of the benchmark");
                return new Session(connection, insert, schedule);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        }

        /** Microseconds of a processor for each transaction. */
        double micros() throws SQLException, IOException {
            write(WARM_UP);
            long before = nanos();
            write(TRANSACTIONS);
            return (nanos() - before) / 1e3 / TRANSACTIONS;
        }

        private void write(int transactions) throws SQLException {
            for (int i = 0; i < transactions; i++) {
                insert.execute();
            }
        }

        /** The first number of Linux's {@code schedstat} is the time on a processor, in nanoseconds. */
        private long nanos() throws IOException {
            String text = Files.readString(schedule);
            return Long.parseLong(text.substring(0, text.indexOf(' ')));
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
