package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several nodes on one database, and a network that stalls. */
@PostgresTest
class TwoNodesIT {

    @ParameterizedTest
    @EnumSource(Transport.class)
    void aClientThatChangesNodeAtEveryMessageMissesNothing(Transport transport, TestDatabase database)
            throws Exception {
        int rows = 100;
        try (RunningSite one = RunningSite.on(database);
                RunningSite other = RunningSite.on(database)) {
            Follower follower = new Follower(transport, Follower.cursor(one));
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                for (int i = 1; i <= rows; i++) {
                    insert(i % 2 == 0 ? one : other, i);
                }
            });
            for (int i = 0; follower.inserted().size() < rows; i++) {
                follower.takeOne(i % 2 == 0 ? one : other);
            }
            writer.get(60, TimeUnit.SECONDS);
            assertThat(follower.inserted())
                    .isEqualTo(IntStream.rangeClosed(1, rows).boxed().toList());
        }
    }

    @Test
    void aClientBehindANetworkThatStallsGetsAllOnceItGoesOn(TestDatabase database) throws Exception {
        try (RunningSite site = RunningSite.on(database);
                FaultProxy proxy = FaultProxy.to("127.0.0.1", site.port());
                RawWebSocket stalled = RawWebSocket.open(
                        proxy.port(), "/api/_changes?table=testtype&cursor=" + Follower.cursor(site));
                RawWebSocket free = RawWebSocket.open(
                        site.port(), "/api/_changes?table=testtype&cursor=" + Follower.cursor(site))) {
            stalled.read(RawWebSocket.TEXT);
            free.read(RawWebSocket.TEXT);
            proxy.stall();
            for (int i = 1; i <= 20; i++) {
                insert(site, i);
                assertThat(nextChanges(free)).contains("\"val\":\"" + i + "\"");
            }
            proxy.resume();
            StringBuilder seen = new StringBuilder();
            while (!seen.toString().contains("\"val\":\"20\"")) {
                seen.append(stalled.read(RawWebSocket.TEXT).text());
            }
            for (int i = 1; i <= 20; i++) {
                assertThat(seen).containsOnlyOnce("\"val\":\"" + i + "\"");
            }
        }
    }

    /** The next message that is more than a beat. */
    private static String nextChanges(RawWebSocket socket) throws IOException {
        String text = socket.read(RawWebSocket.TEXT).text();
        return text.contains("\"changes\":[]") ? nextChanges(socket) : text;
    }

    private static void insert(RunningSite site, int value) {
        try {
            site.execute("INSERT INTO testtype (val) VALUES ('" + value + "')");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
