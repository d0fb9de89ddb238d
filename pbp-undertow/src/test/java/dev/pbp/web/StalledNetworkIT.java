package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.connection.Transport;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
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
    private static final int ROWS = 40;

    @ParameterizedTest
    @EnumSource(value = Transport.class, mode = EnumSource.Mode.EXCLUDE, names = "LISTEN")
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
                assertThat(follower.inserted())
                        .isEqualTo(IntStream.rangeClosed(1, follower.inserted().size())
                                .boxed()
                                .toList());
            }
            writer.get(60, TimeUnit.SECONDS);
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
            for (int i = 1; i <= ROWS; i++) {
                site.execute("INSERT INTO testtype (val) VALUES ('" + i + "' || repeat('x', 500000))");
                assertThat(free.nextChanges()).contains("\"val\":\"" + i + "x");
            }
            proxy.resume();
            int messages = 0;
            StringBuilder seen = new StringBuilder();
            while (!seen.toString().contains("\"val\":\"" + ROWS + "x")) {
                seen.append(stalled.nextChanges().replaceAll("x{500000}", "x"));
                messages++;
            }
            for (int i = 1; i <= ROWS; i++) {
                assertThat(seen).containsOnlyOnce("\"val\":\"" + i + "x");
            }
            // What its socket did not take was not kept for it message by message, but read again in one piece.
            assertThat(messages).isLessThan(ROWS);
        }
    }

    private static void insert(RunningSite site, int value) {
        try {
            site.execute("INSERT INTO testtype (val) VALUES ('" + value + "')");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
