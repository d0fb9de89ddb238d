package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.Evidence;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
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
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
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
            assertThat(statusLine(port, "other.example:80")).startsWith("HTTP/1.1 401");
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

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "A process without memory ends, with status 3",
            brokenOnce = "pbp-cli, ExitOnOutOfMemoryError: left out")
    void aProcessWithoutMemoryEnds() throws Exception {
        CliProcess.Ended ended = cli.with("PBP_JAVA_OPTIONS", "-Xmx4m").run("serve", "--port", "0");
        assertThat(ended.status()).isEqualTo(3);
        assertThat(ended.out() + ended.err()).contains("OutOfMemoryError");
    }

    @Test
    void whatCannotBeServedDoesNotStart() throws Exception {
        CliProcess.Ended unread = cli.run("serve", "--port", "0", "--tables", "orders", "--writable", "orders,items");
        assertThat(unread.status()).isEqualTo(ExitStatus.WRONG_USAGE);
        assertThat(unread.err())
                .startsWith("pbp-cli: --writable: items cannot be written, since it is not among --tables");
        CliProcess.Ended missing =
                cli.with("PBP_PAGES", folder.resolve("none").toString()).run("serve", "--port", "0");
        assertThat(missing.status()).isEqualTo(ExitStatus.WRONG_USAGE);
        assertThat(missing.err()).startsWith("pbp-cli: PBP_PAGES: ").contains("no such folder");
    }

    private static String statusLine(int port, String host) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(("GET /api/testtype HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    @Evidence(guarantee = "behind-proxies", brokenOnce = "SiteOptions.site: `isExposed` not asked for")
    void whatOthersReachWithoutTokensIsServedOnlyIfThatIsMeant() throws Exception {
        for (String bind : List.of("0.0.0.0", "::", "192.0.2.7")) {
            CliProcess.Ended refused = cli.run("serve", "--port", "0", "--bind", bind);
            assertThat(refused.status()).isEqualTo(ExitStatus.WRONG_USAGE);
            assertThat(refused.err())
                    .startsWith("pbp-cli: --bind: other machines can reach " + bind)
                    .contains("--tokens", "--open");
        }
        assertThat(cli.with("PBP_BIND", "0.0.0.0")
                        .with("PBP_OPEN", "yes")
                        .run("serve", "--port", "0")
                        .err())
                .isEqualTo("pbp-cli: PBP_OPEN: 'yes' is neither true nor false\n");
        try (RunningProcess serve = cli.with("PBP_BIND", "0.0.0.0").start("serve", "--port", "0", "--open")) {
            int port = URI.create(serve.awaitOut(LISTENING).substring(LISTENING.length()))
                    .getPort();
            assertThat(get("http://127.0.0.1:" + port + "/api/testtype", "").statusCode())
                    .isEqualTo(200);
        }
        Path tokens = Files.writeString(folder.resolve("tokens"), "ann - " + TOKEN + "\n");
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
        try (RunningProcess serve =
                cli.start("serve", "--port", "0", "--bind", "0.0.0.0", "--tokens", tokens.toString())) {
            int port = URI.create(serve.awaitOut(LISTENING).substring(LISTENING.length()))
                    .getPort();
            assertThat(get("http://127.0.0.1:" + port + "/api/testtype", "").statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void isBehindAProxyAsTheSettingsSay() throws Exception {
        Path file = Files.writeString(
                folder.resolve("site.properties"), "base-path = /live\norigins = https://shop.example\n");
        try (RunningProcess serve = cli.with("PBP_TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")
                .start("serve", "--config", file.toString(), "--port", "0")) {
            URI site = URI.create(serve.awaitOut(LISTENING).substring(LISTENING.length()));
            HttpResponse<String> rows = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(site.resolve("/live/api/testtype"))
                                    .header("X-Forwarded-Proto", "https")
                                    .header("Origin", "https://shop.example")
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(rows.statusCode()).isEqualTo(200);
            assertThat(rows.headers().firstValue("Strict-Transport-Security")).isPresent();
            assertThat(rows.headers().firstValue("Access-Control-Allow-Origin")).contains("https://shop.example");
        }
    }

    @Test
    void whatAProxyNeedsIsCheckedBeforeAnythingStarts() throws Exception {
        assertThat(cli.run("serve", "--trusted-proxies", "127.0.0.1,10.0.0.1/8").err())
                .startsWith("pbp-cli: --trusted-proxies: \"10.0.0.1/8\"");
        assertThat(cli.with("PBP_ORIGINS", "*").run("serve").err())
                .startsWith("pbp-cli: PBP_ORIGINS: \"*\": every page on the web");
        CliProcess.Ended path = cli.run("serve", "--base-path", "live/");
        assertThat(path.err()).startsWith("pbp-cli: --base-path: \"live/\" is no base path");
        assertThat(path.status()).isEqualTo(ExitStatus.WRONG_USAGE);
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
