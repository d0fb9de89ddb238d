package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who starts, uses, leaves and stops the embedded server; each user is a process of its own. */
class EmbeddedServerIT {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path data;

    @SuppressWarnings("NullAway.Init")
    private CliProcess cli;

    @BeforeEach
    void emptyData() throws Exception {
        data = EmbeddedData.in(folder);
        cli = CliProcess.ofProject(folder).with("PBP_DATA", data.toString());
    }

    @AfterEach
    void nothingRuns() throws Exception {
        EmbeddedData.stop(cli);
        Files.delete(data.resolve("programs"));
    }

    /** Somebody who uses the server until told to stop. */
    private RunningProcess user() throws Exception {
        RunningProcess user = cli.start("listen", "a", "b");
        user.awaitErr("listening");
        return user;
    }

    private void stop(RunningProcess user) throws Exception {
        user.signal("TERM");
        assertThat(user.await().status()).isEqualTo(128 + 15);
    }

    private String url() throws Exception {
        CliProcess.Ended ended = cli.run("url");
        assertThat(ended.status()).as(ended.err()).isZero();
        return ended.out().strip();
    }

    private String password() throws Exception {
        String line = Files.readString(EmbeddedData.cluster(data).resolve("pbp.pgpass"));
        return line.strip().substring(line.lastIndexOf(':') + 1);
    }

    private Connection connect(String url) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", password());
        String server = url.substring(url.indexOf('@') + 1, url.indexOf('?'));
        return DriverManager.getConnection("jdbc:postgresql://" + server, properties);
    }

    private static String ask(Connection connection, String sql) throws Exception {
        try (ResultSet row = connection.createStatement().executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void isStartedByTheFirstUserAndStoppedByTheLast() throws Exception {
        assertThat(cli.run("url").err()).contains("the embedded server in " + data + " is not running: start it with");
        assertThat(cli.run("url").status()).isEqualTo(ExitStatus.FAILED);
        try (RunningProcess first = user();
                RunningProcess second = user()) {
            long postmaster = EmbeddedData.postmaster(data);
            assertThat(cli.run("notify", "b", "hello").status()).isZero();
            first.awaitOut("b\thello");
            second.awaitOut("b\thello");
            stop(first);
            assertThat(EmbeddedData.postmaster(data)).isEqualTo(postmaster);
            assertThat(ProcessHandle.of(postmaster)).isPresent();
            stop(second);
            assertThat(EmbeddedData.isRunning(data)).isFalse();
            EmbeddedData.awaitEnd(postmaster);
        }
        assertThat(Files.readString(data.resolve("server.log"))).contains("database system is shut down");
    }

    @Test
    void isStartedOnceByUsersWhoComeTogether() throws Exception {
        try (RunningProcess first = cli.start("listen", "a");
                RunningProcess second = cli.start("listen", "a");
                RunningProcess third = cli.start("listen", "a")) {
            first.awaitErr("listening");
            second.awaitErr("listening");
            third.awaitErr("listening");
            assertThat(cli.run("notify", "a", "x").status()).isZero();
            first.awaitOut("a\tx");
            second.awaitOut("a\tx");
            third.awaitOut("a\tx");
            stop(first);
            stop(second);
            stop(third);
        }
        assertThat(EmbeddedData.isRunning(data)).isFalse();
    }

    @Test
    void keepsItsDataAndAsksForThePasswordThatLiesInAFileForTheOwner() throws Exception {
        try (RunningProcess user = user()) {
            String url = url();
            assertThat(url).startsWith("postgresql://postgres@127.0.0.1:").doesNotContain(password());
            try (Connection connection = connect(url)) {
                assertThat(ask(connection, "SHOW fsync")).isEqualTo("on");
                assertThat(ask(connection, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
                connection.createStatement().execute("CREATE TABLE kept AS SELECT 'x' AS x");
            }
            String wrong = url.substring(0, url.indexOf('?')).replace("postgres@", "postgres:wrong@");
            CliProcess.Ended refused = cli.run("notify", "a", "b", "--url", wrong);
            assertThat(refused.err())
                    .startsWith("pbp-cli: postgres@127.0.0.1:")
                    .contains("password authentication failed", "check user and password")
                    .doesNotContain("wrong");
            assertThat(refused.status()).isEqualTo(ExitStatus.FAILED);
            CliProcess.Ended accepted = cli.with("PBP_URL", url).run("notify", "a", "by its URL");
            assertThat(accepted.status()).as(accepted.err()).isZero();
            user.awaitOut("a\tby its URL");
            stop(user);
        }
        assertThat(Files.getPosixFilePermissions(EmbeddedData.cluster(data).resolve("pbp.pgpass")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (RunningProcess user = user()) {
            try (Connection connection = connect(url())) {
                assertThat(ask(connection, "SELECT x FROM kept")).isEqualTo("x");
            }
            stop(user);
        }
    }

    @Test
    void isFoundAgainAfterItsUserWasKilled() throws Exception {
        long postmaster;
        try (RunningProcess user = user()) {
            postmaster = EmbeddedData.postmaster(data);
            user.signal("KILL");
            user.await();
        }
        assertThat(ProcessHandle.of(postmaster)).isPresent();
        try (RunningProcess user = user()) {
            assertThat(EmbeddedData.postmaster(data)).isEqualTo(postmaster);
            stop(user);
        }
        EmbeddedData.awaitEnd(postmaster);
    }

    @Test
    void recoversAfterItWasKilledWithItsUser() throws Exception {
        long postmaster;
        try (RunningProcess user = user()) {
            try (Connection connection = connect(url())) {
                connection.createStatement().execute("CREATE TABLE kept AS SELECT 'x' AS x");
            }
            postmaster = EmbeddedData.postmaster(data);
            user.signal("KILL");
            user.await();
            ProcessHandle.of(postmaster).orElseThrow().destroyForcibly();
            EmbeddedData.awaitEnd(postmaster);
        }
        try (RunningProcess user = user()) {
            assertThat(EmbeddedData.postmaster(data)).isNotEqualTo(postmaster);
            try (Connection connection = connect(url())) {
                assertThat(ask(connection, "SELECT x FROM kept")).isEqualTo("x");
            }
            stop(user);
        }
    }

    @Test
    void isStartedAgainOnItsPortIfItDiesUnderItsUsers() throws Exception {
        try (RunningProcess user = user()) {
            String url = url();
            ProcessHandle.of(EmbeddedData.postmaster(data)).orElseThrow().destroyForcibly();
            user.awaitErr("the embedded server has died; starting it again");
            user.awaitErr("gap: some notifications may be missing on a");
            assertThat(url()).isEqualTo(url);
            assertThat(cli.run("notify", "b", "again").status()).isZero();
            user.awaitOut("b\tagain");
            stop(user);
        }
        assertThat(EmbeddedData.isRunning(data)).isFalse();
    }

    @Test
    void startsThoughAnotherProcessHasTheNumberOfOneThatDied() throws Exception {
        try (RunningProcess user = user()) {
            stop(user);
        }
        Files.writeString(
                EmbeddedData.cluster(data).resolve("postmaster.pid"),
                String.join(
                                "\n",
                                ProcessHandle.current().pid() + "",
                                data.toString(),
                                "1000000000",
                                "5432",
                                "",
                                "127.0.0.1")
                        + "\n");
        assertThat(cli.run("notify", "a", "b").status()).isZero();
    }

    @Test
    void refusesDataOfAnotherVersionInsteadOfBeginningAnew() throws Exception {
        Path old = Files.createDirectories(data.resolve("postgresql-12"));
        Files.writeString(old.resolve("PG_VERSION"), "12\n");
        CliProcess.Ended ended = cli.run("notify", "a", "b");
        assertThat(ended.err()).contains(old + " holds data of PostgreSQL 12, but PostgreSQL 18 is built in");
        assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(data.resolve("postgresql-18")).doesNotExist();
        Files.delete(old.resolve("PG_VERSION"));
        Files.delete(old);
    }

    @Test
    void namesADataDirectoryThatIsNotWritable() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        CliProcess.Ended ended = cli.run("notify", "a", "b", "--data", file + "/data");
        assertThat(ended.err())
                .startsWith("pbp-cli: the data directory " + file + "/data (--data) is not writable: ")
                .contains("name another one with --data or PBP_DATA");
        assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
        CliProcess.Ended unquotable = cli.run("notify", "a", "b", "--data", folder + "/$x");
        assertThat(unquotable.err()).contains("/$x (--data) cannot have any of");
        assertThat(folder.resolve("$x")).doesNotExist();
    }
}
