package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Route;
import dev.pbp.postgres.Cursors;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A change's {@code old} is the row that a replica holds; where it is not, the replica reads that table again. */
@BrowserTest
@PostgresTest
class MismatchIT {
    private static final String TABLE = "/api/testtype";
    private static final String ONLY_X = "{\"tables\": {\"testtype\": {\"where\": {\"val\": \"eq.x\"}}}}";
    private static final String BOTH_TABLES = "{\"tables\": [\"testtype\", \"second\"]}";

    /** How soon a table is read again: up to a second in life. */
    private static final int READ_AGAIN_MILLIS = 10;

    private static BrowserStage stage;
    private static Cursors cursors;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        stage = BrowserStage.on(database);
        stage.site()
                .execute("CREATE TABLE second (id int PRIMARY KEY, n numeric, f float8, doc json);"
                        + " SELECT pbp.track('second')");
        // A forged row of the log names none of its columns that has no part in what is told.
        stage.site()
                .execute("DO $$ BEGIN ALTER TABLE pbp.log ALTER COLUMN place SET DEFAULT 1;"
                        + " EXCEPTION WHEN undefined_column THEN END $$");
        cursors = Cursors.of(database.dataSource());
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        execute("TRUNCATE testtype RESTART IDENTITY; TRUNCATE second");
    }

    @AfterEach
    void noComplaints() {
        stage.clear();
    }

    private static void execute(String sql) throws SQLException {
        stage.site().execute(sql);
    }

    private static void insert(String val) throws SQLException {
        execute("INSERT INTO testtype (val) VALUES ('" + val + "')");
    }

    private static ReplicaTab open(String options) {
        ReplicaTab tab = stage.blankTab();
        tab.page().route("**/api/second", route -> route.fulfill(second()));
        tab.ask("Math.random = () => " + READ_AGAIN_MILLIS + " / 1000");
        tab.connect(options);
        tab.await("live.state.phase === 'live'");
        return tab;
    }

    /** The second table, as a resource of its own would answer. */
    private static Route.FulfillOptions second() {
        try (Connection connection = stage.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT coalesce(json_agg(s ORDER BY id), '[]')::text,"
                        + " pg_current_snapshot()::text FROM second s")) {
            row.next();
            return new Route.FulfillOptions()
                    .setContentType("application/json")
                    .setHeaders(
                            Map.of("PBP-Cursor", cursors.at(row.getString(2)).value()))
                    .setBody(row.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Tells of a change that never was. */
    private static void forge(String op, int id, String before, String after) throws SQLException {
        execute("INSERT INTO pbp.log (tab, op, key, old, new) VALUES ('testtype', '" + op
                + "', json_build_object('id', " + id + "), " + row(id, before) + ", " + row(id, after)
                + "); SELECT pg_notify('pbp_changes', '')");
    }

    private static String row(int id, String val) {
        return val.isEmpty() ? "null" : "json_build_object('id', " + id + ", 'val', '" + val + "', 'mtime', now())";
    }

    private static long reads(String path) {
        return stage.chromium().reads(path);
    }

    private static void awaitReads(ReplicaTab tab, long reads) {
        tab.page().waitForCondition(() -> reads(TABLE) >= reads);
    }

    /** Everything before this was heard, and led to this many reads altogether. */
    private static void assertReads(ReplicaTab tab, int reads) throws SQLException {
        insert("sentinel");
        tab.awaitVal("sentinel");
        assertReadsByNow(tab, reads);
    }

    private static void assertReadsByNow(ReplicaTab tab, int reads) {
        tab.ask("new Promise((done) => setTimeout(done, " + 2 * READ_AGAIN_MILLIS + "))");
        assertThat(reads(TABLE)).isEqualTo(reads);
    }

    @Nested
    class OfTheFeed {
        private record Forgery(String name, String op, int id, String before, String after) {}

        @TestFactory
        @Evidence(guarantee = "replica-exact", recordedAt = "replica.test.js")
        Stream<DynamicTest> hasTheTableReadAgainAndIsRightThen() {
            return Stream.of(
                            new Forgery("an insert of a row that is held", "i", 1, "", "forged"),
                            new Forgery("an update of a row that was another", "u", 1, "another", "forged"),
                            new Forgery("an update of a row that is not held", "u", 9, "never", "forged"),
                            new Forgery("a delete of a row that was another", "d", 1, "another", ""),
                            new Forgery("a delete of a row that is not held", "d", 9, "never", ""))
                    .map(forgery -> DynamicTest.dynamicTest(forgery.name, () -> assertReadAgain(forgery)));
        }

        private void assertReadAgain(Forgery forgery) throws SQLException {
            execute("TRUNCATE testtype RESTART IDENTITY; INSERT INTO testtype (val) VALUES ('one'), ('two')");
            ReplicaTab tab = open("{}");
            forge(forgery.op, forgery.id, forgery.before, forgery.after);
            awaitReads(tab, 2);
            tab.await("rows.get(1)?.val === 'one' && !rows.has(9)"); // the read's answer may come after the sentinel
            assertReads(tab, 2);
            tab.assertExact();
            stage.clear();
        }

        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "replica.test.js")
        void ofARowThatAFilterNamesHasTheTableReadAgain() throws SQLException {
            execute("INSERT INTO testtype (val) VALUES ('x'), ('y')");
            ReplicaTab tab = open(ONLY_X);
            forge("u", 1, "y", "x"); // it says that the row enters, which is there
            awaitReads(tab, 2);
            insert("x");
            tab.await("rows.size === 2");
            assertThat(tab.ask("[...rows.values()].map(({ id, val }) => id + val).join()"))
                    .isEqualTo("1x,3x");
        }
    }

    @Nested
    class OfSeveralTabs {
        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "tabs.test.js")
        void isReadOnceForAllByTheOneThatLeads() throws SQLException {
            execute("INSERT INTO testtype (val) VALUES ('x'), ('y')");
            ReplicaTab leader = open("{}");
            List<ReplicaTab> others = List.of(open("{}"), open("{}"));
            List<ReplicaTab> narrow = List.of(open(ONLY_X), open(ONLY_X));
            assertThat(reads(TABLE)).isEqualTo(3);
            forge("u", 1, "xx", "x");
            awaitReads(leader, 5); // for those who have all rows, and for those who have some
            assertReads(leader, 5);
            leader.assertExact();
            for (ReplicaTab tab : others) {
                tab.awaitVal("sentinel");
                tab.assertExact();
            }
            String truth = leader.ask("rows.get(1).mtime").toString();
            for (ReplicaTab tab : narrow) {
                tab.await("rows.get(1).mtime === '" + truth + "'");
                assertThat(tab.ask("performance.getEntriesByType('resource')"
                                + ".filter(({ name }) => new URL(name).pathname === '/api/testtype').length"))
                        .as("reads by the tab itself")
                        .isEqualTo(1);
            }
        }
    }

    @Nested
    class IsNotSeenIn {
        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "MismatchIT.isNotSeenWhileMuchIsWrittenAndTabsCome")
        void changesOfOneKeyInOneTransactionOrBatch() throws SQLException {
            insert("one");
            ReplicaTab tab = open("{}");
            execute("""
                    BEGIN;
                    UPDATE testtype SET val = 'a' WHERE id = 1;
                    UPDATE testtype SET val = 'b' WHERE id = 1;
                    DELETE FROM testtype WHERE id = 1;
                    INSERT INTO testtype (id, val) VALUES (1, 'c');
                    UPDATE testtype SET id = id + 1 WHERE id = 1;
                    UPDATE testtype SET id = id - 1 WHERE id = 2;
                    COMMIT;
                    WITH gone AS (DELETE FROM testtype WHERE id = 1 RETURNING id) UPDATE testtype SET val = val || '!';
                    INSERT INTO testtype (id, val) VALUES (1, 'd') ON CONFLICT (id) DO UPDATE SET val = 'e';
                    INSERT INTO testtype (id, val) VALUES (1, 'd') ON CONFLICT (id) DO UPDATE SET val = 'e';
                    TRUNCATE testtype;
                    INSERT INTO testtype (id, val) VALUES (1, 'f');
                    SELECT setval(pg_get_serial_sequence('testtype', 'id'), 10)""");
            assertReads(tab, 1);
            tab.assertExact();
        }

        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "table.test.js")
        void rowsThatEnterAndLeaveAFilter() throws SQLException {
            execute("INSERT INTO testtype (val) VALUES ('x'), ('y'), ('z')");
            ReplicaTab tab = open(ONLY_X);
            for (String val : List.of("y", "x", "x", "z", "x")) {
                execute("UPDATE testtype SET val = '" + val + "', mtime = clock_timestamp()");
            }
            execute("DELETE FROM testtype WHERE id = 2; UPDATE testtype SET val = 'y' WHERE id = 3");
            tab.await("[...rows.keys()].join() === '1'");
            execute("INSERT INTO testtype (val) VALUES ('x')");
            tab.await("rows.size === 2");
            assertReadsByNow(tab, 1);
        }

        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "replica.test.js")
        void whatThisPageWritesItself() throws SQLException {
            execute("INSERT INTO testtype (val) VALUES ('one'), ('two')");
            ReplicaTab tab = open("{}");
            stage.proxy().stall();
            tab.ask("""
                    () => {
                        window.done = 0;
                        const count = () => done++;
                        live.insert('testtype', { val: 'mine' }).then(count);
                        live.update('testtype', 1, { val: 'mine too' }).then(count);
                        live.update('testtype', 1, { val: 'mine again' }).then(count);
                        live.delete('testtype', 2).then(count);
                    }""");
            // Others write the same rows before this page's writes have reached the server.
            execute("UPDATE testtype SET val = 'theirs'; UPDATE testtype SET val = 'theirs too'");
            stage.proxy().resume();
            tab.await("done === 4");
            execute("UPDATE testtype SET val = val || '!'");
            assertReads(tab, 1);
            tab.assertExact();
        }

        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "table.test.js")
        void aColumnThatWasAddedAndTakenAwayAgain() throws SQLException {
            insert("one");
            ReplicaTab tab = open("{}");
            execute("ALTER TABLE testtype ADD COLUMN note text");
            awaitReads(tab, 2); // two changes of the columns in one message would be one read
            execute("UPDATE testtype SET val = 'two'");
            execute("UPDATE testtype SET val = 'three'");
            tab.awaitVal("three");
            execute("ALTER TABLE testtype DROP COLUMN note");
            awaitReads(tab, 3);
            execute("UPDATE testtype SET val = 'four'");
            assertReads(tab, 3);
        }

        @Test
        @Evidence(guarantee = "replica-exact", brokenOnce = "values.js, same: objects never")
        void numbersThatNoDoubleHoldsAndJsonOfAnyKind() throws SQLException {
            execute("""
                    INSERT INTO second VALUES (1, 0.12345678901234567890, 1e300, '{"b": [1.0, {"c": null}], "a": 1e400}'),
                                              (2, 12345678901234567890123, '-0', '12345678901234567890'),
                                              (3, 'NaN', 'Infinity', '[]'), (4, 1.10, 0.1, 'null')""");
            ReplicaTab tab = open(BOTH_TABLES);
            execute("UPDATE second SET id = -id; UPDATE second SET n = n + 1e-20; UPDATE second SET id = -id");
            execute("UPDATE second SET f = 1; DELETE FROM second WHERE id < 3");
            assertReads(tab, 1);
            assertThat(tab.ask("[...live.table('second').keys()].sort().join()"))
                    .isEqualTo("3,4");
            assertThat(reads("/api/second")).isEqualTo(1);
        }
    }

    /** Ordinary traffic, of which none is taken for a mismatch, while tabs with all and with some rows come and go. */
    @Test
    @Evidence(
            guarantee = "replica-exact",
            claim = "Ordinary traffic, with tabs that come and write, is no mismatch",
            brokenOnce = "replica.js, #apply: `check` called after `apply`")
    void isNotSeenWhileMuchIsWrittenAndTabsCome(TestDatabase database) throws Exception {
        List<ReplicaTab> tabs;
        try (SteadyWriter writer = SteadyWriter.start(database, 1)) {
            writer.await(20);
            tabs = List.of(open("{}"), open(ONLY_X), open("{}"), open(BOTH_TABLES), open("{\"share\": false}"));
            for (ReplicaTab tab : tabs) {
                tab.ask("live.update('testtype', [...rows.keys()][0], { val: 'x' }).then(() => null, () => null)");
                writer.await(100);
            }
        }
        // The third and the fourth have copies.
        assertReads(tabs.get(0), 3);
        tabs.get(0).assertExact();
        tabs.get(4).awaitVal("sentinel");
        tabs.get(4).assertExact();
    }
}
