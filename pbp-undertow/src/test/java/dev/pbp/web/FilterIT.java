package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.http.Json;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.EventClient;
import dev.pbp.testing.push.Http;
import dev.pbp.testing.push.RawWebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a view lets through. */
@PostgresTest
@Evidence(
        guarantee = "same-values",
        claim = "What a view lets through is the same by each transport, and includes what leaves",
        brokenOnce = "ChangeMatcher.addViews: the old row passed over")
class FilterIT {
    private static final String PATH = "/api/_changes?table=testtype&testtype.val=eq.x&table=second";

    @Test
    void oldAndNewSayWhetherARowEntersOrLeavesByEachTransportAlike(TestDatabase database) throws Exception {
        try (RunningSite site =
                RunningSite.withPool(database, (parts, pool) -> parts.tables(RunningSite.tables(pool)))) {
            site.execute("CREATE TABLE second (id bigint PRIMARY KEY); SELECT pbp.track('second')");
            String path = PATH + "&cursor=" + site.cursor();
            site.execute("INSERT INTO testtype (val) VALUES ('x'), ('y')");
            site.execute("UPDATE testtype SET val = 'z' WHERE val = 'x'");
            site.execute("UPDATE testtype SET val = 'zz' WHERE val = 'z'");
            site.execute("UPDATE testtype SET val = 'x' WHERE val = 'zz'");
            site.execute("DELETE FROM testtype WHERE val = 'x'");
            site.execute("INSERT INTO second VALUES (7)");
            site.execute("TRUNCATE testtype");

            List<String> polled = new ArrayList<>();
            String next = path;
            while (!polled.contains("testtype truncate null null")) { // the feed may not have seen all of it at once
                JsonNode answer = Json.read(Http.get(site.uri(next)).body().getBytes(StandardCharsets.UTF_8));
                polled.addAll(shapes(answer));
                next = PATH + "&cursor=" + answer.get("cursor").asString();
            }
            assertThat(polled)
                    .containsExactly(
                            "testtype insert null x",
                            "testtype delete x null",
                            "testtype insert null x",
                            "testtype delete x null",
                            "second insert null 7",
                            "testtype truncate null null");
            try (EventClient events = new EventClient(site.port(), path, null);
                    RawWebSocket socket = RawWebSocket.open(site.port(), path)) {
                events.nextData();
                socket.read(RawWebSocket.TEXT);
                String data = events.nextChanges();
                assertThat(shapes(Json.read(data.getBytes(StandardCharsets.UTF_8))))
                        .isEqualTo(polled);
                assertThat(socket.nextChanges()).isEqualTo(data);
            }
        }
    }

    private static List<String> shapes(JsonNode message) {
        return message.get("changes")
                .valueStream()
                .map(change -> change.get("table").asString()
                        + ' '
                        + change.get("op").asString()
                        + ' '
                        + value(change.get("old"))
                        + ' '
                        + value(change.get("new")))
                .toList();
    }

    private static String value(JsonNode row) {
        return row.isNull() ? "null" : row.path("val").asString(row.path("id").asString());
    }
}
