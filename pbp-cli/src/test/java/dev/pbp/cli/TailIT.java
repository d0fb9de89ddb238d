package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
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
    private Cli cli;

    @BeforeEach
    void server(TestDatabase given) throws Exception {
        database = given;
        cli = Cli.ofProject(folder).with("PBP_URL", given.libpqUrl());
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
    void aTrackedTableIsFollowedFromNowOnOrFromACursor() throws Exception {
        Cli.Ended tracked = cli.run("track", "orders", "--exclude", "card");
        assertThat(tracked.out()).isEqualTo("orders: live from now on\n");
        assertThat(cli.run("track", "orders", "--exclude", "card").out()).contains("nothing was changed");
        String cursor;
        try (Running tail = cli.start("tail", "orders", "--json")) {
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
        Cli.Ended later = cli.run("tail", "--from", cursor, "--count", "1");
        assertThat(later.out()).contains("update orders {\"id\" : 1} {\"id\":1,\"item\":\"c\"}");
        assertThat(cli.run("untrack", "orders").out()).isEqualTo("orders: no longer live\n");
        assertThat(cli.run("tail", "orders").err()).contains("table orders is not live", "pbp-cli track orders");
    }

    @Test
    void aChangeIsALineWhateverIsInIt() throws Exception {
        execute("DROP TABLE IF EXISTS odd");
        execute("CREATE TABLE odd (id int PRIMARY KEY, v json)");
        assertThat(cli.run("track", "odd").status()).isZero();
        try (Running plain = cli.start("tail", "odd", "--count", "1");
                Running json = cli.start("tail", "odd", "--count", "1", "--json")) {
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
    void whatCannotBeDoneIsSaid() throws Exception {
        execute("CREATE TABLE IF NOT EXISTS keyless (v int)");
        Cli.Ended keyless = cli.run("track", "keyless");
        assertThat(keyless.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(keyless.err()).contains("keyless: has no primary key");
        assertThat(cli.run("track", "nowhere").err()).contains("table nowhere", "does not exist");
        assertThat(cli.run("track", "ordesr").err()).contains("does not exist (did you mean orders?)");
        execute("CREATE TABLE IF NOT EXISTS \"Line Item\" (id int PRIMARY KEY)");
        assertThat(cli.run("track", "Line Item").err()).contains("invalid name syntax (did you mean \"Line Item\"?)");
        assertThat(cli.run("tail", "testtpye").err()).contains("not live (did you mean testtype?)");
        Cli.Ended forged = cli.run("tail", "--from", "AAAA");
        assertThat(forged.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(forged.err()).contains("start again without --from").doesNotContain("go on with");
        assertThat(cli.run("tail", "--from", "%").status()).isEqualTo(ExitStatus.WRONG_USAGE);
    }
}
