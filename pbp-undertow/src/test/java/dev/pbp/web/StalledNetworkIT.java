package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.RawWebSocket;
import org.junit.jupiter.api.Test;

/** A client behind a network that stalls. */
@PostgresTest
class StalledNetworkIT {
    private static final int ROWS = 40;

    @Test
    @Evidence(
            guarantee = "slow-clients",
            claim = "A client whose network stalls delays no other client, and receives everything when it goes on",
            brokenOnce = "WebSocketConnection.send: does not wait until the socket has it")
    void aClientBehindANetworkThatStallsGetsAllOnceItGoesOn(TestDatabase database) throws Exception {
        try (RunningSite site = RunningSite.on(database);
                FaultProxy proxy = FaultProxy.to("127.0.0.1", site.port());
                RawWebSocket stalled =
                        RawWebSocket.open(proxy.port(), "/api/_changes?table=testtype&cursor=" + site.cursor());
                RawWebSocket free =
                        RawWebSocket.open(site.port(), "/api/_changes?table=testtype&cursor=" + site.cursor())) {
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
}
