package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * A node that is stopped, and one that is killed, under many clients. {@code -Dpbp.herd=10000} for as many; a process of its
 * own is the node, so that the limit of files for each counts once.
 */
@Evidence(
        guarantee = "push-any-node",
        claim = "A node stopped and killed under thousands of clients: every replica is right at the end",
        brokenOnce = "PushRequest.cursor: overlooked")
class HerdIT {
    private static final int SIZE = Integer.getInteger("pbp.herd", 100);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private volatile boolean writing = true;

    @Test
    void everyReplicaIsRightAfterTheNodeWasStoppedAndKilled() throws Exception {
        int port = freePort();
        try (PrivateServer server = PrivateServer.create();
                RunningSite observer = RunningSite.on(server.database())) {
            Process node = node(server, port);
            try (Connection connection = server.database().connect();
                    Herd herd = new Herd(port, SIZE, observer.cursor())) {
                CompletableFuture<Integer> writer = CompletableFuture.supplyAsync(() -> write(connection));
                await().atMost(PATIENCE).until(() -> herd.connected() == SIZE);
                node.destroy();
                node.waitFor();
                say("stopped under " + SIZE);
                node = node(server, port);
                await().atMost(PATIENCE).until(() -> herd.connected() == SIZE);
                say("all back");
                node.destroyForcibly().waitFor();
                say("killed");
                node = node(server, port);
                await().atMost(PATIENCE).until(() -> herd.connected() == SIZE);
                say("all back");
                writing = false;
                int writes = writer.get();
                long sum = sum(connection);
                await().atMost(PATIENCE).until(() -> herd.right(sum) == SIZE);
                say(writes + " writes, " + herd.reconnects() + " reconnects, every replica right");
                assertThat(herd.reconnects()).isGreaterThanOrEqualTo(2 * SIZE);
            } finally {
                node.destroyForcibly().waitFor();
            }
        }
    }

    private static void say(String what) {
        System.getLogger(HerdIT.class.getName()).log(System.Logger.Level.INFO, what);
    }

    /** Rows come, change and go, until it is told to end. */
    private int write(Connection connection) {
        Random random = new Random(1);
        int writes = 0;
        try (Statement statement = connection.createStatement()) {
            while (writing) {
                int kind = random.nextInt(4);
                String one = "(SELECT id FROM testtype ORDER BY id DESC LIMIT 1 OFFSET " + random.nextInt(5) + ")";
                statement.execute(
                        kind < 2
                                ? "INSERT INTO testtype (val) VALUES ('" + random.nextInt(1000) + "')"
                                : kind == 2
                                        ? "UPDATE testtype SET val = val || '.' WHERE id = " + one
                                        : "DELETE FROM testtype WHERE id = " + one);
                writes++;
                statement.execute("SELECT pg_sleep(0.1)");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return writes;
    }

    private static long sum(Connection connection) throws SQLException {
        long sum = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id, val FROM testtype")) {
            while (rows.next()) {
                sum += Herd.hash(rows.getLong(1), rows.getString(2));
            }
        }
        return sum;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static Process node(PrivateServer server, int port) throws IOException {
        Process node = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx1g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HerdNode.class.getName(),
                        server.database().jdbcUrl(),
                        String.valueOf(port))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (node.getInputStream().read() < 0) {
            throw new IOException("the node ended before it was there");
        }
        return node;
    }
}
