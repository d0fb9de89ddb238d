package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.Figures;
import dev.pbp.core.feed.ChangeFeed;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** What writers can do: one row a transaction, and a hundred thousand in one statement. */
record FeedWrites(Figures figures, BenchmarkTables tables, ChangeFeed feed) {
    private static final int ROUNDS = 5;
    private static final int BULK_ROWS = 100_000;
    private static final int ROW_TRIGGER_ROWS = BULK_ROWS / 10;
    private static final Peer UNTRACKED = new Peer("untracked", BenchmarkTables.UNTRACKED);
    private static final Peer NOTIFYING = new Peer("notify-each-tx", BenchmarkTables.NOTIFYING);

    private record Peer(String name, String table) {}

    /** One-row transactions a second by so many clients. */
    void oneRow(int clients) throws Exception {
        compare("write-" + clients, WriteLoad.durable(tables, clients), List.of(UNTRACKED, NOTIFYING));
    }

    /** The same by one client whose commits do not wait for the disk. */
    void oneRowAsync() throws Exception {
        compare("write-1-async", WriteLoad.async(tables, 1), List.of(UNTRACKED));
    }

    private void compare(String name, WriteLoad load, List<Peer> peers) throws Exception {
        double[] ours = new double[ROUNDS];
        double[][] theirs = new double[peers.size()][ROUNDS];
        try (FeedFollower reader =
                FeedFollower.start(feed, batch -> {}, BenchmarkTables.OURS, BenchmarkTables.NOTIFYING)) {
            load.rate(BenchmarkTables.UNTRACKED, reader); // warms up
            for (int round = 0; round < ROUNDS; round++) {
                figures.say(name + ", round " + (round + 1) + " of " + ROUNDS);
                tables.empty();
                ours[round] = load.rate(BenchmarkTables.OURS, reader);
                for (int i = 0; i < peers.size(); i++) {
                    theirs[i][round] = load.rate(peers.get(i).table, reader);
                }
            }
        }
        figures.figure(name, Figures.median(ours), "tx/s");
        for (int i = 0; i < peers.size(); i++) {
            figures.peer(name, peers.get(i).name, Figures.median(theirs[i]), "tx/s");
        }
        for (int i = 0; i < peers.size(); i++) {
            figures.ratio(name, peers.get(i).name, Figures.median(ours) / Figures.median(theirs[i]));
        }
    }

    /** One INSERT of {@value #BULK_ROWS} rows; with triggers for each row a tenth of that, compared by rows a second. */
    void bulk() throws Exception {
        tables.execute("SELECT pbp.track('testtype', max_statement => 'none')"); // every row is logged
        double[] ours = new double[ROUNDS];
        double[] untracked = new double[ROUNDS];
        double[] rowTriggers = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            figures.say("bulk-100k, round " + (round + 1) + " of " + ROUNDS);
            tables.empty();
            untracked[round] = millis(BenchmarkTables.UNTRACKED, BULK_ROWS);
            ours[round] = millis(BenchmarkTables.OURS, BULK_ROWS);
            rowTriggers[round] = millis(BenchmarkTables.ROW_TRIGGERS, ROW_TRIGGER_ROWS);
        }
        tables.execute("SELECT pbp.track('testtype', max_statement => '8MB')");
        double perRow = Figures.median(ours) / BULK_ROWS;
        figures.figure("bulk-100k", Figures.median(ours), "ms");
        figures.peer("bulk-100k", "untracked", Figures.median(untracked), "ms");
        figures.peer("bulk-100k", "row-triggers", ROW_TRIGGER_ROWS / Figures.median(rowTriggers) * 1000, "rows/s");
        figures.ratio("bulk-100k", "untracked", Figures.median(untracked) / Figures.median(ours));
        figures.ratio("bulk-100k", "row-triggers", Figures.median(rowTriggers) / ROW_TRIGGER_ROWS / perRow);
    }

    private double millis(String table, int rows) throws SQLException {
        try (Connection connection = tables.database().connect();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO " + table + " (val) SELECT 'row ' || g FROM generate_series(1, ?) g")) {
            insert.setInt(1, rows);
            long begin = System.nanoTime();
            insert.execute();
            return (System.nanoTime() - begin) / 1e6;
        }
    }
}
