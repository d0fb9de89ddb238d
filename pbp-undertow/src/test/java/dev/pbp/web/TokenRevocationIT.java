package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.connection.Transport;
import dev.pbp.push.http.Problem;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams, by all transports, end with their token; a token can be barred from channels and metrics. */
@PostgresTest
class TokenRevocationIT {
    /** Before any of these clients would end or send a heartbeat by itself. */
    private static final int LIMIT_SECONDS = 25;

    private static final String KEPT = "kept-0123456789abcdef";
    private static final String GONE = "gone-0123456789abcdef";
    private static final String CHANGES = "/api/_changes?table=testtype&wait=60";
    private static final String CHANNELS = "/api/_channels?channel=hello&wait=60";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private RunningSite site;

    @BeforeEach
    void start(TestDatabase database) throws Exception {
        replace("kept - " + KEPT, "gone - " + GONE);
        TokenAuthenticator tokens = TokenAuthenticator.read(folder.resolve("tokens"));
        site = RunningSite.withPage(
                database,
                (parts, pool) -> parts.heartbeat(Duration.ofSeconds(100))
                        .authenticator(tokens)
                        .metrics(() -> "pbp_of_this_test 1\n"));
    }

    @AfterEach
    void stop() {
        site.close();
    }

    /** Atomically, as a careful administrator does. */
    private void replace(String... lines) throws Exception {
        Path fresh = Files.createTempFile(folder, "fresh", "");
        Files.writeString(fresh, String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
        Files.move(fresh, folder.resolve("tokens"), StandardCopyOption.ATOMIC_MOVE);
    }

    private HttpRequest.Builder as(String token, String path) {
        return Http.to(site.uri(path)).header("Authorization", "Bearer " + token);
    }

    /** The lines of an event stream that has begun. */
    private Iterator<String> stream(String token, String path) throws Exception {
        HttpResponse<Stream<String>> open = CLIENT.send(
                as(token, path).header("Accept", "text/event-stream").build(), BodyHandlers.ofLines());
        assertThat(open.statusCode()).isEqualTo(200);
        Iterator<String> lines = open.body().iterator();
        assertThat(lines.next()).isNotEmpty();
        return lines;
    }

    private CompletableFuture<String> socket(String token, String path) throws Exception {
        CompletableFuture<String> closed = new CompletableFuture<>();
        CLIENT.newWebSocketBuilder()
                .header("Authorization", "Bearer " + token)
                .buildAsync(URI.create("ws://127.0.0.1:" + site.port() + path), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                        closed.complete(code + " " + reason);
                        return CompletableFuture.completedFuture(null);
                    }

                    @Override
                    public void onError(WebSocket socket, Throwable error) {
                        closed.completeExceptionally(error);
                    }
                })
                .get(60, TimeUnit.SECONDS);
        return closed;
    }

    private static String rest(Iterator<String> lines) {
        StringBuilder rest = new StringBuilder();
        lines.forEachRemaining(line -> rest.append(line).append('\n'));
        return rest.toString();
    }

    private CompletableFuture<HttpResponse<String>> listen(String token) {
        return Http.sendAsync(
                as(token, "/api/_listen").POST(BodyPublishers.ofString("[{\"types\":[{\"type\":\"testtype\"}]}]")));
    }

    private void requireAllEndAfter(Action withdrawal) throws Exception {
        List<Iterator<String>> streams = List.of(stream(GONE, CHANGES), stream(GONE, CHANNELS));
        List<CompletableFuture<String>> sockets = List.of(socket(GONE, CHANGES), socket(GONE, CHANNELS));
        List<CompletableFuture<HttpResponse<String>>> polls =
                List.of(Http.sendAsync(as(GONE, CHANGES)), Http.sendAsync(as(GONE, CHANNELS)), listen(GONE));
        Iterator<String> other = stream(KEPT, CHANGES);
        site.awaitClients(Transport.EVENT_STREAM, 3);
        site.awaitClients(Transport.WEBSOCKET, 2);
        site.awaitClients(Transport.LONG_POLL, 2);
        site.awaitClients(Transport.LISTEN, 1);
        withdrawal.run();
        for (Iterator<String> stream : streams) {
            assertThat(CompletableFuture.supplyAsync(() -> rest(stream)).get(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .endsWith("event: unauthorized\ndata: "
                            + new Problem(401, "The credentials of this request are no longer valid.").json() + "\n\n");
        }
        for (CompletableFuture<String> socket : sockets) {
            assertThat(socket.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("1008 unauthorized");
        }
        for (CompletableFuture<HttpResponse<String>> poll : polls) {
            HttpResponse<String> answer = poll.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(Http.header(answer, "WWW-Authenticate")).startsWith("Basic ");
        }
        site.execute("INSERT INTO testtype (val) VALUES ('after')");
        String line = other.next();
        while (!line.contains("after")) {
            line = other.next();
        }
        assertThat(Http.send(as(GONE, CHANGES)).statusCode()).isEqualTo(401);
        assertThat(Http.send(as(KEPT, "/api/testtype")).statusCode()).isEqualTo(200);
    }

    private interface Action {
        void run() throws Exception;
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            claim =
                    "Event streams, WebSockets and long polls of both protocols end with a token that is withdrawn, and no others",
            brokenOnce = {
                "Subscriber.recheckAccess: does nothing",
                "ListenRequest.recheckAccess: does nothing",
                "Site: `onRevocation` left out"
            })
    void everyStreamEndsWhenItsTokenIsWithdrawn() throws Exception {
        requireAllEndAfter(() -> replace("kept - " + KEPT));
    }

    @Test
    @Evidence(guarantee = "role-rights", recordedAt = "TokenRevocationIT.everyStreamEndsWhenItsTokenIsWithdrawn")
    void everyStreamEndsWhenItsTokenExpires() throws Exception {
        requireAllEndAfter(() -> replace(
                "kept - " + KEPT, "gone - " + GONE + " expires=" + Instant.now().plusSeconds(2)));
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            claim = "A token is barred from channels and metrics",
            brokenOnce = {
                "ChannelsEndpoint.channels: `mayListen` not asked",
                "AuthenticationHandler: `metrics` not asked"
            })
    void aTokenIsBarredFromChannelsAndMetrics(TestDatabase database) throws Exception {
        site.close();
        replace("kept - " + KEPT, "gone - " + GONE + " channels=other metrics=no");
        TokenAuthenticator tokens = TokenAuthenticator.read(folder.resolve("tokens"));
        site = RunningSite.withPage(
                database,
                (parts, pool) -> parts.heartbeat(Duration.ofSeconds(100))
                        .authenticator(tokens)
                        .metrics(() -> "pbp_of_this_test 1\n"));
        HttpResponse<String> refused = Http.send(as(GONE, CHANNELS));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("hello");
        assertThat(Http.send(as(GONE, "/api/_channels/names")).body()).isEqualTo("[]");
        assertThat(Http.send(as(KEPT, "/api/_channels/names")).body()).contains("\"hello\"");
        assertThat(Http.send(as(GONE, "/metrics")).statusCode()).isEqualTo(403);
        assertThat(Http.send(as(KEPT, "/metrics")).body()).contains("pbp_of_this_test");
        assertThat(Http.send(as(GONE, "/api/testtype")).statusCode()).isEqualTo(200);
    }
}
