package dev.pbp.postgres.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.FeedNode;
import dev.pbp.postgres.Installed;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Schema;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A database with two tracked tables, their copies, a cursor table and a feed. */
abstract class ConsumerCase {
    TestDatabase database;
    FeedNode node;
    Cursors cursors;
    PostgresChangeFeed feed;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Schema.install(database.dataSource(), Schema.PBP);
        Replica.createTables(database);
        Installed.execute(database, Replica.cursorTable("progress"));
    }

    @BeforeEach
    void start(TestDatabase given) throws SQLException {
        database = given;
        Installed.execute(
                database,
                "TRUNCATE item, box, item_copy, box_copy, truth, record, record_part; UPDATE progress SET cursor = NULL, tables = '{}',"
                        + " part = NULL");
        open();
    }

    final void open() throws SQLException {
        node = new FeedNode(database);
        cursors = node.cursors();
        feed = node.feed();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    DurableConsumerBuilder builder(DataSource source, ChangeHandler handler) {
        return Instance.builder(source, feed, cursors, "progress", handler);
    }

    Instance start(ChangeHandler handler) throws SQLException {
        return Instance.start(builder(database.dataSource(), handler));
    }

    void execute(String sql) throws SQLException {
        Installed.execute(database, sql);
    }

    List<String> rows(String sql) throws SQLException {
        return Installed.rows(database, sql);
    }

    static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(assertion);
    }

    void awaitCaughtUp() {
        eventually(() -> assertThat(Replica.isCaughtUp(database)).isTrue());
    }

    void awaitRefetched() {
        eventually(() ->
                assertThat(rows("SELECT cursor IS NOT NULL FROM progress")).containsExactly("t"));
    }

    static void noMisfit(Instance instance) {
        assertThat(instance.failures()).noneMatch(failure -> failure.cause() instanceof Replica.Misfit);
    }

    int refetches() throws SQLException {
        return Integer.parseInt(
                rows("SELECT count(*) FROM record WHERE op = 'refetch'").get(0));
    }
}
