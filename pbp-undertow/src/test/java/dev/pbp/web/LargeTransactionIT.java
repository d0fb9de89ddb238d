package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.connection.Transport;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A transaction over the limit of 8 MB is told as must-refetch, in the form that each transport's client can see. */
@PostgresTest
class LargeTransactionIT {
    private static final String PATH = "/api/_changes?table=testtype";
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.on(database);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @Test
    void isToldAsMustRefetchByEachTransportAndWhoReadsAnewGoesOn() throws Exception {
        String cursor = Follower.cursor(site);
        try (EventClient events = new EventClient(site, PATH, cursor);
                RawWebSocket socket = RawWebSocket.open(site.port(), PATH + "&cursor=" + cursor)) {
            CompletableFuture<HttpResponse<String>> poll =
                    Http.sendAsync(Http.to(site.uri(PATH + "&wait=60&cursor=" + cursor)));
            site.awaitClients(Transport.LONG_POLL, 1);
            events.nextData();
            socket.read(RawWebSocket.TEXT);
            site.execute("INSERT INTO testtype (val) SELECT repeat('x', 9000) FROM generate_series(1, 1000)");

            HttpResponse<String> gone = poll.get(60, TimeUnit.SECONDS);
            assertThat(gone.statusCode()).isEqualTo(410);
            assertThat(gone.body()).contains("/must-refetch\"");
            String told = events.next();
            while (told.contains("\"changes\":[]")) {
                told = events.next();
            }
            assertThat(told).startsWith("event: must-refetch\n");
            assertThat(events.ended()).isTrue();
            String text = socket.read(RawWebSocket.TEXT).text();
            while (text.contains("\"changes\":[]")) {
                text = socket.read(RawWebSocket.TEXT).text();
            }
            assertThat(text).isEqualTo("{\"mustRefetch\":true}");
            assertThat(socket.read(RawWebSocket.CLOSE).closeCode()).isEqualTo(1000);
        }
        String fresh = Follower.cursor(site);
        site.execute("INSERT INTO testtype (val) VALUES ('afterwards')");
        assertThat(Http.get(site.uri(PATH + "&cursor=" + fresh)).body()).contains("afterwards");
    }
}
