package dev.pbp.web.internal.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.web.RunningSite;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

@PostgresTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ListenIT {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static RunningSite site;
    private static RunningSite other;
    private static Instant silentSince;
    private static CompletableFuture<HttpResponse<String>> silent;

    private final OlderClient client = new OlderClient(poll -> site.uri("/"));

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.on(database);
        other = RunningSite.on(database);
        silentSince = Instant.now();
        silent = new OlderClient(poll -> site.uri("/")).post("[{\"types\":[" + constrained("never") + "]}]", FORM);
    }

    @AfterAll
    static void stop() {
        other.close();
        site.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        site.execute("DELETE FROM testtype");
    }

    private static String constrained(String val) {
        return "{\"type\":\"testtype\",\"constraints\":{\"val\":\"" + val + "\"}}";
    }

    private static void insert(String val) throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('" + val + "')");
    }

    private static List<Integer> told(CompletableFuture<JsonNode> poll) throws Exception {
        return poll.get(60, TimeUnit.SECONDS)
                .valueStream()
                .map(event -> event.get("i").asInt())
                .toList();
    }

    /** Lets the client have a time of the node that it asks. */
    private static void settle(OlderClient someone) throws Exception {
        someone.forget(0.0);
        assertThat(told(someone.poll())).containsExactly(0);
    }

    @Test
    void theFirstPollWaitsForAChangeAndTheAnswerBearsATimeOfTheDatabase() throws Exception {
        CompletableFuture<HttpResponse<String>> poll = client.post("[{\"types\":[{\"type\":\"testtype\"}]}]", FORM);
        while (!poll.isDone()) { // from now on means: from when the request arrives
            insert("a");
        }
        HttpResponse<String> answer = poll.get(60, TimeUnit.SECONDS);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(answer.body()).matches("\\[\\{\"i\":0,\"mtime\":[0-9]+\\.[0-9]{3}}]");
        double time = Double.parseDouble(answer.body().replaceAll(".*:|}]", ""));
        assertThat(Instant.ofEpochMilli((long) time))
                .isBetween(Instant.now().minusSeconds(120), Instant.now().plusSeconds(120));
    }

    @Test
    void whatIsCommittedBetweenTwoPollsIsToldAtOnce() throws Exception {
        settle(client);
        insert("between");
        assertThat(told(client.poll())).containsExactly(0);
    }

    @Test
    @Evidence(guarantee = "push-any-node", recordedAt = "ListenStormIT.whatAClientShowsIsRightAtEveryQuietMoment")
    void whatCommitsLateIsTold() throws Exception {
        settle(client);
        try (Connection connection = site.connect();
                Statement late = connection.createStatement()) {
            connection.setAutoCommit(false);
            late.execute("INSERT INTO testtype (val) VALUES ('late')");
            insert("later begun and earlier committed");
            assertThat(told(client.poll())).containsExactly(0);
            client.read();
            assertThat(client.rows()).hasSize(1);
            connection.commit();
        }
        assertThat(told(client.poll())).containsExactly(0);
        client.read();
        assertThat(client.rows()).containsValue("late");
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            claim = "A time of another node is answered at once, by a later one, and once",
            brokenOnce = "FeedTimes.of: `after` not asked")
    void aTimeThatCannotBePlacedIsAnsweredAtOnceByALaterOneAndNotTwice() throws Exception {
        OlderClient wanderer = new OlderClient(poll -> other.uri("/"));
        settle(client);
        double others = java.util.Objects.requireNonNull(client.largest());
        for (double foreign : new double[] {others, 1.0, -5.5, others + 3_600_000}) {
            wanderer.forget(foreign);
            assertThat(told(wanderer.poll())).containsExactly(0);
            assertThat(wanderer.largest()).isGreaterThan(foreign);
        }
        CompletableFuture<JsonNode> waits = wanderer.poll(constrained("never either"));
        OlderClient sentinel = new OlderClient(poll -> other.uri("/"));
        settle(sentinel);
        CompletableFuture<JsonNode> seen = sentinel.poll();
        insert("sentinel");
        assertThat(told(seen)).containsExactly(0);
        assertThat(waits).isNotDone();
        insert("never either");
        assertThat(told(waits)).containsExactly(0);
    }

    @Test
    void aConstraintComparesTheOldAndTheNewValue() throws Exception {
        insert("x");
        OlderClient leaves = new OlderClient(poll -> site.uri("/"));
        OlderClient enters = new OlderClient(poll -> site.uri("/"));
        OlderClient neither = new OlderClient(poll -> site.uri("/"));
        for (OlderClient each : List.of(leaves, enters, neither)) {
            settle(each);
        }
        CompletableFuture<JsonNode> z = neither.poll(constrained("z"));
        CompletableFuture<JsonNode> x = leaves.poll(constrained("x"));
        CompletableFuture<JsonNode> y = enters.poll(constrained("y"));
        site.execute("UPDATE testtype SET val = 'y'");
        assertThat(told(x)).containsExactly(0);
        assertThat(told(y)).containsExactly(0);
        insert("sentinel");
        assertThat(told(leaves.poll())).containsExactly(0);
        assertThat(z).isNotDone();
        site.execute("DELETE FROM testtype WHERE val = 'y'");
        insert("z");
        assertThat(told(z)).containsExactly(0);
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            brokenOnce = "ListenRequest.ended: answers with the first that has something")
    void aTransactionThatConcernsSeveralSubscriptionsIsToldToEachOfThem() throws Exception {
        for (int round = 0; round < 20; round++) {
            settle(client);
            CompletableFuture<JsonNode> poll =
                    client.poll(constrained("a"), constrained("none"), constrained("b"), constrained("c"));
            site.execute("INSERT INTO testtype (val) VALUES ('b'), ('a')");
            assertThat(told(poll)).containsExactly(0, 2);
        }
    }

    @Test
    void aClientWithoutATimeMissesNothingBetweenItsReadAndItsFirstPoll() throws Exception {
        client.read();
        insert("in between");
        assertThat(told(client.poll())).containsExactly(0);
    }

    @Test
    void theBodyIsReadWhateverItsTypeAndWhatIsWrongIsNamed() throws Exception {
        String body = "[{\"laterthan\":0,\"types\":[{\"type\":\"testtype\"}]}]";
        for (String type : List.of(FORM, "application/json", "text/plain")) {
            HttpResponse<String> answer = client.post(body, type).get(60, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        }
        assertBad("{", "body");
        assertBad("[]", "body");
        assertBad("[{}]", "types");
        assertBad("[{\"types\":[]}]", "types");
        assertBad("[{\"types\":[{\"type\":\"secret\"}]}]", "type");
        assertBad("[{\"types\":[{\"type\":\"testtype\",\"constraints\":7}]}]", "constraints");
        assertBad("[{\"laterthan\":\"x\",\"types\":[{\"type\":\"testtype\"}]}]", "laterthan");
        assertBad("[{\"laterthan\":1e300,\"types\":[{\"type\":\"testtype\"}]}]", "laterthan");
        assertBad(
                "[" + "{\"types\":[{\"type\":\"testtype\"}]},".repeat(100) + "{\"types\":[{\"type\":\"testtype\"}]}]",
                "types");
    }

    private void assertBad(String body, String field) throws Exception {
        HttpResponse<String> answer = client.post(body, FORM).get(60, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).as(body).isEqualTo(400);
        assertThat(answer.body()).contains("\"field\":\"" + field + "\"");
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void afterThirtySecondsWithoutAnEventTheAnswerIsEmpty() throws Exception {
        assertThat(silent.get(60, TimeUnit.SECONDS).body()).isEqualTo("[]");
        assertThat(Duration.between(silentSince, Instant.now())).isGreaterThan(Duration.ofSeconds(29));
    }
}
