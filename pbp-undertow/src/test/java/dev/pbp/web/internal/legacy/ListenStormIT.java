package dev.pbp.web.internal.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.web.RunningSite;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Clients of the older protocol that change the node at every message, while writers commit late and a node is replaced. */
@PostgresTest
class ListenStormIT {
    private static final int ROUNDS = 12;
    private static final int WRITERS = 3;
    /** How far the clocks of browsers are ahead, for clients that send them; two more clients keep the largest time. */
    private static final List<Duration> CLOCKS =
            List.of(Duration.ZERO, Duration.ofMinutes(10), Duration.ofMinutes(-10), Duration.ofHours(7));

    @Test
    @Evidence(
            guarantee = "push-any-node",
            claim =
                    "A client that keeps the largest time misses nothing, whatever commits late, at two nodes, one of them replaced",
            brokenOnce = "FeedTimes.place: takes any time for the present")
    @Evidence(
            guarantee = "push-any-node",
            claim = "Tabs that send a clock, right or wrong, miss nothing either at two nodes",
            brokenOnce = "ForeignTimes.begin: takes any time for the present")
    void whatAClientShowsIsRightAtEveryQuietMoment(TestDatabase database) throws Exception {
        long seed = System.nanoTime();
        System.out.println("ListenStormIT seed " + seed);
        Random random = new Random(seed);
        RunningSite[] nodes = {RunningSite.on(database), RunningSite.on(database)};
        OlderClient[] clients = new OlderClient[2 + CLOCKS.size()];
        clients[0] = new OlderClient(poll -> nodes[0].uri("/"));
        for (int i = 1; i < clients.length; i++) {
            clients[i] = new OlderClient(poll -> node(nodes, poll), "browser " + i);
        }
        AtomicBoolean stop = new AtomicBoolean();
        Thread[] threads = new Thread[clients.length];
        CompletableFuture<Void> broken = new CompletableFuture<>();
        for (int i = 0; i < clients.length; i++) {
            OlderClient client = clients[i];
            Optional<Duration> clock = i < 2 ? Optional.empty() : Optional.of(CLOCKS.get(i - 2));
            threads[i] = new Thread(() -> follow(client, clock, stop, broken), "older-client-" + i);
            threads[i].start();
        }
        try {
            for (int round = 0; round < ROUNDS; round++) {
                write(database, random.nextLong());
                if (round == ROUNDS / 2) {
                    synchronized (nodes) {
                        RunningSite gone = nodes[1];
                        nodes[1] = RunningSite.on(database);
                        gone.close();
                    }
                }
                Map<Long, String> wanted = rows(database);
                for (int i = 0; i < clients.length; i++) {
                    // Less than a poll lasts, where an end in vain tells nothing; a clock may be told at the end.
                    awaitRows(clients[i], wanted, i < 2 ? 20 : 80, broken);
                }
            }
        } finally {
            stop.set(true);
            broken.complete(null);
            write(database, 1); // wakes them up
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(60));
            }
            nodes[0].close();
            nodes[1].close();
        }
    }

    private static URI node(RunningSite[] nodes, int poll) {
        synchronized (nodes) {
            return nodes[poll % 2].uri("/");
        }
    }

    private static void follow(
            OlderClient client, Optional<Duration> clock, AtomicBoolean stop, CompletableFuture<Void> broken) {
        client.forget(0.0);
        while (!stop.get()) {
            try {
                clock.ifPresent(ahead -> client.forget((double) (System.currentTimeMillis() + ahead.toMillis())));
                if (!client.poll().get(90, TimeUnit.SECONDS).isEmpty()) {
                    client.read();
                    synchronized (client) {
                        client.notifyAll();
                    }
                }
            } catch (Exception nodeGone) {
                if (!String.valueOf(nodeGone.getMessage()).contains("poll: 5")
                        && !(nodeGone.getCause() instanceof java.io.IOException)
                        && !(nodeGone instanceof java.io.IOException)) {
                    broken.completeExceptionally(nodeGone);
                    return;
                }
                client.retry();
            }
        }
    }

    private static void awaitRows(
            OlderClient client, Map<Long, String> wanted, int seconds, CompletableFuture<Void> broken)
            throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        synchronized (client) {
            while (!client.rows().equals(wanted) && System.nanoTime() < end && !broken.isCompletedExceptionally()) {
                client.wait(100);
            }
        }
        assertThat(broken).isNotCompletedExceptionally();
        assertThat(client.rows()).isEqualTo(wanted);
    }

    /** Writers whose transactions overlap, so that they commit in another order than they began. */
    private static void write(TestDatabase database, long seed) throws Exception {
        Thread[] writers = new Thread[WRITERS];
        CompletableFuture<Void> failed = new CompletableFuture<>();
        for (int i = 0; i < WRITERS; i++) {
            Random random = new Random(seed + i);
            String name = "w" + i;
            writers[i] = new Thread(() -> {
                try (Connection connection = database.connect();
                        Statement statement = connection.createStatement()) {
                    connection.setAutoCommit(false);
                    for (int j = 0; j < 10; j++) {
                        statement.execute("INSERT INTO testtype (val) VALUES ('" + name + "')");
                        statement.execute("DELETE FROM testtype WHERE val = '" + name + "' AND random() < 0.6");
                        statement.execute("SELECT pg_sleep(" + random.nextInt(20) / 1000.0 + ")"); // stays open
                        connection.commit();
                    }
                } catch (SQLException e) {
                    failed.completeExceptionally(e);
                }
            });
            writers[i].start();
        }
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(failed).isNotCompletedExceptionally();
    }

    private static Map<Long, String> rows(TestDatabase database) throws SQLException {
        Map<Long, String> rows = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT id, val FROM testtype")) {
            while (result.next()) {
                rows.put(result.getLong(1), result.getString(2));
            }
        }
        return rows;
    }
}
