package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.database.SqlQuoting;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@PostgresTest
class InitdbIT {
    private static final String NAME = "pbp \"made\" ö";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TestDatabase given;

    @SuppressWarnings("NullAway.Init")
    private CliProcess cli;

    @BeforeEach
    void server(TestDatabase database) {
        given = database;
        cli = CliProcess.ofProject(folder).with("PBP_URL", database.libpqUrl());
    }

    @AfterEach
    void drop() throws SQLException {
        execute("DROP DATABASE IF EXISTS " + SqlQuoting.quoted(NAME) + " WITH (FORCE)");
        execute("DROP ROLE IF EXISTS pbp_powerless");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = given.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private int tables() throws SQLException {
        try (Connection connection = given.named(NAME).connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_tables WHERE tablename = 'mine'")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void makesADatabaseOnceAndSaysWhatItDid() throws Exception {
        CliProcess.Ended first = cli.run("initdb", NAME);
        assertThat(first.status()).as(first.err()).isZero();
        assertThat(first.out())
                .contains("created", "installed pbp/V001__change_log.sql", "helloworld/V001__testtype.sql");
        CliProcess.Ended second = cli.run("initdb", NAME, "--json");
        assertThat(second.out())
                .isEqualTo(
                        "{\"database\":\"pbp \\\"made\\\" ö\",\"dropped\":false,\"created\":false,\"installed\":[]}\n");
    }

    @Test
    void dropsOnlyWhenToldSo() throws Exception {
        cli.run("initdb", NAME);
        try (Connection connection = given.named(NAME).connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE mine ()");
            // As after a crash, when PostgreSQL has forgotten its counts.
            statement.execute("SET track_counts = off");
            statement.execute("INSERT INTO pbp.log (tab, op) SELECT 'x', 't' FROM generate_series(1, 2000)");
        }
        try (Connection user =
                given.named(NAME).with("ApplicationName", "billing").connect()) {
            CliProcess.Ended refused = cli.run("initdb", NAME, "--drop");
            assertThat(refused.status()).isEqualTo(ExitStatus.FAILED);
            assertThat(refused.err())
                    .containsPattern(
                            "has \\d+ tables with about 1\\d\\d\\d rows or more, .*; 1 session would be ended \\(billing\\)")
                    .contains("not dropping database", "say --yes if you mean it");
            assertThat(user.isValid(5)).isTrue();
        }
        assertThat(tables()).isEqualTo(1);
        CliProcess.Ended dropped = cli.run("initdb", NAME, "--drop", "--yes");
        assertThat(dropped.out()).contains("dropped, created, installed");
        assertThat(tables()).isZero();
    }

    @Test
    void leavesPostgresqlsOwnDatabasesAlone() throws Exception {
        CliProcess.Ended ended = cli.run("initdb", "template1", "--drop", "--yes");
        assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(ended.err()).contains("belongs to PostgreSQL itself");
        execute("CREATE DATABASE pbp_mould IS_TEMPLATE true");
        try {
            CliProcess.Ended mould = cli.run("initdb", "pbp_mould", "--drop", "--yes");
            assertThat(mould.status()).isEqualTo(ExitStatus.FAILED);
            assertThat(mould.err()).contains("is a template").hasLineCount(1);
        } finally {
            execute("ALTER DATABASE pbp_mould IS_TEMPLATE false");
            execute("DROP DATABASE pbp_mould");
        }
    }

    @Test
    void namesTheRightThatIsMissing() throws Exception {
        execute("CREATE ROLE pbp_powerless LOGIN PASSWORD 'x'");
        String url = "postgresql://pbp_powerless:x@" + given.host() + ":" + given.port() + "/postgres";
        CliProcess.Ended ended = cli.with("PBP_URL", url).run("initdb", NAME);
        assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(ended.err()).contains("user \"pbp_powerless\" may not create database", "CREATEDB");
    }

    @Test
    void namesAServerThatCannotBeReached() throws Exception {
        CliProcess.Ended ended =
                cli.with("PBP_URL", "postgresql://nobody@127.0.0.1:1/x").run("initdb", NAME);
        assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(ended.err()).contains("127.0.0.1:1", "check that a server runs at");
    }
}
