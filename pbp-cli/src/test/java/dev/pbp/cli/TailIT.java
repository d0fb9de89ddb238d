package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code track}, {@code untrack} and {@code tail} as processes. */
@PostgresTest
class TailIT {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TestDatabase database;

    @SuppressWarnings("NullAway.Init")
    private CliProcess cli;

    @BeforeEach
    void server(TestDatabase given) throws Exception {
        database = given;
        cli = CliProcess.ofProject(folder).with("PBP_URL", given.libpqUrl());
        assertThat(cli.run("initdb", given.name()).status()).isZero();
        execute("DROP TABLE IF EXISTS orders");
        execute("CREATE TABLE orders (id int PRIMARY KEY, item text, card text)");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void aStatementAboveTheLimitIsARefetch() throws Exception {
        assertThat(cli.run("track", "orders", "--max-statement", "1kB").out()).isEqualTo("orders: live from now on\n");
        assertThat(cli.run("track", "orders").out()).contains("nothing was changed");
        assertThat(cli.run("track", "orders", "--max-statement", "1 apple").status())
                .isEqualTo(2);
        execute("INSERT INTO orders VALUES (1, repeat('x', 2000), '')");
        execute("INSERT INTO orders VALUES (2, 'x', '')");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT string_agg(op::text, '' ORDER BY lsn) FROM pbp.log WHERE tab = 'orders'")) {
            row.next();
            assertThat(row.getString(1)).endsWith("ri");
        }
    }

    @Test
    void aTrackedTableIsFollowedFromNowOnOrFromACursor() throws Exception {
        CliProcess.Ended tracked = cli.run("track", "orders", "--exclude", "card");
        assertThat(tracked.out()).isEqualTo("orders: live from now on\n");
        assertThat(cli.run("track", "orders", "--exclude", "card").out()).contains("nothing was changed");
        String cursor;
        try (RunningProcess tail = cli.start("tail", "orders", "--json")) {
            tail.awaitErr("following from ");
            execute("INSERT INTO orders VALUES (1, 'a\nb', 'secret')");
            assertThat(tail.awaitOut("{"))
                    .startsWith(
                            "{\"table\":\"orders\",\"op\":\"insert\",\"key\":{\"id\" : 1},\"old\":null,\"new\":{\"id\":1,\"item\":\"a\\nb\"}");
            tail.signal("INT");
            cursor = tail.awaitErr("go on with  --from ").replaceAll(".* ", "");
            assertThat(tail.await().status()).isZero();
        }
        execute("UPDATE orders SET item = 'c'");
        CliProcess.Ended later = cli.run("tail", "--from", cursor, "--count", "1");
        assertThat(later.out()).contains("update orders {\"id\" : 1} {\"id\":1,\"item\":\"c\"}");
        assertThat(cli.run("untrack", "orders").out()).isEqualTo("orders: no longer live\n");
        assertThat(cli.run("tail", "orders").err()).contains("table orders is not live", "pbp-cli track orders");
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "A change that `tail` prints is one line without terminal escapes",
            brokenOnce = "TailCommand.follow: `Text.visible` left out; `oneLine` left out for JSON")
    void aChangeIsALineWhateverIsInIt() throws Exception {
        execute("DROP TABLE IF EXISTS odd");
        execute("CREATE TABLE odd (id int PRIMARY KEY, v json)");
        assertThat(cli.run("track", "odd").status()).isZero();
        try (RunningProcess plain = cli.start("tail", "odd", "--count", "1");
                RunningProcess json = cli.start("tail", "odd", "--count", "1", "--json")) {
            plain.awaitErr("following from ");
            json.awaitErr("following from ");
            // In a column of JSON, PostgreSQL leaves line ends as they are, and what a terminal takes for the begin of
            // an order.
            execute("INSERT INTO odd VALUES (1, E'{\"a\":\n\"\u009b31m\"}')");
            assertThat(plain.await().out()).hasLineCount(1).endsWith(" {\"id\":1,\"v\":{\"a\": \"\\x9b31m\"}}\n");
            assertThat(json.await().out()).hasLineCount(1).contains("\"new\":{\"id\":1,\"v\":{\"a\": \"\u009b31m\"}}");
        }
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            recordedAt = "TableReplicaTest.rowsAreComparedColumnByColumnWhateverTheirOrder")
    void aChangeOfAnotherRowThanTheOneBeforeIsReported() throws Exception {
        assertThat(cli.run("track", "orders").status()).isZero();
        execute("INSERT INTO orders VALUES (1, 'pen', 'red'), (2, 'ink', NULL)");
        letRowsOfTheLogBeForged();
        try (RunningProcess tail = cli.start("tail", "--check", "orders", "--json", "--count", "5")) {
            tail.awaitErr("following from ");
            execute("UPDATE orders SET item = 'ball pen' WHERE id = 1");
            forge(
                    "u",
                    1,
                    "{\"id\":1,\"card\":\"red\",\"item\":\"pencil\"}",
                    "{\"id\":1,\"item\":\"brush\",\"card\":\"red\"}");
            assertThat(tail.awaitErr("mismatch"))
                    .startsWith("pbp-cli: mismatch: table orders, key {\"id\" : 1}: held {\"item\":\"ball pen\"},"
                            + " but the update of transaction ")
                    .endsWith(" says that there was {\"item\":\"pencil\"}");
            forge("d", 9, "{\"id\":9,\"item\":\"" + "x".repeat(1000) + "\"}", null);
            assertThat(tail.awaitErr("mismatch"))
                    .contains("key {\"id\" : 9}: held no row, but the delete of ", "xxx…")
                    .hasSizeLessThan(400);
            forge("i", 2, null, "{\"id\":2,\"item\":\"ink\",\"card\":null}");
            assertThat(tail.awaitErr("mismatch")).contains("key {\"id\" : 2}: held {", "says that there was no row");
            // It goes on with what the changes say.
            forge(
                    "u",
                    1,
                    "{\"id\":1,\"item\":\"brush\",\"card\":\"red\"}",
                    "{\"id\":1,\"item\":\"a\",\"card\":\"red\"}");
            CliProcess.Ended ended = tail.await();
            assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
            assertThat(ended.err()).contains("checked 5 changes; mismatches: 3", "go on with  --from ");
            assertThat(ended.out()).hasLineCount(5);
            JsonSchema.of("tail").requireLines(ended.out());
        }
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            recordedAt = "TableReplicaTest.rowsAreComparedColumnByColumnWhateverTheirOrder")
    void ordinaryTrafficHasNoMismatch() throws Exception {
        execute("DROP TABLE IF EXISTS lines");
        execute("CREATE TABLE lines (a int, b text, n numeric, doc json, PRIMARY KEY (b, a))");
        execute(
                "INSERT INTO lines VALUES (1, 'x', 1.50, '{\"k\": [1, {\"}\": \"\\\"\"}]}'), (2, E'\"\n', 1e-20, 'null')");
        execute("INSERT INTO orders VALUES (1, 'pen', 'red'), (2, 'ink', NULL)");
        assertThat(cli.run("track", "orders", "lines").status()).isZero();
        try (RunningProcess tail = cli.start("tail", "--check")) {
            tail.awaitErr("following from ");
            execute("BEGIN; UPDATE orders SET item = 'a' WHERE id = 1; UPDATE orders SET item = 'b' WHERE id = 1;"
                    + " DELETE FROM orders WHERE id = 1; INSERT INTO orders VALUES (1, 'c'); COMMIT");
            execute("UPDATE lines SET n = n * 1.00, a = a + 1; UPDATE lines SET b = b || 'y' WHERE a = 2");
            execute("ALTER TABLE orders ADD COLUMN note text");
            awaitReadAgain(tail);
            execute("UPDATE orders SET card = 'blue'");
            execute("UPDATE orders SET note = 'n' WHERE id = 2; UPDATE orders SET note = NULL WHERE id = 2");
            execute("ALTER TABLE orders DROP COLUMN note");
            awaitReadAgain(tail);
            execute("UPDATE orders SET card = 'red'");
            execute("TRUNCATE orders; INSERT INTO orders VALUES (1, 'after the truncate')");
            execute("SELECT pbp.refetch('orders')");
            awaitReadAgain(tail);
            execute("UPDATE orders SET item = 'last'");
            tail.awaitOutWith("last");
            tail.signal("INT");
            CliProcess.Ended ended = tail.await();
            assertThat(ended.err()).contains("mismatches: 0", "go on with  --from ");
            assertThat(ended.status()).isZero();
        }
        CliProcess.Ended past = cli.run("tail", "--check", "--from", "AAAA");
        assertThat(past.status()).isEqualTo(ExitStatus.WRONG_USAGE);
        assertThat(past.err()).contains("--check: cannot begin in the past", "leave out --from");
    }

    private static void awaitReadAgain(RunningProcess tail) throws Exception {
        tail.awaitErr("reading again");
        tail.awaitErr("following from ");
    }

    /** Columns of the log that a forged row does not name get a value. */
    private void letRowsOfTheLogBeForged() throws SQLException {
        execute("DO $$ BEGIN ALTER TABLE pbp.log ALTER COLUMN place SET DEFAULT 1;"
                + " EXCEPTION WHEN undefined_column THEN END $$");
    }

    private void forge(String op, int id, @Nullable String old, @Nullable String now) throws SQLException {
        execute("INSERT INTO pbp.log (tab, op, key, old, new) VALUES ('orders', '" + op + "', json_build_object('id', "
                + id + "), " + literal(old) + ", " + literal(now) + "); SELECT pg_notify('pbp_changes', '')");
    }

    private static String literal(@Nullable String json) {
        return json == null ? "NULL" : "'" + json + "'";
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "After a must-refetch `tail` offers no cursor to go on from",
            brokenOnce = "TailCommand.follow: `resumable` not asked")
    void whatCannotBeDoneIsSaid() throws Exception {
        execute("CREATE TABLE IF NOT EXISTS keyless (v int)");
        CliProcess.Ended keyless = cli.run("track", "keyless");
        assertThat(keyless.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(keyless.err()).contains("keyless: has no primary key");
        assertThat(cli.run("track", "nowhere").err()).contains("table nowhere", "does not exist");
        assertThat(cli.run("track", "ordesr").err()).contains("does not exist (did you mean orders?)");
        execute("CREATE TABLE IF NOT EXISTS \"Line Item\" (id int PRIMARY KEY)");
        assertThat(cli.run("track", "Line Item").err()).contains("invalid name syntax (did you mean \"Line Item\"?)");
        assertThat(cli.run("tail", "testtpye").err()).contains("not live (did you mean testtype?)");
        CliProcess.Ended forged = cli.run("tail", "--from", "AAAA");
        assertThat(forged.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(forged.err()).contains("start again without --from").doesNotContain("go on with");
        assertThat(cli.run("tail", "--from", "%").status()).isEqualTo(ExitStatus.WRONG_USAGE);
    }
}
