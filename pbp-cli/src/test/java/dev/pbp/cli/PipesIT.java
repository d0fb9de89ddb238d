package dev.pbp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code notify -} and {@code listen} as parts of a pipe. */
@PostgresTest
class PipesIT {
    private static final Pattern AT_LEAST = Pattern.compile("^\\{\"gap\":.*\"overflow\".*\"atLeast\":(\\d+)");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TestDatabase database;

    @SuppressWarnings("NullAway.Init")
    private CliProcess cli;

    @BeforeEach
    void server(TestDatabase given) {
        database = given;
        cli = CliProcess.ofProject(folder).with("PBP_URL", given.libpqUrl());
    }

    private void sql(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private int status(String file) throws IOException {
        return Integer.parseInt(Files.readString(folder.resolve(file)).strip());
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "A million lines keep their order through `notify -` and `listen`",
            brokenOnce = "NotificationBuffer.take: reversed")
    void aMillionLinesKeepTheirOrderEqualOnesIncluded() throws Exception {
        Path lines = folder.resolve("lines");
        List<String> all = new ArrayList<>(1_000_000);
        for (int i = 0; i < 1_000_000; i++) {
            // Now and then a line twice running, and one that comes back after a while.
            all.add(i % 1000 == 1 ? all.get(i - 1) : i % 5000 == 0 ? "again" : "line " + i);
        }
        Files.write(lines, all);
        try (RunningProcess listen =
                cli.startShell("$0 listen many --count 1000000 | cut -f 2- > " + folder.resolve("heard"))) {
            listen.awaitErr("listening");
            try (RunningProcess notify = cli.startShell("$0 notify many - < " + lines)) {
                CliProcess.Ended sent = notify.await();
                assertThat(sent.status()).as(sent.err()).isZero();
            }
            assertThat(listen.await().status()).isZero();
        }
        assertThat(Files.mismatch(lines, folder.resolve("heard"))).isEqualTo(-1);
    }

    /** PostgreSQL itself delivers equal ones of a transaction once. */
    @Test
    @Evidence(guarantee = "command-line", brokenOnce = "Notifications.publishEach: equal messages merged")
    void equalLinesArriveAsOftenAsTheyWereSent() throws Exception {
        try (RunningProcess listen = cli.start("listen", "equal")) {
            listen.awaitErr("listening");
            assertThat(cli.runWithInput("a\na\nb\na\nend\n", "notify", "equal", "-")
                            .status())
                    .isZero();
            listen.awaitOut("equal\tend");
            listen.signal("TERM");
            assertThat(listen.await().out()).isEqualTo("equal\ta\nequal\ta\nequal\tb\nequal\ta\nequal\tend\n");
        }
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "A payload of up to 1 MB arrives whole",
            brokenOnce = "PayloadEncoding.encode: the length not asked for")
    void payloadsOfAnySizeArriveAndTooLargeOnesAreNamed() throws Exception {
        List<String> sizes =
                List.of("ö".repeat(4000), "€".repeat(40_000), "x".repeat(1 << 20), "pbp1:text:like a form", "end");
        try (RunningProcess listen = cli.start("listen", "large", "--count", "6")) {
            listen.awaitErr("listening");
            CliProcess.Ended sent = cli.runWithInput(String.join("\n", sizes), "notify", "large", "-");
            assertThat(sent.status()).as(sent.err()).isZero();
            CliProcess.Ended refused =
                    cli.runWithInput("kept\n" + "x".repeat((1 << 20) + 1) + "\nnever", "notify", "large", "-");
            assertThat(refused.status()).isEqualTo(ExitStatus.FAILED);
            assertThat(refused.err())
                    .isEqualTo(
                            "pbp-cli: standard input, line 2: has more than 1048576 bytes, the most that a payload can"
                                    + " have: keep the text in a table and send its key\n");
            List<String> heard = listen.await().out().lines().toList();
            assertThat(heard.subList(0, 5))
                    .isEqualTo(sizes.stream().map(text -> "large\t" + text).toList());
            assertThat(heard.get(5)).isEqualTo("large\tkept");
        }
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "A line that cannot be sent is named, and those before it were sent",
            brokenOnce = {
                "LinePublisher.publish: those before not sent",
                "LineReader.decode: bytes that are no text let through"
            })
    void whatIsNoTextIsRefusedByItsLine() throws Exception {
        try (RunningProcess listen = cli.start("listen", "odd", "--count", "3")) {
            listen.awaitErr("listening");
            CliProcess.Ended nul = cli.runWithInput("one\na\0b\nthree\n", "notify", "odd", "-");
            assertThat(nul.status()).isEqualTo(ExitStatus.FAILED);
            assertThat(nul.err())
                    .contains("standard input, line 2: holds a NUL character")
                    .hasLineCount(1);
            try (RunningProcess bytes = cli.startShell("printf 'two\\n\\377\\nfour\\n' | $0 notify odd -")) {
                CliProcess.Ended ended = bytes.await();
                assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
                assertThat(ended.err()).contains("standard input, line 2: is not UTF-8");
            }
            assertThat(cli.run("notify", "odd", "a\nb\t\u001b[31m").status()).isZero();
            assertThat(listen.await().out()).isEqualTo("odd\tone\nodd\ttwo\nodd\ta\\nb\\t\\x1b[31m\n");
        }
    }

    @Test
    void textSurvivesALocaleThatCannotHoldIt() throws Exception {
        CliProcess plain = cli.with("LANG", "C").with("LC_ALL", "C");
        try (RunningProcess listen = plain.start("listen", "grüße", "--count", "2")) {
            listen.awaitErr("listening");
            assertThat(plain.run("notify", "grüße", "€-😀").status()).isZero();
            assertThat(plain.runWithInput("€-😀-2\n", "notify", "grüße", "-").status())
                    .isZero();
            assertThat(listen.await().out()).isEqualTo("grüße\t€-😀\ngrüße\t€-😀-2\n");
        }
    }

    @Test
    void aReaderThatGoesAwayEndsItQuietly() throws Exception {
        Path status = folder.resolve("status");
        try (RunningProcess pipe = cli.startShell("{ $0 listen short; echo $? >" + status + "; } | head -n 1")) {
            pipe.awaitErr("listening");
            sql("NOTIFY short, 'first'");
            pipe.awaitOut("short\tfirst");
            // Whether head has gone by now cannot be seen; but some write will find that nobody reads.
            while (!Files.exists(status)) {
                sql("NOTIFY short, 'more'");
            }
            CliProcess.Ended ended = pipe.await();
            assertThat(ended.err()).isEqualTo("pbp-cli: listening\n");
            assertThat(status("status")).isEqualTo(ExitStatus.OUTPUT_CLOSED);
        }
    }

    @Test
    void signalsAndLimitsHaveTheirStatus() throws Exception {
        for (String signal : new String[] {"INT", "TERM"}) {
            try (RunningProcess listen = cli.start("listen", "calm")) {
                listen.awaitErr("listening");
                listen.signal(signal);
                CliProcess.Ended ended = listen.await();
                assertThat(ended.status()).isEqualTo(128 + (signal.equals("INT") ? 2 : 15));
                assertThat(ended.err()).isEqualTo("pbp-cli: listening\n");
            }
        }
        assertThat(cli.run("listen", "calm", "--count", "1", "--timeout", "100ms")
                        .status())
                .isEqualTo(ExitStatus.TIMED_OUT);
        assertThat(cli.run("listen", "calm", "--timeout", "100ms").status()).isZero();
        assertThat(cli.run("listen", "calm", "--count", "0").status()).isEqualTo(ExitStatus.WRONG_USAGE);
        try (RunningProcess listen = cli.start("listen", "calm");
                RunningProcess notify = cli.start("notify", "calm", "-")) {
            listen.awaitErr("listening");
            notify.type("begun\n");
            listen.awaitOut("calm\tbegun");
            notify.type("typed\n");
            listen.awaitOut("calm\ttyped");
            notify.signal("INT");
            assertThat(notify.await().status()).isEqualTo(130);
        }
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "If the connection is lost, `notify -` reports how many lines are known to have been sent",
            brokenOnce = "LinePublisher.publish: lines not counted")
    void linesThatCouldNotBeSentAreNoSecret() throws Exception {
        try (RunningProcess listen = cli.start("listen", "cut", "--count", "2");
                RunningProcess notify = cli.start("notify", "cut", "-")) {
            listen.awaitErr("listening");
            notify.type("one\ntwo\n");
            assertThat(listen.await().status()).isZero();
            terminateSenderOnceItHasItsAnswer();
            notify.type("three\n");
            CliProcess.Ended ended = notify.await();
            assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
            assertThat(ended.err())
                    .endsWith("; at least the first 2 lines were sent\n")
                    .hasLineCount(1);
        }
    }

    /** A listener may receive a notification before the sender has the answer to its commit. An idle session has sent it. */
    private void terminateSenderOnceItHasItsAnswer() throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement terminate = connection.prepareStatement(
                        "SELECT CASE WHEN state = 'idle' THEN pg_terminate_backend(pid) ELSE false END FROM pg_stat_activity"
                                + " WHERE application_name = 'pbp-cli' AND datname = current_database()"
                                + " AND query LIKE '%pg_notify(%'")) {
            boolean terminated = false;
            while (!terminated) {
                try (ResultSet session = terminate.executeQuery()) {
                    assertThat(session.next()).as("the sender's session").isTrue();
                    terminated = session.getBoolean(1);
                }
            }
        }
    }

    @Test
    void aLostConnectionIsALineOnStandardError() throws Exception {
        try (RunningProcess listen = cli.start("listen", "lost", "--count", "1")) {
            listen.awaitErr("listening");
            sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pbp-cli listen: lost'");
            listen.awaitErr("gap: some notifications may be missing on lost since ");
            sql("NOTIFY lost, 'after'");
            assertThat(listen.await().out()).isEqualTo("lost\tafter\n");
        }
    }

    /** Somebody reads in a pager, and pages on after a while: what was heard and what is told as lost add up. */
    @Test
    @Evidence(
            guarantee = "command-line",
            claim =
                    "What `listen` prints and what it reports as lost add up to what was sent, also if its reader stands still",
            brokenOnce = "NotificationBuffer.lose: `+ 1` left out")
    void whatAReaderThatStandsStillLosesIsCounted() throws Exception {
        int sent = 400_000;
        Path err = folder.resolve("err");
        Process listen = cli.startUnread(err, "listen", "slow", "--json");
        try (BufferedReader out = new BufferedReader(new InputStreamReader(listen.getInputStream(), UTF_8))) {
            while (!Files.readString(err).contains("listening")) {
                Thread.onSpinWait();
            }
            sql("SELECT count(pg_notify('slow', n || repeat('x', 100))) FROM generate_series(1, " + sent + ") n");
            awaitEmptyQueue();
            long heard = 0;
            long lost = 0;
            for (String line = ""; heard < sent && !line.contains("\"payload\":\"end\""); ) {
                line = String.valueOf(out.readLine());
                Matcher gap = AT_LEAST.matcher(line);
                if (gap.find()) {
                    lost += Long.parseLong(gap.group(1));
                    sql("NOTIFY slow, 'end'"); // the gap was the last thing that waited, so there is room again
                } else if (line.contains("xxx")) {
                    heard++;
                }
            }
            assertThat(lost).isPositive();
            assertThat(heard + lost).isEqualTo(sent);
        } finally {
            listen.destroy();
            assertThat(listen.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Then the server has given everything to everybody who listens, but for what was sent here last. */
    private void awaitEmptyQueue() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            double usage = 1;
            for (int rounds = 0; rounds < 4 || usage > 16.0 / (1 << 20); rounds++) { // 16 of about a million pages
                // The queue's end is moved on only now and then, by those who write many pages.
                statement.execute("SELECT count(pg_notify('nobody', n::text)) FROM generate_series(1, 2000) n");
                try (ResultSet row = statement.executeQuery("SELECT pg_notification_queue_usage()")) {
                    row.next();
                    usage = row.getDouble(1);
                }
            }
        }
    }
}
