package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.ReverseProxy;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The site behind nginx and HAProxy, with the configurations that docs/how-to/reverse-proxy.md shows. */
@PostgresTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReverseProxyIT {
    private static final String PAGE = "docs/how-to/reverse-proxy.md";
    private static final String CHANGES = "/api/_changes?table=testtype";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final StringWriter log = new StringWriter();
    private RunningSite site;
    private RunningSite wary;
    private RunningSite below;
    private List<Place> places;

    /**
     * A site as a browser reaches it.
     *
     * @param name of the configuration
     * @param path before the site's own paths
     * @param all whether the proxy lets WebSockets through and passes on Host
     */
    private record Place(String name, ReverseProxy proxy, RunningSite site, String path, boolean all) {
        URI uri(String rest) {
            return URI.create(proxy.origin() + path + rest);
        }

        HttpClient client() throws Exception {
            return HttpClient.newBuilder().sslContext(proxy.trusting()).build();
        }

        /** A request as a browser sends it from the site's own page; where Host is hidden, one that tells where it is from. */
        HttpRequest.Builder request(String rest) {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri(rest)).timeout(PATIENCE);
            request.header("Origin", proxy.origin());
            return all ? request : request.header("Sec-Fetch-Site", "same-origin");
        }

        HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
            HttpResponse<String> response = client().send(request.build(), BodyHandlers.ofString());
            assertThat(response.version())
                    .isEqualTo(proxy.isTls() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1);
            return response;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    void start(TestDatabase database) throws Exception {
        ReverseProxy.requireInstalled();
        site = RunningSite.with(
                database, settings -> settings.withTrustedProxies(List.of("127.0.0.1")), parts -> parts.accessLog(log));
        wary = RunningSite.on(database, parts -> parts.accessLog(log));
        below = RunningSite.withPage(database, settings -> settings.withBasePath("/live"));
        String path = ReverseProxy.shown(PAGE, "## Under a path", "nginx");
        String removed = path.replace("proxy_pass http://127.0.0.1:8888;", "proxy_pass http://127.0.0.1:8888/;");
        assertThat(removed).isNotEqualTo(path);
        places = List.of(
                new Place(
                        "nginx with its defaults",
                        ReverseProxy.nginx(
                                ReverseProxy.shown(PAGE, "### nginx with its defaults", "nginx"), wary.port()),
                        wary,
                        "",
                        false),
                new Place(
                        "nginx",
                        ReverseProxy.nginx(ReverseProxy.shown(PAGE, "## nginx", "nginx"), site.port()),
                        site,
                        "",
                        true),
                new Place("nginx, a path", ReverseProxy.nginx(path, below.port()), below, "/live", true),
                new Place(
                        "nginx that removes the path", ReverseProxy.nginx(removed, below.port()), below, "/live", true),
                new Place(
                        "HAProxy",
                        ReverseProxy.haproxy(ReverseProxy.shown(PAGE, "## HAProxy", "haproxy"), site.port()),
                        site,
                        "",
                        true));
    }

    @AfterAll
    void stop() throws Exception {
        if (places != null) {
            for (Place place : places) {
                place.proxy.close();
            }
            below.close();
            wary.close();
            site.close();
        }
    }

    Stream<Place> places() {
        return places.stream();
    }

    private static String cursor(Place place) throws Exception {
        return Http.header(place.send(place.request("/api/testtype")), "PBP-Cursor");
    }

    @ParameterizedTest
    @MethodSource("places")
    @Evidence(guarantee = "behind-proxies", brokenOnce = "SiteAssembly.resourcePaths: the prefix is empty")
    void rowsAreReadAndWritten(Place place) throws Exception {
        HttpResponse<String> added = place.send(place.request("/api/testtype")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"val\":\"through " + place + "\"}")));
        assertThat(added.statusCode()).isEqualTo(201);
        assertThat(Http.header(added, "PBP-Txid")).isNotEmpty();
        String location = Http.header(added, "Location");
        assertThat(location).startsWith(place.path + "/api/testtype/");
        String row = location.substring(place.path.length());
        assertThat(place.send(place.request(row)).body())
                .isEqualTo(added.body())
                .contains("through");
        assertThat(place.send(place.request("/api/testtype")).body()).contains(added.body());
        assertThat(place.send(place.request(row).DELETE()).statusCode()).isEqualTo(204);
        assertThat(place.send(place.request(row)).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @MethodSource("places")
    void pagesOfOtherSitesMayNotWrite(Place place) throws Exception {
        HttpRequest.Builder foreign = HttpRequest.newBuilder(place.uri("/api/testtype"))
                .header("Content-Type", Http.FORM)
                .POST(BodyPublishers.ofString("val=foreign"));
        assertThat(place.send(foreign.copy().header("Origin", "https://evil.example"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(place.send(foreign.copy().header("Sec-Fetch-Site", "cross-site"))
                        .statusCode())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @MethodSource("places")
    void aLongPollIsAnsweredByAChange(Place place) throws Exception {
        String cursor = cursor(place);
        CompletableFuture<HttpResponse<String>> waiting = place.client()
                .sendAsync(place.request(CHANGES + "&wait=50&cursor=" + cursor).build(), BodyHandlers.ofString());
        await().atMost(PATIENCE).until(() -> place.site.waiting() == 1);
        place.site.execute("INSERT INTO testtype (val) VALUES ('polled')");
        assertThat(waiting.get(60, TimeUnit.SECONDS).body()).contains("polled");
        await().atMost(PATIENCE).until(() -> place.site.waiting() == 0);
    }

    @ParameterizedTest
    @MethodSource("places")
    @Evidence(
            guarantee = "behind-proxies",
            claim = "An event stream is passed on message by message, and a client that leaves is noticed",
            brokenOnce = "UndertowEventStream: the header left out")
    void anEventStreamBringsEachMessageAsItComes(Place place) throws Exception {
        HttpResponse<java.io.InputStream> stream = place.client()
                .send(
                        place.request(CHANGES)
                                .header("Accept", "text/event-stream")
                                .build(),
                        BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(data(lines)).contains("\"changes\":[]");
            place.site.execute("INSERT INTO testtype (val) VALUES ('streamed')");
            String message = data(lines);
            while (message.contains("\"changes\":[]")) { // a heartbeat
                message = data(lines);
            }
            assertThat(message).contains("streamed");
        }
        await().atMost(PATIENCE).until(() -> place.site.waiting() == 0);
    }

    private static String data(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        while (line != null && !line.startsWith("data: ")) {
            line = lines.readLine();
        }
        return String.valueOf(line);
    }

    private static final class Messages implements WebSocket.Listener {
        private final BlockingQueue<String> whole = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                whole.add(part.toString());
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        String next() throws InterruptedException {
            return String.valueOf(whole.poll(60, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void aWebSocketIsOpenedOrRejectedAtOnce(Place place) throws Exception {
        Messages messages = new Messages();
        CompletableFuture<WebSocket> opening = place.client()
                .newWebSocketBuilder()
                .header("Origin", place.proxy.origin())
                .buildAsync(URI.create(place.uri(CHANGES).toString().replaceFirst("http", "ws")), messages);
        if (!place.all) {
            assertThatThrownBy(opening::join)
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            WebSocketHandshakeException.class,
                            e -> assertThat(e.getResponse().statusCode()).isEqualTo(426));
            return;
        }
        WebSocket socket = opening.get(60, TimeUnit.SECONDS);
        assertThat(messages.next()).contains("\"changes\":[]");
        place.site.execute("INSERT INTO testtype (val) VALUES ('pushed')");
        String message = messages.next();
        while (message.contains("\"changes\":[]")) {
            message = messages.next();
        }
        assertThat(message).contains("pushed");
        socket.abort();
        await().atMost(PATIENCE).until(() -> place.site.waiting() == 0);
    }

    @ParameterizedTest
    @MethodSource("places")
    void theSiteKnowsWhetherItIsReachedByTls(Place place) throws Exception {
        String transport = Http.header(place.send(place.request("/api/testtype")), "Strict-Transport-Security");
        if (place.proxy.isTls()) {
            assertThat(transport).startsWith("max-age=");
        } else {
            assertThat(transport).isEmpty();
        }
    }

    /** The client connects from an address that is no trusted proxy, and claims another. */
    @ParameterizedTest
    @MethodSource("places")
    void theSiteKnowsTheClientAndBelievesNoClient(Place place) throws Exception {
        if (place.site == below) {
            return; // it has no log, and the other site shows the same
        }
        String path = "/client-of-" + place.proxy.port();
        InetAddress local = InetAddress.getByName("127.0.0.2");
        try (Socket socket = place.proxy.isTls()
                ? place.proxy.trusting().getSocketFactory().createSocket("127.0.0.1", place.proxy.port(), local, 0)
                : new Socket("127.0.0.1", place.proxy.port(), local, 0)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 198.51.100.7\r\n"
                                    + "Connection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains(" 404 ");
        }
        String line = await().atMost(PATIENCE)
                .until(
                        () -> log.toString()
                                .lines()
                                .filter(each -> each.contains(path))
                                .findFirst()
                                .orElse(""),
                        found -> !found.isEmpty());
        // nginx with its defaults is not trusted, since it passes on what clients claim.
        assertThat(line).contains("\"peer\":\"" + (place.all ? "127.0.0.2" : "127.0.0.1") + "\"");
    }

    @ParameterizedTest
    @MethodSource("places")
    void thePageIsBelowItsPath(Place place) throws Exception {
        if (place.site != below) {
            return;
        }
        assertThat(place.send(HttpRequest.newBuilder(place.uri("/"))).body()).contains("src=\"static/start.js\"");
        HttpResponse<String> moved = place.send(HttpRequest.newBuilder(place.uri("")));
        assertThat(moved.statusCode()).isIn(301, 308); // nginx redirects by itself
        assertThat(Http.header(moved, "Location")).endsWith("/live/");
    }
}
