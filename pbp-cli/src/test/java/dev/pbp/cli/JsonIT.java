package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What {@code --json} prints is what {@code docs/schema} says. */
@PostgresTest
@Evidence(
        guarantee = "command-line",
        claim = "`--json` prints what its schema describes",
        brokenOnce = {"StatusFormatter.json: `lag` for `lagMs`", "JsonText.string: control characters let through"})
class JsonIT {
    private final TestDatabase database;

    JsonIT(TestDatabase database) {
        this.database = database;
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private CliProcess.Ended run(int status, String... arguments) {
        CliProcess.Ended ended = InProcessCli.run(database, arguments);
        assertThat(ended.status()).as(ended.err() + ended.out()).isEqualTo(status);
        return ended;
    }

    @Test
    void everyCommandThatPrintsJsonHasASchema() throws Exception {
        CommandLine tool = InProcessCli.commandLine(Map.of());
        Set<String> commands = tool.getSubcommands().entrySet().stream()
                .filter(command -> command.getValue().getCommandSpec().findOption("--json") != null)
                .map(Map.Entry::getKey)
                .map(name -> name.equals("untrack") ? "track" : name)
                .collect(Collectors.toCollection(TreeSet::new));
        try (var files = Files.list(JsonSchema.folder())) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".json", "")))
                    .containsExactlyInAnyOrderElementsOf(commands);
        }
    }

    @Test
    void aSchemaRefusesWhatItDoesNotDescribe() throws Exception {
        assertThat(JsonSchema.of("url").errors("{\"url\":\"postgresql://x\",\"more\":1}"))
                .isNotEmpty();
        assertThat(JsonSchema.of("listen").errors("{\"channel\":\"a\",\"payload\":\"\",\"pid\":1,\"at\":\"noon\"}"))
                .isNotEmpty();
        assertThat(JsonSchema.of("status").errors("{}")).isNotEmpty();
    }

    @Test
    void commandsThatEnd() throws Exception {
        JsonSchema.of("status").requireLines(run(0, "status", "--json").out());
        JsonSchema.of("initdb")
                .requireLines(run(0, "initdb", database.name(), "--json").out());
        JsonSchema.of("url").requireLines(run(0, "url", "--json").out());
        sql("CREATE TABLE \"Odd \"\"name\"\"\" (id int PRIMARY KEY)");
        String odd = "\"Odd \"\"name\"\"\"";
        JsonSchema.of("track")
                .requireLines(run(0, "track", odd, "testtype", "--json").out());
        JsonSchema.of("track").requireLines(run(0, "untrack", odd, "--json").out());
        sql("DROP TRIGGER pbp_insert ON testtype", "CREATE TABLE keyless (v int)");
        JsonSchema.of("doctor").requireLines(run(1, "doctor", "--json").out());
        String away = "postgresql://postgres@127.0.0.1:1/x";
        CliProcess.Ended gone = InProcessCli.run(Map.of("PBP_URL", away), "", "doctor", "--json");
        JsonSchema.of("doctor").requireLines(gone.out());
        assertThat(gone.status()).isEqualTo(ExitStatus.FAILED);
        try (Connection listener = database.connect();
                Statement statement = listener.createStatement()) {
            statement.execute("LISTEN \"B \"\"c\"\"\"");
            CliProcess.Ended status = run(0, "status", "--json");
            JsonSchema.of("status").requireLines(status.out());
            assertThat(status.out()).contains("\"channels\":null,\"statement\":\"LISTEN ");
        }
    }

    @Test
    void commandsThatFollow() throws Exception {
        run(0, "initdb", database.name());
        sql("CREATE TABLE followed (id int PRIMARY KEY, v text)", "SELECT pbp.track('followed')");
        InProcessCli.Following tail = InProcessCli.start(database, "tail", "followed", "--json", "--count", "4");
        tail.awaitErr("following from");
        sql("INSERT INTO followed VALUES (1, E'a\\nb')", "UPDATE followed SET v = NULL", "DELETE FROM followed");
        sql("TRUNCATE followed");
        CliProcess.Ended tailed = tail.await();
        assertThat(tailed.out().lines()).hasSize(4);
        JsonSchema.of("tail").requireLines(tailed.out());

        InProcessCli.Following listen = InProcessCli.start(database, "listen", "c1", "c2", "--json", "--count", "2");
        listen.awaitErr("listening");
        sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pbp-cli listen: c1, c2%'");
        listen.awaitOut("{\"gap\":{\"channel\":\"c2\"");
        sql("SELECT pg_notify('c1', E'x\\n\\u0001ö')", "NOTIFY c2");
        CliProcess.Ended heard = listen.await();
        assertThat(heard.out()).contains("\"reason\":\"connection_lost\"", "\"payload\":\"x\\n\\u0001ö\"");
        JsonSchema.of("listen").requireLines(heard.out());
    }

    @Test
    void waitingIsSaidAfterASecond() throws Exception {
        run(0, "initdb", database.name());
        sql("CREATE TABLE busy (id int PRIMARY KEY)");
        try (Connection writer = database.connect();
                Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.execute("INSERT INTO busy VALUES (1)");
            InProcessCli.Following track = InProcessCli.start(database, "track", "busy");
            track.awaitErr("table busy: waiting for those who write to it: ");
            writer.commit();
            CliProcess.Ended ended = track.await();
            assertThat(ended.out()).isEqualTo("busy: live from now on\n");
        }
    }
}
