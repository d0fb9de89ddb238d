package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@PostgresTest
class PostgresChangeFeedIT {
    private static final Filter TESTTYPE = Filter.tables("testtype");

    private FeedNode node;
    private Cursors cursors;
    private PostgresChangeFeed feed;
    private TestDatabase database;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
    }

    @BeforeEach
    void start(TestDatabase given) throws SQLException {
        database = given;
        Installed.execute(database, "TRUNCATE testtype, pbp.waypoint; UPDATE pbp.feed SET removed = '0'");
        node = new FeedNode(database);
        cursors = node.cursors();
        feed = node.feed();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    /** What a read at this moment would have as its cursor. */
    private Cursor now() throws SQLException {
        return cursors.at(
                Installed.rows(database, "SELECT pg_current_snapshot()").get(0));
    }

    private void execute(String sql) throws SQLException {
        Installed.execute(database, sql);
    }

    private Batch next(Cursor after, Filter filter) throws Exception {
        return feed.next(after, filter).batch().get(20, TimeUnit.SECONDS);
    }

    private static List<String> summary(Batch batch) {
        return batch.changes().stream().map(PostgresChangeFeedIT::summary).toList();
    }

    private static String summary(Change change) {
        return change.table() + " " + change.operation().word() + " " + change.key();
    }

    @Test
    void aWaitingReaderIsServedWhenSomethingIsCommitted() throws Exception {
        Wait wait = feed.next(now(), TESTTYPE);
        execute("INSERT INTO testtype (id, val) VALUES (1, 'a')");
        assertThat(summary(wait.batch().get(20, TimeUnit.SECONDS))).containsExactly("testtype insert {\"id\" : 1}");
    }

    @Test
    void changesComeOnceAlsoIfTheReaderWasAheadOfTheFeed() throws Exception {
        execute("INSERT INTO testtype (id, val) VALUES (1, 'seen by the read')");
        Cursor read = now(); // the feed may not have read that far
        execute("INSERT INTO testtype (id, val) VALUES (2, 'not seen')");
        Batch first = next(read, TESTTYPE);
        assertThat(summary(first)).containsExactly("testtype insert {\"id\" : 2}");
        execute("INSERT INTO testtype (id, val) VALUES (3, 'later')");
        assertThat(summary(next(first.cursor(), TESTTYPE))).containsExactly("testtype insert {\"id\" : 3}");
    }

    @Test
    @Evidence(
            guarantee = "nothing-lost",
            how = "a cursor is a snapshot; what was running then is unseen",
            brokenOnce = "Snapshot.sees: `running` ignored")
    void aTransactionThatCommitsLateIsNotSkipped() throws Exception {
        try (Connection late = database.connect();
                Statement statement = late.createStatement()) {
            late.setAutoCommit(false);
            statement.execute("INSERT INTO testtype (id, val) VALUES (1, 'begun first')");
            Cursor read = now();
            execute("INSERT INTO testtype (id, val) VALUES (2, 'begun second')");
            Batch second = next(read, TESTTYPE);
            assertThat(summary(second)).containsExactly("testtype insert {\"id\" : 2}");
            late.commit();
            assertThat(summary(next(second.cursor(), TESTTYPE))).containsExactly("testtype insert {\"id\" : 1}");
        }
    }

    @Test
    @Evidence(
            guarantee = "order-per-row",
            claim = "Per row the order is that of the writes",
            recordedAt = "OrderIT.transactionsReadAtOnceComeInTheOrderOfTheirRowLocks")
    void transactionsComeWholeInTheOrderOfTheirRowLocks() throws Exception {
        execute("INSERT INTO testtype (id, val) VALUES (1, 'a'), (2, 'b')");
        Cursor read = now();
        try (Connection x = database.connect();
                Statement inX = x.createStatement();
                Connection y = database.connect();
                Statement inY = y.createStatement()) {
            x.setAutoCommit(false);
            y.setAutoCommit(false);
            inY.execute("UPDATE testtype SET val = 'y' WHERE id = 2"); // draws the smallest log id of all
            inX.execute("UPDATE testtype SET val = 'x' WHERE id = 1");
            x.commit();
            inY.execute("UPDATE testtype SET val = 'y' WHERE id = 1"); // could only be done after x
            y.commit();
        }
        List<String> seen = new ArrayList<>();
        Cursor cursor = read;
        while (seen.size() < 3) {
            Batch batch = next(cursor, TESTTYPE);
            batch.changes()
                    .forEach(change -> seen.add(String.valueOf(change.newRow()).replaceAll(",\"mtime.*", "")));
            cursor = batch.cursor();
        }
        assertThat(seen)
                .containsExactly("{\"id\":1,\"val\":\"x\"", "{\"id\":2,\"val\":\"y\"", "{\"id\":1,\"val\":\"y\"");
    }

    /** The INSERT ends first, since it does not read the DELETE to the end. */
    @Test
    @Evidence(guarantee = "order-per-row", recordedAt = "StatementOrderTest")
    void aStatementGivesUpAKeyBeforeItTakesItAlsoByAnEqualRow() throws Exception {
        execute("CREATE TABLE given (id int PRIMARY KEY, v text); SELECT pbp.track('given');"
                + " INSERT INTO given VALUES (1, 'a'), (2, 'b')");
        Cursor read = now();
        execute("WITH gone AS (DELETE FROM given RETURNING *) INSERT INTO given SELECT * FROM gone LIMIT 1");
        Batch batch = next(read, Filter.tables("given"));
        assertThat(summary(batch))
                .containsExactly("given delete {\"id\" : 1}", "given insert {\"id\" : 1}", "given delete {\"id\" : 2}");
        execute("BEGIN; INSERT INTO given VALUES (3, 'c'); DELETE FROM given WHERE id = 3; COMMIT");
        assertThat(summary(next(batch.cursor(), Filter.tables("given"))))
                .containsExactly("given insert {\"id\" : 3}", "given delete {\"id\" : 3}");
    }

    @Test
    void aFilterLetsThroughWhatEntersOrLeaves() throws Exception {
        Cursor read = now();
        execute("INSERT INTO testtype (id, val) VALUES (1, 'x'), (2, 'other')");
        execute("UPDATE testtype SET val = 'y' WHERE id = 1");
        execute("UPDATE testtype SET val = 'z' WHERE id = 1");
        execute("DELETE FROM testtype WHERE id = 2");
        execute("INSERT INTO testtype (id, val) VALUES (3, 'x')"); // the sentinel
        List<String> seen = new ArrayList<>();
        Cursor cursor = read;
        while (!seen.contains("testtype insert {\"id\" : 3}")) {
            Batch batch = next(cursor, Filter.tables("testtype.val=x"));
            seen.addAll(summary(batch));
            cursor = batch.cursor();
        }
        assertThat(seen)
                .containsExactly(
                        "testtype insert {\"id\" : 1}", "testtype update {\"id\" : 1}", "testtype insert {\"id\" : 3}");
    }

    @Test
    void aReaderWhoseFilterNeverMatchesMovesOnWhenReleased() throws Exception {
        Cursor read = now();
        Wait wait = feed.next(read, Filter.tables("testtype.val=never"));
        execute("INSERT INTO testtype (id, val) VALUES (1, 'a')");
        Batch other = next(read, TESTTYPE); // the feed has read that far
        wait.release();
        Batch released = wait.batch().get(20, TimeUnit.SECONDS);
        assertThat(released.changes()).isEmpty();
        assertThat(released.cursor()).isEqualTo(other.cursor());
    }

    @Test
    @Evidence(guarantee = "large-transactions", recordedAt = "LogReaderIT.aReaderFromFarBackGoesFromWaypointToWaypoint")
    void theFeedLeavesWaypointsForReadersFromFarBack() throws Exception {
        Cursor cursor = now();
        for (int i = 0; i < 4; i++) {
            execute("INSERT INTO testtype (id, val) VALUES (" + i + ", repeat('x', 1000000))");
            cursor = next(cursor, TESTTYPE).cursor();
        }
        execute("INSERT INTO testtype (id, val) VALUES (9, 'after')");
        next(cursor, TESTTYPE); // so the feed has gone on after the last of them
        assertThat(Installed.rows(database, "SELECT count(*) FROM pbp.waypoint"))
                .containsExactly("1");
    }

    @Test
    void aReaderFromFarBackGetsItPageByPageInOrder() throws Exception {
        Cursor read = now();
        for (int i = 0; i < 30; i++) {
            execute("INSERT INTO testtype (id, val) SELECT " + i
                    + " * 10 + n, repeat('x', 100000) FROM generate_series(0, 9) n");
        }
        feed = node.restart();
        List<String> seen = new ArrayList<>();
        Cursor cursor = read;
        int pages = 0;
        while (seen.size() < 300) {
            Batch batch = next(cursor, TESTTYPE);
            batch.changes().forEach(change -> seen.add(String.valueOf(change.key())));
            cursor = batch.cursor();
            pages++;
        }
        assertThat(pages).isBetween(3, 15); // 30 MB in pages of 2 to 8
        assertThat(seen).doesNotHaveDuplicates().hasSize(300);
        execute("INSERT INTO testtype (id, val) VALUES (1000, 'after')");
        assertThat(summary(next(cursor, TESTTYPE))).containsExactly("testtype insert {\"id\" : 1000}");
    }

    /** There are two threads for those who catch up; each reads a page for one, and then for the next. */
    @Test
    @Evidence(
            guarantee = "nothing-lost",
            claim = "Readers that catch up take turns, one page each",
            brokenOnce = "FeedSubscribers: goes on with the same one while it has more")
    void whoCatchesUpWaitsForNobodyToHaveReadAll() throws Exception {
        Cursor read = now();
        execute("INSERT INTO testtype (id, val) VALUES (1, 'first')");
        for (int i = 0; i < 30; i++) {
            execute("INSERT INTO testtype (id, val) SELECT 10 + " + i
                    + " * 10 + n, repeat('x', 100000) FROM generate_series(0, 9) n");
        }
        execute("INSERT INTO testtype (id, val) VALUES (2, 'last')");
        feed = node.restart();
        List<String> served = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (String slow : List.of("testtype.val=last", "testtype.id=2")) {
            all.add(feed.next(read, Filter.tables(slow)).batch().thenRun(() -> served.add("last")));
        }
        all.add(feed.next(read, Filter.tables("testtype.val=first")).batch().thenRun(() -> served.add("first")));
        for (CompletableFuture<?> each : all) {
            each.get(60, TimeUnit.SECONDS);
        }
        assertThat(served).containsExactly("first", "last", "last");
    }

    @Test
    @Evidence(
            guarantee = "large-transactions",
            claim = "A transaction too large to hold is reported as must-refetch, unless the reader accepts parts",
            how = "a page holds whole transactions up to 8 MB",
            brokenOnce = "TransactionBuilder.add: the limit not asked")
    void aTransactionTooLargeToHoldIsToldAsMustRefetch() throws Exception {
        Cursor read = now();
        Wait waiting = feed.next(read, TESTTYPE);
        Wait elsewhere = feed.next(read, Filter.tables("elsewhere"));
        execute("INSERT INTO testtype (id, val) SELECT n, repeat('x', 100000) FROM generate_series(1, 90) n");
        assertThatThrownBy(() -> waiting.batch().get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(MustRefetchException.class)
                .hasMessageContaining("changed more than the feed holds");
        Cursor fresh = now();
        execute("INSERT INTO testtype (id, val) VALUES (1000, 'after')");
        assertThat(summary(next(fresh, TESTTYPE))).containsExactly("testtype insert {\"id\" : 1000}");
        assertThat(elsewhere.batch()).isNotDone();
    }

    @Test
    @Evidence(guarantee = "large-transactions", recordedAt = "TransactionInPartsIT")
    void aReaderThatAcceptsPartsGetsALargeTransactionInParts() throws Exception {
        Cursor read = now();
        Wait elsewhere = feed.nextPart(read, Filter.tables("elsewhere"));
        Wait first = feed.nextPart(read, TESTTYPE);
        execute(
                "DO $$ BEGIN FOR i IN 1..90 LOOP INSERT INTO testtype (id, val) VALUES (i, repeat('x', 100000)); END LOOP; END $$");
        execute("INSERT INTO testtype (id, val) VALUES (1000, 'after')");
        Batch batch = first.batch().get(20, TimeUnit.SECONDS);
        assertThat(batch.more()).isTrue();
        assertThat(batch.changes().size()).isBetween(80, 89);
        Batch rest = feed.nextPart(batch.cursor(), TESTTYPE).batch().get(20, TimeUnit.SECONDS);
        assertThat(rest.more()).isFalse();
        assertThat(batch.changes().size() + rest.changes().size()).isEqualTo(90);
        assertThat(rest.changes().get(0).txid())
                .isEqualTo(batch.changes().get(0).txid());
        assertThat(summary(feed.nextPart(rest.cursor(), TESTTYPE).batch().get(20, TimeUnit.SECONDS)))
                .containsExactly("testtype insert {\"id\" : 1000}");
        assertThatThrownBy(() -> feed.next(batch.cursor(), TESTTYPE).batch().get(20, TimeUnit.SECONDS))
                .as("from the middle, in whole transactions")
                .hasCauseInstanceOf(MustRefetchException.class);
        assertThat(elsewhere.batch()).isNotDone();
    }

    /** Else a reader that has begun a transaction would not learn that it has come to its end. */
    @Test
    @Evidence(
            guarantee = "large-transactions",
            claim =
                    "The end of a transaction that came in parts is delivered, also if nothing of the last part matches",
            how = "an empty batch",
            brokenOnce = "FeedSubscribers.catchUp: empty batches not delivered")
    void theLastPartIsDeliveredAlsoIfNothingInItMatches() throws Exception {
        Cursor read = now();
        execute(
                "DO $$ BEGIN FOR i IN 1..90 LOOP"
                        + " INSERT INTO testtype (id, val) VALUES (i, CASE WHEN i = 1 THEN 'x' ELSE repeat('x', 100000) END); END LOOP; END $$");
        Filter one = Filter.tables("testtype.val=x");
        Batch batch = feed.nextPart(read, one).batch().get(20, TimeUnit.SECONDS);
        assertThat(batch.more()).isTrue();
        assertThat(batch.changes()).hasSize(1);
        Batch rest = feed.nextPart(batch.cursor(), one).batch().get(20, TimeUnit.SECONDS);
        assertThat(rest.more()).isFalse();
        assertThat(rest.changes()).isEmpty();
    }

    @Test
    @Evidence(
            guarantee = "no-forged-cursor",
            claim = "A forged or foreign cursor is rejected",
            how = "cursors are signed with the database's secret and origin",
            brokenOnce = "CursorCodec.decode: signature not compared")
    void cursorsThatAreNoneOfOursMustRefetch() throws Exception {
        String good = now().value();
        char other = good.charAt(3) == 'A' ? 'B' : 'A';
        for (String bad : List.of("abc", good + "A", good.substring(0, 3) + other + good.substring(4), "____")) {
            assertThatThrownBy(() -> next(new Cursor(bad), TESTTYPE))
                    .as(bad)
                    .hasCauseInstanceOf(MustRefetchException.class);
        }
    }

    @Test
    void aCursorOlderThanTheLogMustRefetchAndAFreshOneNeedNot() throws Exception {
        Cursor old = now();
        execute("INSERT INTO testtype (id, val) VALUES (1, 'a')");
        execute(
                "UPDATE pbp.feed SET removed = (SELECT max(xid::text::bigint)::text::xid8 FROM pbp.log); DELETE FROM pbp.log");
        feed = node.restart();
        assertThatThrownBy(() -> next(old, TESTTYPE)).hasCauseInstanceOf(MustRefetchException.class);
        Cursor fresh = now();
        execute("INSERT INTO testtype (id, val) VALUES (2, 'b')");
        assertThat(summary(next(fresh, TESTTYPE))).containsExactly("testtype insert {\"id\" : 2}");
    }

    @Test
    void anotherNodeUnderstandsTheCursor() throws Exception {
        Cursor read = now();
        execute("INSERT INTO testtype (id, val) VALUES (1, 'a')");
        try (PostgresChangeFeed other = node.another()) {
            assertThat(summary(other.next(read, TESTTYPE).batch().get(20, TimeUnit.SECONDS)))
                    .containsExactly("testtype insert {\"id\" : 1}");
        }
    }

    @Test
    @Evidence(guarantee = "no-forged-cursor", recordedAt = "PostgresChangeFeedIT.cursorsThatAreNoneOfOursMustRefetch")
    void aCopyOfTheDatabaseDoesNotTakeTheOriginalsCursors() throws Exception {
        Cursor read = now();
        execute("INSERT INTO testtype (id, val) VALUES (1, 'a')");
        stop(); // nobody may be connected to a database that is copied
        TestDatabase server = database.named("postgres");
        Installed.execute(server, "CREATE DATABASE the_copy TEMPLATE \"" + database.name() + "\"");
        try {
            TestDatabase copy = database.named("the_copy");
            Cursors ofCopy = Cursors.of(copy.dataSource());
            assertThatThrownBy(() -> ofCopy.codec().decode(read)).isInstanceOf(MustRefetchException.class);
            assertThat(Installed.rows(copy, "SELECT count(*) FROM pbp.log")).containsExactly("0");
        } finally {
            Installed.execute(server, "DROP DATABASE the_copy");
            start(database);
        }
    }

    @Test
    void closingEndsEveryWait() throws Exception {
        Wait wait = feed.next(now(), TESTTYPE);
        feed.close();
        assertThatThrownBy(() -> wait.batch().get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(FeedException.class);
        assertThatThrownBy(() -> next(now(), TESTTYPE)).hasCauseInstanceOf(FeedException.class);
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            claim = "A point of the past has not seen what was committed after its time",
            brokenOnce = "PostgresChangeFeed.past: always the newest point")
    void aPointOfThePastHasNotSeenWhatWasCommittedAfterItsTime() throws Exception {
        Instant begun = feed.now();
        insertAndAwait(1);
        Instant between = feed.now();
        insertAndAwait(2);
        assertThat(feed.past(between).reached()).isTrue();
        assertThat(summary(next(feed.past(between).cursor(), TESTTYPE))).contains("testtype insert {\"id\" : 2}");
        assertThat(summary(next(feed.past(begun.minusSeconds(60)).cursor(), TESTTYPE)))
                .containsExactly("testtype insert {\"id\" : 1}", "testtype insert {\"id\" : 2}");
        assertThat(feed.past(begun.minusSeconds(60)).reached()).isFalse();
        Wait newest = feed.next(feed.past(feed.now().plusSeconds(3600)).cursor(), TESTTYPE);
        insertAndAwait(3);
        assertThat(summary(newest.batch().get(20, TimeUnit.SECONDS))).containsExactly("testtype insert {\"id\" : 3}");
    }

    private void insertAndAwait(int id) throws Exception {
        Wait wait = feed.next(now(), TESTTYPE);
        execute("INSERT INTO testtype (id, val) VALUES (" + id + ", 'a')");
        assertThat(wait.batch().get(20, TimeUnit.SECONDS).changes()).hasSize(1);
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            claim =
                    "A feed knows from the log which tables changed lately before it began, and where the log does not tell",
            brokenOnce = "LogTail.mayHold: `since` not looked at")
    void theLogTellsWhatChangedBeforeTheFeedBegan() throws Exception {
        insertAndAwait(1);
        Instant now = feed.now();
        execute("UPDATE pbp.log SET at = at - interval '1 hour'");
        feed = node.restart();
        assertThat(feed.mayHaveChanged("testtype", now.minusSeconds(60))).isFalse();
        assertThat(feed.mayHaveChanged("testtype", now.minusSeconds(7200))).isTrue();
        assertThat(feed.mayHaveChanged("never_changed", Instant.EPOCH)).isFalse();
        execute("UPDATE pbp.feed SET removed = '3'");
        feed = node.restart();
        assertThat(feed.mayHaveChanged("never_changed", now.minusSeconds(60))).isFalse();
        assertThat(feed.mayHaveChanged("never_changed", Instant.EPOCH)).isTrue();
        execute("TRUNCATE pbp.log");
        feed = node.restart();
        assertThat(feed.mayHaveChanged("never_changed", now.plusSeconds(60))).isTrue();
    }
}
