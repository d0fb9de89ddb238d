package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.push.access.ClientLimits;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import dev.pbp.testing.push.RawWebSocket;
import java.io.StringWriter;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What proxies say of a request, and what it changes. */
@PostgresTest
class ProxyHeadersIT {
    private static final StringWriter TRUSTING_LOG = new StringWriter();
    private static final StringWriter WARY_LOG = new StringWriter();
    private static RunningSite trusting;
    private static RunningSite wary;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        trusting = RunningSite.with(
                database,
                settings -> settings.withTrustedProxies(List.of("127.0.0.0/8", "10.0.0.0/8", "2001:db8::/32")),
                parts -> parts.accessLog(TRUSTING_LOG)
                        .limits(new Limits(Limits.STANDARD.requests(), new ClientLimits(100, 1, 100))));
        wary = RunningSite.on(database, parts -> parts.accessLog(WARY_LOG));
    }

    @AfterAll
    static void stop() {
        trusting.close();
        wary.close();
    }

    private static String get(RunningSite site, String path, String headers) throws Exception {
        return Http.answer(
                site.port(),
                "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "Connection: close\r\n\r\n");
    }

    private static String post(RunningSite site, String headers) throws Exception {
        return Http.answer(
                site.port(),
                "POST /api/testtype HTTP/1.1\r\n" + headers + "Content-Type: " + Http.FORM
                        + "\r\nContent-Length: 5\r\nConnection: close\r\n\r\nval=a");
    }

    /** What the access log calls the client of a request for a path that is asked for once. */
    private static String client(RunningSite site, StringWriter log, String path, String headers) throws Exception {
        get(site, path, headers);
        String line = await().until(
                        () -> log.toString()
                                .lines()
                                .filter(each -> each.contains("\"" + path + "\""))
                                .findFirst()
                                .orElse(""),
                        found -> !found.isEmpty());
        return line.replaceAll(".*\"peer\":\"([^\"]*)\".*", "$1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            198.51.100.7                                   | 198.51.100.7
            198.51.100.7, 10.1.2.3                         | 198.51.100.7
            1.1.1.1, 198.51.100.7, 10.1.2.3, 10.9.9.9      | 198.51.100.7
            10.5.5.5, 198.51.100.7                         | 198.51.100.7
            198.51.100.7:51234                             | 198.51.100.7
            2001:db8:1::1                                  | 2001:db8:1:0:0:0:0:1
            2001:470::7, 2001:db8::1                       | 2001:470:0:0:0:0:0:7
            [2001:470::7]:443                              | 2001:470:0:0:0:0:0:7
            10.1.2.3                                       | 10.1.2.3
            198.51.100.7, unknown                          | 127.0.0.1
            198.51.100.7, 999.1.1.1                        | 127.0.0.1
            198.51.100.7, evil.example                     | 127.0.0.1
            198.51.100.7, .:1                              | 127.0.0.1
            198.51.100.7, unknown, 10.1.2.3                | 10.1.2.3
            198.51.100.7,                                  | 127.0.0.1
            """)
    @Evidence(
            guarantee = "behind-proxies",
            claim = "The client is the right-most address that is no trusted proxy",
            brokenOnce = "ProxyHandler.client: from the left")
    void theClientIsTheRightMostAddressThatIsNoTrustedProxy(String forwarded, String client) throws Exception {
        String path = "/" + Integer.toHexString(forwarded.hashCode());
        assertThat(client(trusting, TRUSTING_LOG, path, "X-Forwarded-For: " + forwarded + "\r\n"))
                .isEqualTo(client);
    }

    @Test
    void severalLinesAreOneList() throws Exception {
        assertThat(client(
                        trusting,
                        TRUSTING_LOG,
                        "/lines",
                        "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 198.51.100.7\r\nX-Forwarded-For: 10.1.2.3\r\n"))
                .isEqualTo("198.51.100.7");
    }

    @Test
    @Evidence(
            guarantee = "behind-proxies",
            claim = "Of a peer that is no trusted proxy these headers have no effect",
            brokenOnce = "ProxyHandler.handleRequest: whoever the peer is")
    void whatAnUntrustedPeerSaysHasNoEffect() throws Exception {
        String headers = "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: https\r\n"
                + "X-Forwarded-Host: evil.example\r\nForwarded: for=198.51.100.7;proto=https\r\n";
        assertThat(client(wary, WARY_LOG, "/spoofed", headers)).isEqualTo("127.0.0.1");
        assertThat(get(wary, "/api/testtype", headers))
                .startsWith("HTTP/1.1 200 ")
                .doesNotContain("Strict-Transport-Security");
        assertThat(post(wary, "Host: localhost\r\nOrigin: https://evil.example\r\n" + headers))
                .startsWith("HTTP/1.1 403 ");
    }

    @Test
    @Evidence(guarantee = "behind-proxies", brokenOnce = "ProxyHandler.handleRequest: `setSourceAddress` left out")
    void theLimitOfAnAddressIsThatOfTheClient() throws Exception {
        try (Socket waiting = new Socket("127.0.0.1", trusting.port())) {
            waiting.getOutputStream().write(poll("198.51.100.7", 60).getBytes(StandardCharsets.US_ASCII));
            await().until(() -> trusting.waiting() == 1);
            assertThat(Http.answer(trusting.port(), poll("198.51.100.7", 0)))
                    .startsWith("HTTP/1.1 429 ")
                    .contains("your address");
            assertThat(Http.answer(trusting.port(), poll("198.51.100.8", 0))).startsWith("HTTP/1.1 200 ");
            assertThat(Http.answer(trusting.port(), poll("198.51.100.8, 198.51.100.7", 0)))
                    .startsWith("HTTP/1.1 429 ");
        }
    }

    private static String poll(String client, int wait) {
        return "GET /api/_changes?table=testtype&wait=" + wait + " HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: "
                + client + "\r\n" + (wait == 0 ? "Connection: close\r\n" : "") + "\r\n";
    }

    @Test
    void theSchemeIsThatOfTheBrowser() throws Exception {
        assertThat(get(trusting, "/", "X-Forwarded-Proto: https\r\n")).contains("Strict-Transport-Security: max-age=");
        assertThat(get(trusting, "/", "X-Forwarded-Proto: wss\r\n")).contains("Strict-Transport-Security: max-age=");
        for (String none : List.of("", "X-Forwarded-Proto: http\r\n", "X-Forwarded-Proto: https, http\r\n")) {
            assertThat(get(trusting, "/", none)).doesNotContain("Strict-Transport-Security");
        }
        String host = "Host: localhost\r\nX-Forwarded-Proto: https\r\n";
        assertThat(post(trusting, host + "Origin: https://localhost\r\n")).startsWith("HTTP/1.1 201 ");
        assertThat(post(trusting, host + "Origin: http://localhost\r\n")).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void theHostIsThatOfTheBrowserAndMustBeAName() throws Exception {
        String host = "Host: 127.0.0.1:" + trusting.port() + "\r\nX-Forwarded-Host: localhost:8443\r\n";
        assertThat(post(trusting, host + "Origin: https://localhost:8443\r\n")).startsWith("HTTP/1.1 201 ");
        assertThat(post(trusting, host + "Origin: https://localhost\r\n")).startsWith("HTTP/1.1 403 ");
        for (String foreign : List.of("evil.example", "localhost, evil.example", "", "local host")) {
            assertThat(get(trusting, "/api/testtype", "X-Forwarded-Host: " + foreign + "\r\n"))
                    .startsWith("HTTP/1.1 421 ");
        }
        // From a proxy that passes on what a page under a foreign name sent.
        assertThat(post(trusting, "Host: evil.example\r\nX-Forwarded-Host: localhost\r\n"))
                .startsWith("HTTP/1.1 421 ");
        assertThat(get(wary, "/api/testtype", "X-Forwarded-Host: evil.example\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    @Evidence(
            guarantee = "behind-proxies",
            claim = "A page of the site may write also where a proxy changed Host",
            brokenOnce = "OriginHandler.isForeign: `same-origin` not asked for")
    void aPageOfTheSiteMayWriteAlsoWhereAProxyChangedHost() throws Exception {
        String changed = "Host: 127.0.0.1:" + wary.port() + "\r\nOrigin: https://shop.example:8443\r\n";
        assertThat(post(wary, changed + "Sec-Fetch-Site: same-origin\r\n")).startsWith("HTTP/1.1 201 ");
        for (String other : List.of(
                "", "Sec-Fetch-Site: same-site\r\n", "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: none\r\n")) {
            assertThat(post(wary, changed + other))
                    .startsWith("HTTP/1.1 403 ")
                    .contains("https://shop.example:8443", "127.0.0.1:" + wary.port(), "--origins");
        }
        assertThat(post(wary, "Host: evil.example\r\nSec-Fetch-Site: same-origin\r\n"))
                .startsWith("HTTP/1.1 421 ");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, http://localhost, 201",
        "localhost:80, http://localhost, 201",
        "localhost:443, https://localhost, 201",
        "LOCALHOST, http://localhost, 201",
        "localhost, https://localhost, 201",
        "localhost:8080, http://localhost:8080, 201",
        "localhost, http://localhost:8080, 403",
        "localhost:8080, http://localhost, 403",
        "localhost:443, http://localhost, 403",
        "localhost, http://localhost.evil.example, 403",
        "localhost, null, 403",
        "localhost, localhost, 403",
        "localhost, http://evil.example#localhost, 403",
        "localhost, http://evil@localhost, 403"
    })
    void theOriginHasToBeThatOfTheRequest(String host, String origin, int status) throws Exception {
        assertThat(post(wary, "Host: " + host + "\r\nOrigin: " + origin + "\r\n"))
                .startsWith("HTTP/1.1 " + status);
        String handshake = RawWebSocket.handshake("/api/_changes?table=testtype")
                .replace("Host: localhost", "Host: " + host + "\r\nOrigin: " + origin);
        try (Socket socket = new Socket("127.0.0.1", wary.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(handshake.getBytes(StandardCharsets.US_ASCII));
            String line = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertThat(line).isEqualTo("HTTP/1.1 " + (status == 201 ? 101 : 403));
        }
    }

    @Test
    void twoOriginsAreNone() throws Exception {
        assertThat(post(wary, "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://localhost\r\n"))
                .startsWith("HTTP/1.1 403 ");
    }
}
