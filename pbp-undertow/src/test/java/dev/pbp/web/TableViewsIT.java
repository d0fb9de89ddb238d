package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.JdbcTableRights;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.postgres.JdbcTrackedTables;
import dev.pbp.push.connection.Transport;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Views of any table over HTTP: how many there may be, and what becomes of them when their table is altered. */
@PostgresTest
class TableViewsIT {
    private static final String CHANGES = "/api/_changes?table=orders&";
    private static final int MOST_EVALUATED = 100;
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.with(
                database,
                settings -> new SiteSettings("127.0.0.1", 0, Set.of(), Set.of("testtype", "orders"), Set.of()),
                (parts, pool) -> {
                    try {
                        return parts.tables(new JdbcTables(pool, Cursors.of(pool)))
                                .rights(new JdbcTrackedTables(pool), new JdbcTableRights(pool));
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @BeforeEach
    void aTable() throws Exception {
        site.execute("DROP TABLE IF EXISTS orders;"
                + " CREATE TABLE orders (id int PRIMARY KEY, item text COLLATE \"C\", count int, spare text);"
                + " INSERT INTO orders VALUES (1, 'pear', 5); SELECT pbp.track('orders')");
    }

    /** From now on: the feed may not have seen yet that the table is new. */
    private static String changes(String conditions) throws Exception {
        return CHANGES + "cursor=" + Http.header(Http.get(site.uri("/api/orders")), "PBP-Cursor") + "&" + conditions;
    }

    private static HttpResponse<String> get(String conditions) throws Exception {
        return Http.get(site.uri(changes(conditions)));
    }

    /** Above the limit there is room for views that are evaluated in memory, and for one that others follow already. */
    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "PostgreSQL evaluates a bounded number of views; beyond it a client is rejected until one ends",
            brokenOnce = "ViewPreparation.admit: `evaluated.size()` not asked")
    void atMostAHundredViewsAreEvaluatedByTheDatabase() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < MOST_EVALUATED; i++) {
            waiting.add(Http.sendAsync(Http.to(site.uri(changes("wait=60&orders.item=like.no" + i + "*")))));
        }
        site.awaitClients(Transport.LONG_POLL, MOST_EVALUATED);
        HttpResponse<String> refused = get("wait=0&orders.item=like.another*");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body())
                .contains("100 views are followed already whose conditions PostgreSQL has to evaluate")
                .contains("follow the table, or try again later");
        assertThat(Http.header(refused, "Retry-After")).isEqualTo("5");
        assertThat(get("wait=0&orders.item=like.no0*").statusCode()).isEqualTo(200);
        assertThat(get("wait=0&orders.item=eq.pear").statusCode()).isEqualTo(200);
        site.execute("INSERT INTO orders VALUES (2, 'no7, thanks', 1)");
        assertThat(waiting.get(7).get(60, TimeUnit.SECONDS).body()).contains("\"op\":\"insert\"", "no7, thanks");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> get("wait=0&orders.item=like.another*").statusCode() == 200);
        site.execute("TRUNCATE orders");
        for (CompletableFuture<HttpResponse<String>> each : waiting) {
            assertThat(each.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    /** What an event stream brings of a view until it ends, or until a word comes. */
    private static String follow(String conditions, String change, String word) throws Exception {
        HttpResponse<InputStream> open = HttpClient.newHttpClient()
                .send(
                        Http.to(site.uri(changes(conditions)))
                                .header("Accept", "text/event-stream")
                                .build(),
                        BodyHandlers.ofInputStream());
        assertThat(open.statusCode()).isEqualTo(200);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(open.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).startsWith("id: ");
            site.execute(change);
            List<String> brought = new ArrayList<>();
            String line = "";
            while (line != null && !line.contains(word)) {
                line = lines.readLine();
                brought.add(line);
            }
            return brought.stream().map(String::valueOf).collect(Collectors.joining("\n"));
        }
    }

    @Test
    void aViewWhoseTableIsAlteredMustRefetch() throws Exception {
        for (String condition : List.of("orders.item=eq.pear", "orders.item=like.p*")) {
            aTable();
            assertThat(follow(
                            condition,
                            "ALTER TABLE orders RENAME item TO thing; UPDATE orders SET count = 6",
                            "must-refetch"))
                    .contains("event: must-refetch")
                    .doesNotContain("\"count\":6");
            HttpResponse<String> gone = get(condition + "&wait=0");
            assertThat(gone.statusCode()).isEqualTo(400);
            assertThat(gone.body()).contains("no column \\\"item\\\"", "\"field\":\"orders.item\"");
            String renamed = condition.replace("item", "thing");
            assertThat(follow(renamed, "UPDATE orders SET count = 7", "count")).contains("\"count\":7");
            assertThat(follow(renamed, "ALTER TABLE orders DROP thing; UPDATE orders SET count = 8", "must-refetch"))
                    .contains("event: must-refetch");
        }
        assertThat(follow(
                        "orders.count=gt.1",
                        "ALTER TABLE orders ALTER count TYPE text; UPDATE orders SET count = 'nine'",
                        "must-refetch"))
                .contains("event: must-refetch")
                .doesNotContain("nine");
        assertThat(follow(
                        "orders.count=eq.nine",
                        "ALTER TABLE orders ADD extra int DEFAULT 1; UPDATE orders SET extra = 2",
                        "\"extra\":2"))
                .contains("must-refetch");
    }

    @Test
    void whatNoViewCanBeMadeOfIsNamed() throws Exception {
        for (String[] wrong : new String[][] {
            {"orders.nope=eq.1", "orders.nope"},
            {"orders.count=eq.x", "orders.count"},
            {"orders.count=like.5", "orders.count"},
            {"orders.count=near.5", "orders.count"},
            {"orders.count=5", "orders.count"},
            {"orders.count=in.5", "orders.count"},
            {"orders.count=is.maybe", "orders.count"},
            {"orders.item=is.true", "orders.item"},
            {"orders.select=id,nope", "orders.select"},
            {"orders.order=count", "orders.order"},
            {"orders.limit=5", "orders.limit"},
            {"orders.offset=5", "orders.offset"},
            {"testtype.val=eq.x", "testtype.val"},
            {"nope.val=eq.x", "nope.val"},
            {"orders.count=not.not.eq.5", "orders.count"}
        }) {
            HttpResponse<String> response = get(wrong[0] + "&wait=0");
            assertThat(response.statusCode())
                    .as(wrong[0] + ": " + response.body())
                    .isEqualTo(400);
            assertThat(response.body()).as(wrong[0]).contains("\"field\":\"" + wrong[1] + "\"");
        }
    }
}
