package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site as a process: who may come in, and what it tells about itself. */
@PostgresTest
class ServeSiteIT {
    private static final String LISTENING = "listening on ";
    private static final String TOKEN = "only-in-this-test-0123";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private CliProcess cli;

    @BeforeEach
    void install(TestDatabase database) throws Exception {
        cli = CliProcess.ofProject(folder).with("DATABASE_URL", database.libpqUrl());
        assertThat(cli.run("initdb", database.name()).status()).isZero();
    }

    private static HttpResponse<String> get(String url, String token) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(url))
                                .timeout(Duration.ofSeconds(60))
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        BodyHandlers.ofString());
    }

    @Test
    void isReadyAndCountsAndLogsAndKnowsItsClients() throws Exception {
        Path tokens = Files.writeString(folder.resolve("tokens"), "ann - " + TOKEN + "\n");
        Path log = folder.resolve("access.log");
        try (RunningProcess serve = cli.start(
                "serve",
                "--port",
                "0",
                "--tokens",
                tokens.toString(),
                "--access-log",
                log.toString(),
                "--hosts",
                "site.example,other.example")) {
            String site = serve.awaitOut(LISTENING).substring(LISTENING.length());
            int port = URI.create(site).getPort();
            assertThat(statusLine(port, "other.example:80")).startsWith("HTTP/1.1 200");
            assertThat(statusLine(port, "third.example")).startsWith("HTTP/1.1 421");
            assertThat(get(site + "/api/testtype", "wrong").statusCode()).isEqualTo(401);
            assertThat(get(site + "/api/testtype", TOKEN).statusCode()).isEqualTo(200);
            HttpResponse<String> ready = get(site + "/readyz", "");
            for (int i = 0; i < 600 && ready.statusCode() != 200; i++) { // the listener may still be connecting
                ready = get(site + "/readyz", "");
            }
            assertThat(ready.body()).contains("\"database\":\"ok\"", "\"listener\":\"ok\"", "\"feed\":\"ok\"");
            assertThat(get(site + "/metrics", TOKEN).body())
                    .contains("pbp_clients{transport=\"sse\"} 0.0", "pbp_feed_lag_seconds", "hikaricp_connections_max")
                    .containsPattern("pbp_notify[a-z_]*");
            serve.signal("TERM");
            assertThat(serve.await().status()).isZero();
        }
        assertThat(Files.readString(log)).contains("\"user\":\"ann\"").doesNotContain(TOKEN);
    }

    private static String statusLine(int port, String host) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void whatCannotBeReadIsNamedBeforeAnythingStarts() throws Exception {
        CliProcess.Ended tokens = cli.run(
                "serve", "--port", "0", "--tokens", folder.resolve("missing").toString());
        assertThat(tokens.status()).isEqualTo(ExitStatus.WRONG_USAGE);
        assertThat(tokens.err()).contains("--tokens", "missing");
        CliProcess.Ended tls = cli.run("serve", "--port", "0", "--tls-cert", "cert.pem");
        assertThat(tls.status()).isEqualTo(ExitStatus.WRONG_USAGE);
        assertThat(tls.err()).contains("--tls-cert and --tls-key");
        CliProcess.Ended hosts = cli.run("serve", "--port", "0", "--hosts", "a.example,http://b.example");
        assertThat(hosts.status()).isEqualTo(ExitStatus.WRONG_USAGE);
        assertThat(hosts.err()).contains("--hosts: \"http://b.example\" is no host's name");
    }
}
