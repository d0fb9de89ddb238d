package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** A statement above its table's limit logs that the table must be refetched, and no rows. Each test uses tables of its own. */
@PostgresTest
class MaxStatementIT {
    /** What a row of {@code (id int, v text)} takes beside its text. */
    private static final int ROW = 24 + 4;

    /** What a text in a row takes: a header of one byte where it is short, else of four. */
    private static int text(int length) {
        return length + (length < 127 ? 1 : 4);
    }

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
    }

    @BeforeEach
    void emptyLog(TestDatabase database) throws SQLException {
        Installed.execute(database, "DROP TABLE IF EXISTS items CASCADE; TRUNCATE pbp.log");
    }

    /** Each kind of log row, with its number. */
    private static List<String> logged(TestDatabase database) throws SQLException {
        return Installed.rows(database, "SELECT op, count(*) FROM pbp.log WHERE tab = 'items' GROUP BY op ORDER BY op");
    }

    private static void create(TestDatabase database, String limit) throws SQLException {
        Installed.execute(
                database,
                "SELECT pbp.untrack(rel) FROM pbp.tracked WHERE name = 'items';"
                        + " CREATE TABLE items (id int PRIMARY KEY, v text);"
                        + " SELECT pbp.track('items', max_statement => '" + limit + "'); TRUNCATE pbp.log");
    }

    private static void log(TestDatabase database, String statement) throws SQLException {
        Installed.execute(database, "TRUNCATE pbp.log; " + statement);
    }

    @Test
    @Evidence(
            guarantee = "large-transactions",
            claim =
                    "A statement above its table's limit logs a must-refetch and no rows; at the limit it logs all of them",
            how = "the statement that logs looks at 64 rows; only a larger one is measured, up to the limit",
            brokenOnce = "V002__rendering.sql, ask_for_excess: `>=` in place of `>`")
    void theLimitItselfIsLoggedAndOneByteMoreIsNot(TestDatabase database) throws SQLException {
        create(database, "none");
        for (int[] example : new int[][] {{1, 1000}, {3, 1000}, {63, 100}, {64, 100}, {65, 100}, {1000, 20}}) {
            int rows = example[0];
            int length = example[1];
            long size = (long) rows * (ROW + text(length));
            String limit = "SELECT pbp.track('items', max_statement => '%d'); ";
            String insert =
                    "INSERT INTO items SELECT i, repeat('x', " + length + ") FROM generate_series(1, " + rows + ") i";
            log(database, String.format(limit, size) + insert);
            assertThat(logged(database)).containsExactly("i " + rows);
            log(database, "DELETE FROM items");
            assertThat(logged(database)).containsExactly("d " + rows);
            log(database, String.format(limit, size - 1) + insert);
            assertThat(logged(database)).containsExactly("r 1");
            log(database, "DELETE FROM items");
            assertThat(logged(database)).containsExactly("r 1");
        }
    }

    @Test
    @Evidence(guarantee = "large-transactions", brokenOnce = "V002__rendering.sql, row_sizes: `pbp_old` not counted")
    void anUpdateCountsRowsBeforeAndAfter(TestDatabase database) throws SQLException {
        create(database, String.valueOf(2 * ROW + text(1000) + text(10)));
        log(database, "INSERT INTO items VALUES (1, repeat('x', 1000))");
        log(database, "UPDATE items SET v = repeat('y', 10)");
        assertThat(logged(database)).containsExactly("u 1");
        log(database, "UPDATE items SET v = repeat('z', 1000)");
        assertThat(logged(database)).containsExactly("u 1");
        log(database, "UPDATE items SET v = repeat('y', 11)");
        assertThat(logged(database)).containsExactly("r 1");
    }

    @Test
    void withNoneOrRoomEnoughAllIsLogged(TestDatabase database) throws SQLException {
        for (String limit : List.of("none", "NONE", "1GB")) {
            Installed.execute(database, "DROP TABLE IF EXISTS items");
            create(database, limit);
            log(database, "INSERT INTO items SELECT i, repeat('x', 900) FROM generate_series(1, 10000) i");
            assertThat(logged(database)).containsExactly("i 10000");
            log(database, "UPDATE items SET v = v || 'y'");
            assertThat(logged(database)).containsExactly("u 10000");
            log(database, "DELETE FROM items");
            assertThat(logged(database)).containsExactly("d 10000");
        }
    }

    @Test
    void aTableHas8MegabytesUnlessAskedOtherwise(TestDatabase database) throws SQLException {
        create(database, "1kB");
        Installed.execute(database, "SELECT pbp.untrack('items'); SELECT pbp.track('items')");
        int half = 4 * 1024 * 1024 - ROW - 4;
        log(database, "INSERT INTO items SELECT i, repeat('x', " + half + ") FROM generate_series(1, 2) i");
        assertThat(logged(database)).containsExactly("i 2");
        log(database, "INSERT INTO items SELECT i, repeat('x', " + half + " + i - 3) FROM generate_series(3, 4) i");
        assertThat(logged(database)).containsExactly("r 1");
    }

    @Test
    @Evidence(
            guarantee = "large-transactions",
            how = "the generation stays",
            brokenOnce = "V003__tracking.sql, keep_tracked: `is_same` false")
    void anotherLimitCostsNoRefetchAndATrackWithoutOneKeepsIt(TestDatabase database) throws SQLException {
        create(database, "1kB");
        Installed.execute(database, "TRUNCATE pbp.log");
        assertThat(Installed.rows(database, "SELECT pbp.track('items', max_statement => '2kB')"))
                .containsExactly("t");
        assertThat(Installed.rows(database, "SELECT pbp.track('items', max_statement => '2kB')"))
                .containsExactly("f");
        assertThat(Installed.rows(database, "SELECT pbp.track('items')")).containsExactly("f");
        assertThat(Installed.rows(database, "SELECT max_statement FROM pbp.tracking WHERE name = 'items'"))
                .containsExactly("2048");
        assertThat(logged(database)).isEmpty();
        log(database, "INSERT INTO items VALUES (1, repeat('x', 1500))");
        assertThat(logged(database)).containsExactly("i 1");
        Installed.execute(database, "ALTER TABLE items ADD COLUMN n int; SELECT pbp.track('items')");
        assertThat(Installed.rows(database, "SELECT max_statement FROM pbp.tracking WHERE name = 'items'"))
                .containsExactly("2048");
    }

    @Test
    void whatIsNoSizeIsRefused(TestDatabase database) throws SQLException {
        Installed.execute(database, "CREATE TABLE items (id int PRIMARY KEY, v text)");
        for (String limit : List.of("0", "-1kB", "8 apples", "")) {
            assertThatThrownBy(() ->
                            Installed.execute(database, "SELECT pbp.track('items', max_statement => '" + limit + "')"))
                    .isInstanceOf(SQLException.class)
                    .hasFieldOrPropertyWithValue("SQLState", "22023");
        }
    }

    @Test
    void copyHasTheLimitToo(TestDatabase database) throws Exception {
        create(database, String.valueOf(100 * (ROW + text(1))));
        try (Connection connection = database.connect()) {
            for (int rows : new int[] {100, 101}) {
                Installed.execute(database, "DELETE FROM items");
                Installed.execute(database, "TRUNCATE pbp.log");
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < rows; i++) {
                    text.append(i).append("\tx\n");
                }
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY items FROM STDIN", new StringReader(text.toString()));
                assertThat(logged(database)).containsExactly(rows == 100 ? "i 100" : "r 1");
            }
        }
    }

    @Test
    void partitionsHaveTheLimitOfTheirRoot(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE items (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
                CREATE TABLE items_low PARTITION OF items FOR VALUES FROM (0) TO (100);
                CREATE TABLE items_high PARTITION OF items FOR VALUES FROM (100) TO (1000);
                SELECT pbp.track('items', max_statement => '3000')""");
        log(database, "INSERT INTO items SELECT i, 'x' FROM generate_series(1, 100) i");
        assertThat(logged(database)).containsExactly("i 100");
        log(database, "INSERT INTO items SELECT i, 'x' FROM generate_series(101, 201) i");
        assertThat(logged(database)).containsExactly("r 1");
        log(database, "DELETE FROM items_high");
        assertThat(logged(database)).containsExactly("r 1");
        log(database, "DELETE FROM items_low");
        assertThat(logged(database)).containsExactly("d 99");
        Installed.execute(database, "SELECT pbp.untrack('items')");
    }

    @Test
    void excludedColumnsDoNotCount(TestDatabase database) throws SQLException {
        Installed.execute(
                database,
                "CREATE TABLE items (id int PRIMARY KEY, v text, blob text);"
                        + " SELECT pbp.track('items', '{blob}', max_statement => '2kB')");
        log(database, "INSERT INTO items VALUES (1, 'x', repeat('x', 5000))");
        assertThat(logged(database)).containsExactly("i 1");
        log(database, "INSERT INTO items VALUES (2, repeat('x', 5000), 'x')");
        assertThat(logged(database)).containsExactly("r 1");
        Installed.execute(database, "SELECT pbp.untrack('items')");
    }

    /** A value that is stored already counts as it is stored: compressed, if it is. */
    @Test
    void aStoredValueCountsAsItIsStored(TestDatabase database) throws SQLException {
        create(database, "200kB");
        log(database, "INSERT INTO items VALUES (1, repeat('x', 1000000))");
        assertThat(logged(database)).containsExactly("r 1");
        log(database, "UPDATE items SET id = 2");
        assertThat(logged(database)).containsExactly("d 1", "i 1");
        log(database, "UPDATE items SET v = (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 10000) i)");
        assertThat(logged(database)).containsExactly("r 1");
        log(database, "UPDATE items SET id = 3"); // what stays out of line counts twice, before and after
        assertThat(logged(database)).containsExactly("r 1");
    }

    /** Columns that came later, or have another type or name by now: the statement is made anew, and has the limit too. */
    @Test
    void aTableOfAnotherShapeHasTheLimit(TestDatabase database) throws SQLException {
        create(database, "2kB");
        Installed.execute(database, "ALTER TABLE items ADD COLUMN later text");
        log(database, "INSERT INTO items VALUES (1, 'x', 'x')");
        assertThat(logged(database)).containsExactly("i 1");
        log(database, "INSERT INTO items VALUES (2, 'x', repeat('x', 3000))");
        assertThat(logged(database)).containsExactly("r 1");
        Installed.execute(database, "ALTER TABLE items ALTER COLUMN v TYPE bytea USING ''");
        log(database, "INSERT INTO items VALUES (3, 'x', 'x')");
        assertThat(logged(database)).containsExactly("i 1");
        log(database, "INSERT INTO items VALUES (4, repeat('x', 3000)::bytea, 'x')");
        assertThat(logged(database)).containsExactly("r 1");
    }

    /** A table that a cascade updates in the same statement is looked at for twins; only below the limit. */
    @Test
    void aTableThatUpdatesItselfHasTheLimit(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE items (id int PRIMARY KEY, v text, parent int REFERENCES items ON UPDATE CASCADE);
                SELECT pbp.track('items', max_statement => '16kB')""");
        log(database, "INSERT INTO items SELECT i, 'x', NULL FROM generate_series(1, 100) i");
        log(database, "UPDATE items SET v = 'y'");
        assertThat(logged(database)).containsExactly("u 100");
        log(database, "UPDATE items SET v = repeat('y', 500) WHERE id <= 20");
        assertThat(logged(database)).containsExactly("u 20");
        log(database, "UPDATE items SET v = repeat('z', 500)");
        assertThat(logged(database)).containsExactly("r 1");
        Installed.execute(database, "SELECT pbp.untrack('items')");
    }

    /** Many columns are measured by a rougher expression first. */
    @Test
    void wideRowsCountExactly(TestDatabase database) throws SQLException {
        Installed.execute(
                database,
                "CREATE TABLE items (id int PRIMARY KEY, a text, b text, c text, d text, e text, f text);"
                        + " SELECT pbp.track('items', max_statement => '1076')");
        log(database, "INSERT INTO items VALUES (1, repeat('x', 1034), 'b', 'c', 'd', 'e', 'f')"); // 28 + 5 * 2 + 1038
        assertThat(logged(database)).containsExactly("i 1");
        log(database, "INSERT INTO items VALUES (2, repeat('x', 1035), 'b', 'c', 'd', 'e', 'f')");
        assertThat(logged(database)).containsExactly("r 1");
        Installed.execute(database, "SELECT pbp.untrack('items')");
    }
}
