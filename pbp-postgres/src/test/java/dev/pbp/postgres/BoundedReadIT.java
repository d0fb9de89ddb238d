package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@PostgresTest
@Evidence(
        guarantee = "handled-once",
        claim = "Where some tables must be refetched, no change of the others is lost or doubled",
        brokenOnce = "BoundedRead.next: `sees` not asked")
class BoundedReadIT {
    private TestDatabase database;
    private FeedNode node;
    private Cursors cursors;
    private PostgresChangeFeed feed;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Schema.install(database.dataSource(), Schema.PBP);
        Installed.execute(
                database,
                "CREATE TABLE other (id int PRIMARY KEY); CREATE TABLE another (id int PRIMARY KEY);"
                        + "SELECT pbp.track('other'), pbp.track('another')");
    }

    @BeforeEach
    void start(TestDatabase given) throws SQLException {
        database = given;
        Installed.execute(database, "TRUNCATE another, other");
        node = new FeedNode(database);
        cursors = node.cursors();
        feed = node.feed();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private String snapshot() throws SQLException {
        return Installed.rows(database, "SELECT pg_current_snapshot()").get(0);
    }

    private void insert(String table, int id) throws SQLException {
        Installed.execute(database, "INSERT INTO " + table + " (id) VALUES (" + id + ")");
    }

    /** The keys of the changes of {@code other} from one point to the next. */
    private List<String> read(Cursor from, String to) throws InterruptedException {
        BoundedRead read = new BoundedRead(feed, cursors, from, Filter.tables("other"), to);
        List<String> keys = new ArrayList<>();
        while (!read.isFinished()) {
            read.next().changes().forEach(change -> keys.add(String.valueOf(change.key())));
        }
        return keys;
    }

    @Test
    void endsAtTheSnapshot() throws Exception {
        Cursor from = cursors.at(snapshot());
        insert("other", 1);
        insert("another", 1);
        insert("other", 2);
        String to = snapshot();
        insert("other", 3);
        assertThat(read(from, to)).containsExactly("{\"id\" : 1}", "{\"id\" : 2}");
    }

    @Test
    void endsAtTheSnapshotAlsoIfNothingOfInterestCameBefore() throws Exception {
        Cursor from = cursors.at(snapshot());
        insert("another", 1);
        String to = snapshot();
        insert("other", 1);
        assertThat(read(from, to)).isEmpty();
        assertThat(read(from, snapshot())).containsExactly("{\"id\" : 1}");
    }

    @Test
    void needsNoReadWhereNothingHappened() throws Exception {
        String here = snapshot();
        assertThat(new BoundedRead(feed, cursors, cursors.at(here), Filter.tables("other"), here).isFinished())
                .isTrue();
    }
}
