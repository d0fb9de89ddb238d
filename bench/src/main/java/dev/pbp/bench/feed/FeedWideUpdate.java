package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.Figures;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An UPDATE of one integer in each of {@value #ROWS} rows of 47 text columns and 5 kB of JSON, which is above the limit of its
 * table. The peer {@code bare-trigger} has a statement trigger with both transition tables that does nothing. The peer of
 * {@code wide-update-wal} is {@code untracked}.
 */
record FeedWideUpdate(Figures figures, BenchmarkTables tables) {
    private static final int ROUNDS = 7;
    private static final int ROWS = 20_000;
    private static final String OURS = "wide";
    private static final String BARE = "wide_bare";
    private static final String UNTRACKED = "wide_untracked";

    private record Cost(double millis, double walMegabytes) {}

    void run() throws SQLException {
        create();
        tables.execute("CHECKPOINT"); // none comes later, so full pages are written by the first round alone
        double[][] millis = new double[3][ROUNDS];
        double[][] wal = new double[3][ROUNDS];
        String[] names = {OURS, BARE, UNTRACKED};
        for (int round = -1; round < ROUNDS; round++) { // the first one warms up
            figures.say("wide-update, round " + (round + 1) + " of " + ROUNDS);
            for (int i = 0; i < names.length; i++) {
                int table = (i + round + 1) % names.length; // each is first in turn
                Cost cost = update(names[table]);
                if (round >= 0) {
                    millis[table][round] = cost.millis;
                    wal[table][round] = cost.walMegabytes;
                }
            }
        }
        long refetches = tables.number("SELECT count(*) FROM pbp.log WHERE tab = 'wide' AND op = 'r'");
        long rows = tables.number("SELECT count(*) FROM pbp.log WHERE tab = 'wide'");
        if (refetches != ROUNDS + 1 || rows != refetches) {
            throw new IllegalStateException("wide-update: expected " + (ROUNDS + 1)
                    + " must-refetches in the log, and got " + refetches + " among " + rows + " rows");
        }
        figures.figure("wide-update", Figures.median(millis[0]), "ms");
        figures.peer("wide-update", "bare-trigger", Figures.median(millis[1]), "ms");
        figures.peer("wide-update", "untracked", Figures.median(millis[2]), "ms");
        figures.ratio("wide-update", "bare-trigger", Figures.median(millis[1]) / Figures.median(millis[0]));
        figures.ratio("wide-update", "untracked", Figures.median(millis[2]) / Figures.median(millis[0]));
        figures.figure("wide-update-wal", Figures.median(wal[0]), "MB");
        figures.peer("wide-update-wal", "untracked", Figures.median(wal[2]), "MB");
        figures.ratio("wide-update-wal", "untracked", Figures.median(wal[2]) / Figures.median(wal[0]));
        tables.execute(
                "SELECT pbp.untrack('wide'); DROP TABLE wide, wide_bare, wide_untracked; DROP FUNCTION wide_nothing()");
    }

    private void create() throws SQLException {
        String columns =
                IntStream.rangeClosed(1, 47).mapToObj(i -> "c" + i + " text").collect(Collectors.joining(", "));
        String values = IntStream.rangeClosed(1, 47)
                .mapToObj(i -> "'value ' || " + i + " * g")
                .collect(Collectors.joining(", "));
        tables.execute("CREATE TABLE wide (id int PRIMARY KEY, " + columns + ", doc jsonb, n int NOT NULL)");
        // What does not compress, as 5 kB of real data would not by much: it lies outside the row.
        tables.execute("INSERT INTO wide SELECT g, " + values + ", (SELECT jsonb_agg(md5((g * 1000 + i)::text))"
                + " FROM generate_series(1, 140) i), 0 FROM generate_series(1, " + ROWS + ") g");
        for (String copy : new String[] {BARE, UNTRACKED}) {
            tables.execute("CREATE TABLE " + copy + " (LIKE wide INCLUDING ALL)");
            tables.execute("INSERT INTO " + copy + " SELECT * FROM wide");
        }
        tables.execute("""
                SELECT pbp.track('wide');
                CREATE FUNCTION wide_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER nothing AFTER UPDATE ON wide_bare REFERENCING OLD TABLE AS pbp_old NEW TABLE AS pbp_new
                    FOR EACH STATEMENT EXECUTE FUNCTION wide_nothing()""");
    }

    /** The table is vacuumed before, so that each round finds room in pages that the one before has written. */
    private Cost update(String table) throws SQLException {
        try (Connection connection = tables.database().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM " + table);
            String before = wal(statement);
            long begin = System.nanoTime();
            statement.execute("UPDATE " + table + " SET n = n + 1");
            double millis = (System.nanoTime() - begin) / 1e6;
            try (ResultSet row =
                    statement.executeQuery("SELECT pg_current_wal_insert_lsn() - '" + before + "'::pg_lsn")) {
                row.next();
                return new Cost(millis, row.getDouble(1) / 1e6);
            }
        }
    }

    private static String wal(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()")) {
            row.next();
            return row.getString(1);
        }
    }
}
