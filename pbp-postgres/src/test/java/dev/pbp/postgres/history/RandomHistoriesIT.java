package dev.pbp.postgres.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.FeedNode;
import dev.pbp.postgres.Schema;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Sixteen writers, a changer of tables, five readers, two nodes; the server is killed in the second round, a node in the
 * third. A reader refetches only a table with nested writes, or after a transaction that noted a reason.
 * {@code -Dpbp.history.seconds=600} makes it longer, {@code -Dpbp.history.seed=…} repeats the writers' choices.
 */
@Evidence(
        guarantee = "nothing-lost",
        claim =
                "Every replica equals the tables at every quiet moment, with the server killed, a node replaced, tables altered",
        notBroken =
                "random; it found the TRUNCATE of a partition in a SERIALIZABLE transaction, which is a must-refetch since")
@Evidence(
        guarantee = "read-then-follow",
        claim = "A TRUNCATE that begins together with a read does not make rows vanish from the read",
        recordedAt = "TableReaderIT.aReadThatWaitsForATruncateShowsThePointAfterIt")
class RandomHistoriesIT {
    private static final System.Logger LOG = System.getLogger(RandomHistoriesIT.class.getName());
    private static final int WRITERS = 16;
    private static final int READERS = 5;
    private static final int ROUNDS = 3;

    /** How many of the readers follow the tables without nested writes alone, so that other refetches hide nothing. */
    private static final int PLAIN_READERS = 2;

    private final int seconds = Integer.getInteger("pbp.history.seconds", 60);
    private final long seed = Long.getLong("pbp.history.seed", new SecureRandom().nextLong());
    private final Random random = new Random(seed);
    private final Refetches refetches = new Refetches();
    private final List<FeedNode> nodes = new CopyOnWriteArrayList<>();
    private PrivateServer server;
    private TestDatabase database;
    private ExecutorService threads;
    private int serverVersion;

    @BeforeEach
    void start() throws SQLException {
        LOG.log(
                System.Logger.Level.INFO,
                "random histories: {0} s, repeat with -Dpbp.history.seed={1}",
                seconds,
                Long.toString(seed));
        server = PrivateServer.builder()
                .setting("max_prepared_transactions", "40")
                .setting("max_connections", "60")
                .create();
        database = server.database();
        Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
        execute(Table.schema());
        try (Connection connection = database.connect()) {
            serverVersion = connection.getMetaData().getDatabaseMajorVersion();
        }
        threads = Executors.newFixedThreadPool(WRITERS + READERS + 1);
        nodes.add(new FeedNode(database));
        nodes.add(new FeedNode(database));
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        nodes.forEach(FeedNode::close);
        server.close();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private FeedNode anyNode() {
        return nodes.get(ThreadLocalRandom.current().nextInt(nodes.size()));
    }

    @Test
    void everyReplicaEqualsTheTablesAtEveryQuietMoment() throws Exception {
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            List<Table> tables = i < PLAIN_READERS ? Table.PLAIN : Table.ALL;
            readers.add(new Reader(database, tables, random.nextLong(), this::anyNode, refetches));
        }
        for (int round = 1; round <= ROUNDS; round++) {
            String sentinel = "end of round " + round;
            List<Future<?>> following = new ArrayList<>();
            for (Reader reader : readers) {
                following.add(threads.submit(() -> {
                    reader.followUntil(sentinel);
                    return null;
                }));
            }
            long committed = write(round);
            settlePrepared();
            execute("INSERT INTO journal VALUES ('" + sentinel + "')");
            for (int i = 0; i < READERS; i++) {
                awaitEnd(following.get(i), readers.get(i), sentinel);
            }
            compare(readers, round);
            assertThat(readers)
                    .allSatisfy(reader -> assertThat(reader.batches()).isPositive());
            LOG.log(
                    System.Logger.Level.INFO,
                    "round {0}: at least {1} transactions, all readers equal",
                    round,
                    Long.toString(committed));
        }
        LOG.log(
                System.Logger.Level.INFO,
                "seed {0}: {1} transactions; refetches:{2}",
                Long.toString(seed),
                Integer.toString(rows(Table.JOURNAL).size() - ROUNDS),
                refetches);
        assertThat(readers.stream().mapToLong(Reader::returns).sum())
                .as("readers went back to an old cursor")
                .isPositive();
    }

    /** All is written by now; so this only has to be long enough for a reader that has just gone far back. */
    private void awaitEnd(Future<?> following, Reader reader, String sentinel) throws Exception {
        try {
            following.get(120, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(
                    "seed " + seed + ": a reader was never told of the " + sentinel + " after " + reader.batches()
                            + " batches",
                    e);
        }
    }

    private long write(int round) throws Exception {
        AtomicBoolean going = new AtomicBoolean(true);
        List<Writer> writers = new ArrayList<>();
        List<Future<?>> writing = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            Writer writer = new Writer(database, serverVersion, random.nextLong(), going::get);
            writers.add(writer);
            writing.add(threads.submit(writer));
        }
        Changer changer = new Changer(database, random.nextLong(), going::get);
        writing.add(threads.submit(changer));
        long half = TimeUnit.SECONDS.toMillis(seconds) / ROUNDS / 2;
        CompletableFuture<Void> pause = new CompletableFuture<>();
        pause.completeOnTimeout(null, half, TimeUnit.MILLISECONDS).get();
        disturb(round);
        pause = new CompletableFuture<>();
        pause.completeOnTimeout(null, half, TimeUnit.MILLISECONDS).get();
        going.set(false);
        for (Future<?> writer : writing) {
            writer.get(60, TimeUnit.SECONDS);
        }
        long committed = writers.stream().mapToLong(Writer::committed).sum();
        assertThat(committed).as("the writers got somewhere").isGreaterThan(100);
        assertThat(changer.changes()).as("the tables were altered").isPositive();
        return committed;
    }

    private void disturb(int round) throws SQLException {
        switch (round) {
            case 2 -> {
                server.kill();
                server.start();
                settlePrepared();
            }
            case 3 -> {
                nodes.remove(0).close();
                nodes.add(new FeedNode(database));
            }
            default -> execute("CHECKPOINT");
        }
    }

    /** A crash may leave transactions prepared whose owner is gone; they hold their locks until someone decides. */
    private void settlePrepared() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String[] prepared : Reader.rows(statement, "SELECT gid, gid FROM pg_prepared_xacts")) {
                try {
                    statement.execute(
                            (random.nextBoolean() ? "COMMIT" : "ROLLBACK") + " PREPARED '" + prepared[0] + "'");
                } catch (SQLException ownerWasQuicker) {
                    LOG.log(System.Logger.Level.DEBUG, ownerWasQuicker.getMessage());
                }
            }
        }
    }

    private void compare(List<Reader> readers, int round) throws SQLException {
        for (Table table : Table.ALL) {
            List<String[]> rows = rows(table);
            for (Reader reader : readers) {
                if (reader.tables().contains(table)) {
                    assertThat(reader.replica().difference(table.name(), rows))
                            .as("seed %d, round %d, %s", seed, round, table.name())
                            .isNull();
                }
            }
        }
    }

    private List<String[]> rows(Table table) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(Table.SETTINGS);
            return Reader.rows(statement, table.select());
        }
    }
}
