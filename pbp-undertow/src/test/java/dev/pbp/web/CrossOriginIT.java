package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import dev.pbp.testing.push.RawWebSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of other sites: those that may use this one, and all others. */
@PostgresTest
class CrossOriginIT {
    private static final String SHOP = "https://shop.example";
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.with(
                database, settings -> settings.withOrigins(List.of(SHOP, "http://localhost:3000")), parts -> parts);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    private static String ask(String line, String headers) throws Exception {
        return Http.answer(
                site.port(), line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + "\r\n");
    }

    private static String from(String origin) {
        return "Origin: " + origin + "\r\nSec-Fetch-Site: cross-site\r\n";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/testtype",
                "/api/_changes?table=testtype&wait=0",
                "/api/_channels/names",
                "/static/pbp.js",
                "/nothing",
                "/"
            })
    @Evidence(
            guarantee = "behind-proxies",
            claim = "A page of an allowed origin may read the response and the headers that a client needs",
            brokenOnce = "OriginHandler: `Access-Control-Expose-Headers` left out")
    void aPageOfAnAllowedOriginSeesEveryResponse(String path) throws Exception {
        assertThat(ask("GET " + path, from(SHOP)))
                .contains(
                        "\r\nAccess-Control-Allow-Origin: " + SHOP + "\r\n",
                        "\r\nAccess-Control-Allow-Credentials: true\r\n")
                .containsPattern("\r\nAccess-Control-Expose-Headers: [^\r]*PBP-Cursor[^\r]*PBP-Txid")
                .containsPattern("\r\nVary: [^\r]*Origin");
    }

    @Test
    void eachOriginIsNamedAsItselfAndTheOthersGetNothing() throws Exception {
        assertThat(ask("GET /api/testtype", from("http://localhost:3000")))
                .contains("\r\nAccess-Control-Allow-Origin: http://localhost:3000\r\n");
        for (String other : List.of(
                "http://shop.example", "https://shop.example:8443", "https://shop.example.evil.example", "null")) {
            assertThat(ask("GET /api/testtype", from(other)))
                    .startsWith("HTTP/1.1 200 ")
                    .doesNotContain("Access-Control-")
                    .containsPattern("\r\nVary: [^\r]*Origin");
        }
        assertThat(ask("GET /api/testtype", ""))
                .doesNotContain("Access-Control-")
                .containsPattern("Vary: [^\r]*Origin");
    }

    @Test
    @Evidence(
            guarantee = "behind-proxies",
            claim = "A preflight names what is allowed, and is rejected for all other origins",
            brokenOnce = "OriginHandler.preflight: any origin")
    void aPreflightNamesWhatIsAllowed() throws Exception {
        String asked =
                "Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: content-type,if-match\r\n";
        assertThat(ask("OPTIONS /api/testtype/1", from(SHOP) + asked))
                .startsWith("HTTP/1.1 204 ")
                .contains("\r\nAccess-Control-Allow-Origin: " + SHOP + "\r\n")
                .containsPattern("\r\nAccess-Control-Allow-Methods: [^\r]*PUT[^\r]*DELETE")
                .containsPattern("\r\nAccess-Control-Allow-Headers: [^\r]*Authorization[^\r]*If-Match")
                .contains("\r\nAccess-Control-Max-Age: 600\r\n");
        assertThat(ask("OPTIONS /api/testtype/1", from("https://evil.example") + asked))
                .startsWith("HTTP/1.1 403 ")
                .doesNotContain("Access-Control-")
                .contains("https://evil.example");
        assertThat(ask("OPTIONS /api/testtype", from(SHOP))).startsWith("HTTP/1.1 405 ");
    }

    private static final class NobodyKnown implements Authenticator {
        @Override
        public Optional<Identity> authenticate(Request request) {
            return Optional.empty();
        }

        @Override
        public String challenge() {
            return "Basic";
        }
    }

    /** A browser asks without credentials. */
    @Test
    void aPreflightNeedsNoCredentials(TestDatabase database) throws Exception {
        String preflight = "OPTIONS /api/testtype HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + from(SHOP)
                + "Access-Control-Request-Method: PUT\r\n\r\n";
        try (RunningSite withTokens = RunningSite.with(
                database,
                settings -> settings.withOrigins(List.of(SHOP)),
                parts -> parts.authenticator(new NobodyKnown()))) {
            assertThat(Http.answer(withTokens.port(), preflight)).startsWith("HTTP/1.1 204 ");
            assertThat(Http.answer(withTokens.port(), preflight.replace(SHOP, "https://evil.example")))
                    .startsWith("HTTP/1.1 403 ");
            assertThat(Http.answer(withTokens.port(), preflight.replace("OPTIONS", "PUT")))
                    .startsWith("HTTP/1.1 401 ")
                    .contains("Access-Control-Allow-Origin: " + SHOP);
        }
    }

    @Test
    void aPageOfAnAllowedOriginMayWriteAndOthersMayNot() throws Exception {
        String body = "Content-Type: " + Http.FORM + "\r\nContent-Length: 5\r\n\r\nval=a";
        assertThat(ask("POST /api/testtype", from(SHOP) + body)).startsWith("HTTP/1.1 201 ");
        assertThat(ask("POST /api/testtype", from("https://evil.example") + body))
                .startsWith("HTTP/1.1 403 ");
        assertThat(ask("POST /api/testtype", "Sec-Fetch-Site: cross-site\r\n" + body))
                .startsWith("HTTP/1.1 403 ");
    }

    @Test
    void aPageOfAnAllowedOriginMayOpenAWebSocketAndOthersMayNot() throws Exception {
        assertThat(handshake(SHOP)).isEqualTo("HTTP/1.1 101");
        assertThat(handshake("http://localhost")).isEqualTo("HTTP/1.1 101");
        assertThat(handshake("https://evil.example")).isEqualTo("HTTP/1.1 403");
    }

    private static String handshake(String origin) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", site.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(RawWebSocket.handshake("/api/_changes?table=testtype")
                            .replace("Upgrade: websocket", "Origin: " + origin + "\r\nUpgrade: websocket")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void withoutOriginsNothingIsSaidAboutThem(TestDatabase database) throws Exception {
        try (RunningSite plain = RunningSite.on(database)) {
            assertThat(Http.answer(
                            plain.port(),
                            "GET /api/testtype HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + from(SHOP)
                                    + "\r\n"))
                    .doesNotContain("Access-Control-")
                    .doesNotContainPattern("Vary: [^\r]*Origin");
        }
    }
}
