package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site as a process. */
@PostgresTest
class ServeIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String LISTENING = "listening on ";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static HttpResponse<String> get(String url) throws Exception {
        return CLIENT.send(request(url), BodyHandlers.ofString());
    }

    private static HttpRequest request(String url) {
        return HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(40))
                .build();
    }

    private static String site(RunningProcess serve) throws InterruptedException {
        return serve.awaitOut(LISTENING).substring(LISTENING.length());
    }

    /** A change made by the tool's own address reaches one who waits for it at the site. */
    private static void assertFollows(String site, TestDatabase database) throws Exception {
        String cursor =
                get(site + "/api/testtype").headers().firstValue("PBP-Cursor").orElseThrow();
        CompletableFuture<HttpResponse<String>> waiting = CLIENT.sendAsync(
                request(site + "/api/_changes?table=testtype&cursor=" + cursor), BodyHandlers.ofString());
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO testtype (val) VALUES ('from outside')");
        }
        assertThat(waiting.get(30, TimeUnit.SECONDS).body()).contains("from outside");
    }

    @Nested
    class OnTheEmbeddedServer {
        private Path data;
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

        @Test
        void servesADatabaseThatItMadeAndStopsInOrder() throws Exception {
            try (RunningProcess serve = cli.start("serve", "--port", "0")) {
                String site = site(serve);
                assertThat(site).startsWith("http://127.0.0.1:");
                assertThat(get(site + "/").body()).contains("Hello, World");
                assertThat(get(site + "/api/testtype").body()).isEqualTo("[]");
                String url = cli.run("url").out().strip();
                assertThat(cli.with("PBP_URL", url).run("initdb", "helloworld").out())
                        .isEqualTo("database helloworld has everything already: nothing was changed\n");
                serve.signal("INT");
                assertThat(serve.await().status()).isZero();
            }
            assertThat(EmbeddedData.isRunning(data)).isFalse();
        }

        @Test
        void hasTheDataAgainAfterItWasKilled() throws Exception {
            HttpRequest.Builder add = HttpRequest.newBuilder()
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("val=kept"));
            try (RunningProcess serve = cli.start("serve", "--port", "0")) {
                URI rows = URI.create(site(serve) + "/api/testtype");
                assertThat(CLIENT.send(add.uri(rows).build(), BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(201);
                serve.signal("KILL");
                serve.await();
            }
            try (RunningProcess serve = cli.start("serve", "--port", "0")) {
                assertThat(get(site(serve) + "/api/testtype").body()).contains("kept");
                serve.signal("TERM");
                assertThat(serve.await().status()).isZero();
            }
            assertThat(EmbeddedData.isRunning(data)).isFalse();
        }
    }

    @Nested
    class OnAnotherServer {
        private CliProcess cli;

        @BeforeEach
        void named(TestDatabase database) {
            cli = CliProcess.ofProject(folder).with("DATABASE_URL", database.libpqUrl());
        }

        @Test
        void servesWhatInitdbHasPrepared(TestDatabase database) throws Exception {
            CliProcess.Ended tooEarly = cli.run("serve", "--port", "0");
            assertThat(tooEarly.status()).isEqualTo(ExitStatus.FAILED);
            assertThat(tooEarly.err())
                    .contains("has not been initialised: do it with  pbp-cli initdb " + database.name());
            assertThat(cli.run("initdb", database.name()).status()).isZero();
            try (RunningProcess serve = cli.start("serve", "--port", "0")) {
                assertFollows(site(serve), database);
                serve.signal("TERM");
                assertThat(serve.await().status()).isZero();
            }
        }

        @Test
        void namesThePortThatIsTaken(TestDatabase database) throws Exception {
            cli.run("initdb", database.name());
            try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
                String port = String.valueOf(taken.getLocalPort());
                CliProcess.Ended ended = cli.with("PBP_PORT", port).run("serve");
                assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
                assertThat(ended.err()).contains("port " + port + " (PBP_PORT)", "choose another with --port");
            }
        }

        @Test
        void refusesABadPortBeforeAnythingStarts() throws Exception {
            CliProcess.Ended ended = cli.run("serve", "--port", "99999");
            assertThat(ended.status()).isEqualTo(ExitStatus.WRONG_USAGE);
            assertThat(ended.err()).contains("--port", "99999");
        }

        @Test
        void namesADatabaseThatIsMissing() throws Exception {
            CliProcess.Ended ended = cli.run("serve", "nowhere");
            assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
            assertThat(ended.err()).contains("database \"nowhere\" does not exist", "pbp-cli initdb nowhere");
        }
    }
}
