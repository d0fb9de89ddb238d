package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@PostgresTest
class StatusIT {
    private final TestDatabase database;

    StatusIT(TestDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void initialised() {
        assertThat(InProcessCli.run(database, "initdb", database.name()).status())
                .isZero();
    }

    private static void sql(TestDatabase by, String... statements) throws SQLException {
        try (Connection connection = by.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private String status(TestDatabase by, String... options) {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "status";
        System.arraycopy(options, 0, arguments, 1, options.length);
        CliProcess.Ended ended = InProcessCli.run(by, arguments);
        assertThat(ended.status()).as(ended.err()).isZero();
        return ended.out();
    }

    @Test
    void showsTheFeedTheLogAndTheTables() throws SQLException {
        sql(database, "INSERT INTO testtype (val) VALUES ('x')", "SELECT setval('pbp.awake', 0)");
        String shown = status(database);
        assertThat(shown)
                .containsPattern("server +PostgreSQL \\d+.* at .*, up ")
                .contains("database   " + database.name() + ", ")
                .containsPattern("feed +lag \\d+\\.\\d ms \\(wake-up .* ms, look .* ms\\); readers sleep until told")
                .containsPattern("log +about \\d+ rows, .*, last change .* ago")
                .containsPattern("queue +\\d\\.\\d\\d % full")
                .containsPattern("tables +testtype  about \\d+ rows");
        sql(database, "SELECT setval('pbp.awake', (extract(epoch FROM now() + interval '1 hour') * 1000)::bigint)");
        assertThat(status(database)).contains("a reader is awake for another 59 min");
        sql(database, "SELECT setval('pbp.awake', 0)");
    }

    @Test
    void showsWhoListensToWhat() throws Exception {
        InProcessCli.Following ours = InProcessCli.start(database, "listen", "b", "a", "--count", "1");
        ours.awaitErr("listening");
        try (Connection other = database.with("ApplicationName", "billing").connect();
                Statement statement = other.createStatement()) {
            statement.execute("LISTEN \"Orders\"");
            assertThat(status(database))
                    .containsPattern("PID \\d+  " + database.user() + " \\(pbp-cli listen\\) .* for .*  b, a\n")
                    .containsPattern("PID \\d+  .*\\(billing\\).*  last ran: LISTEN \"Orders\"\n");
        }
        sql(database, "NOTIFY a");
        assertThat(ours.await().status()).isZero();
    }

    @Test
    void showsTheOldestTransaction() throws Exception {
        try (Connection holder = database.with("ApplicationName", "forgetful").connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("SELECT 1");
            assertThat(status(database)).containsPattern("oldest +transaction open for .*idle in transaction");
        }
    }

    @Test
    void saysWhatItCouldNotSee() throws Exception {
        String role = "blind_" + database.name();
        sql(database, "CREATE ROLE " + role + " LOGIN PASSWORD 'x'");
        try {
            TestDatabase blind = database.as(role, "x");
            assertThat(status(blind))
                    .contains("not seen   log: permission denied", "not seen   sessions: those of other roles")
                    .containsPattern("server +PostgreSQL");
            JsonSchema.of("status").requireLines(status(blind, "--json"));
        } finally {
            sql(database, "DROP ROLE " + role);
        }
        String bare = "bare_" + database.name();
        sql(database, "CREATE DATABASE " + bare);
        assertThat(status(database.named(bare)))
                .contains("not seen   feed: the database has not been initialised: do it with");
        sql(database, "DROP DATABASE " + bare);
    }

    @Test
    void watchesAcrossARestartAndIsRedrawnInPlaceAtATerminal(@TempDir Path folder) throws Exception {
        try (PrivateServer server = PrivateServer.create()) {
            assertThat(InProcessCli.run(server.database(), "initdb", "watched").status())
                    .isZero();
            CliProcess cli = CliProcess.ofProject(folder)
                    .with("PBP_URL", server.database().named("watched").libpqUrl());
            try (RunningProcess watch = cli.start("status", "--watch=50ms", "--json");
                    PseudoTerminal terminal = cli.atTerminal("status --watch=50ms")) {
                watch.awaitOut("{\"at\":");
                terminal.await("\u001b[Hserver");
                server.kill();
                watch.awaitErr("looking again every 50 ms");
                server.start();
                sql(
                        server.database().named("watched"),
                        "CREATE TABLE late (id int PRIMARY KEY)",
                        "SELECT pbp.track('late')");
                watch.awaitOutWith("\"name\":\"late\"");
                terminal.await("late  about 0 rows");
                watch.signal("INT");
                assertThat(watch.await().status()).isZero();
                terminal.type("\u0003");
                assertThat(terminal.await().out()).contains("\u001b[K\n", "\u001b[J");
            }
            CliProcess.Ended away =
                    cli.with("PBP_URL", "postgresql://x@127.0.0.1:1/x").run("status", "--watch");
            assertThat(away.status()).isEqualTo(ExitStatus.FAILED);
            assertThat(away.err()).contains("127.0.0.1:1").hasLineCount(1);
        }
    }
}
