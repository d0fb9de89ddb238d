package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.HeadlessChromium;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several tabs of one Chromium: they share a connection, and go on when the one that has it ends, however it ends. */
@BrowserTest
@PostgresTest
class TabsIT {
    private static BrowserStage stage;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        stage = BrowserStage.on(database);
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        stage.site().execute("TRUNCATE testtype RESTART IDENTITY");
    }

    @AfterEach
    void noComplaints() {
        stage.clear();
    }

    private static List<ReplicaTab> open(int tabs) {
        List<ReplicaTab> open = new ArrayList<>();
        for (int i = 0; i < tabs; i++) {
            open.add(stage.liveTab());
        }
        return open;
    }

    private static void insert(String val) throws SQLException {
        stage.site().execute("INSERT INTO testtype (val) VALUES ('" + val + "')");
    }

    @Test
    @Evidence(guarantee = "tabs", recordedAt = "tabs.test.js")
    void haveOneConnectionAndReadTheTableOnce() throws SQLException {
        insert("before");
        List<ReplicaTab> tabs = open(7);
        insert("after");
        for (ReplicaTab tab : tabs) {
            tab.awaitVal("after");
        }
        assertThat(tabs.stream().map(tab -> tab.ask("live.state.role")).toList())
                .containsExactly("leader", "follower", "follower", "follower", "follower", "follower", "follower");
        assertThat(stage.chromium().requests("/api/_changes")).isEqualTo(1);
        assertThat(stage.site().followers()).isEqualTo(1);
        assertThat(stage.chromium().requests("/api/testtype")).isEqualTo(1);
        for (ReplicaTab tab : tabs) {
            tab.assertExact();
        }
    }

    @Test
    void writeWithoutWaitingForOneAnother() {
        List<ReplicaTab> tabs = open(7);
        for (ReplicaTab tab : tabs) {
            tab.ask("live.insert('testtype', { val: 'mine' }).then(() => null)");
        }
        for (ReplicaTab tab : tabs) {
            tab.await("rows.size === 7");
            tab.assertExact();
        }
    }

    @Test
    @Evidence(guarantee = "tabs", recordedAt = "leader.test.js")
    void goOnWithinASecondWhenTheLeaderIsClosed() throws SQLException {
        List<ReplicaTab> tabs = open(3);
        insert("before");
        for (ReplicaTab tab : tabs) {
            tab.awaitVal("before");
        }
        tabs.get(0).page().close();
        insertAndAssertTakenOver(tabs.subList(1, 3));
    }

    @Test
    @Evidence(guarantee = "tabs", recordedAt = "leader.test.js")
    void goOnWithinASecondWhenTheLeaderCrashes() throws SQLException {
        List<ReplicaTab> tabs = open(3);
        insert("before");
        for (ReplicaTab tab : tabs) {
            tab.awaitVal("before");
        }
        HeadlessChromium.crash(tabs.get(0).page());
        insertAndAssertTakenOver(tabs.subList(1, 3));
    }

    private static void insertAndAssertTakenOver(List<ReplicaTab> tabs) throws SQLException {
        insert("after");
        for (ReplicaTab tab : tabs) {
            tab.awaitVal("after");
            tab.assertExact();
            // Each row was told as one transaction of the feed: the table was not read again.
            assertThat(tab.ask("told.map(({ txid, changes }) => (txid ? 'fed ' : 'read ') + changes.length).join()"))
                    .isEqualTo("fed 1,fed 1");
        }
        assertThat(tabs.get(0).ask("live.state.role")).isEqualTo("leader");
        assertThat(stage.chromium().requests("/api/_changes")).isEqualTo(2);
    }

    @Test
    @Evidence(guarantee = "replica-exact", recordedAt = "replica.test.js")
    void goOnWhenTheServerIsRestartedUnderSixOfThem() throws SQLException {
        List<ReplicaTab> tabs = open(6);
        insert("before");
        for (ReplicaTab tab : tabs) {
            tab.awaitVal("before");
        }
        stage.restart("INSERT INTO testtype (val) VALUES ('meanwhile')");
        tabs.get(0).ask("window.dispatchEvent(new Event('online')) && 0"); // no need to wait for the backoff
        insert("after");
        for (ReplicaTab tab : tabs) {
            tab.awaitVal("after");
            tab.assertExact();
            assertThat(tab.ask("told.map(({ txid, changes }) => (txid ? 'fed ' : 'read ') + changes.length).join()"))
                    .isEqualTo("fed 1,fed 1,fed 1");
        }
        assertThat(stage.site().followers()).isEqualTo(1);
    }

    @Test
    @Evidence(guarantee = "tabs", brokenOnce = "platform.js: `freeze` not listened to")
    void goOnWhenTheLeaderIsFrozenAndWhenItIsThawed() throws SQLException {
        List<ReplicaTab> tabs = open(2);
        Page first = tabs.get(0).page();
        // A headless browser takes all its tabs for visible and so freezes none: only the events are sent.
        first.evaluate("document.dispatchEvent(new Event('freeze')) && 0");
        tabs.get(1).await("live.state.role === 'leader' && live.state.phase === 'live'");
        insert("while one is frozen");
        tabs.get(1).awaitVal("while one is frozen");
        assertThat(tabs.get(0).ask("live.state.phase + rows.size")).isEqualTo("paused0");
        first.evaluate("document.dispatchEvent(new Event('resume')) && 0");
        tabs.get(0).awaitVal("while one is frozen");
        tabs.get(0).await("live.state.phase === 'live' && live.state.role === 'follower'");
        insert("after");
        for (ReplicaTab tab : tabs) {
            tab.awaitVal("after");
            tab.assertExact();
        }
    }

    @Test
    @Evidence(guarantee = "tabs", recordedAt = "leader.test.js")
    void takeTheLeadFromOneThatHangs() throws SQLException {
        List<ReplicaTab> tabs = open(1);
        tabs.get(0)
                .page()
                .evaluate("setTimeout(() => { for (const end = Date.now() + 12000; Date.now() < end; ); }, 0) && 0");
        ReplicaTab second = stage.liveTab();
        assertThat(second.ask("live.state.role")).isEqualTo("leader");
        insert("sentinel");
        second.awaitVal("sentinel");
        // Awake again it may still hear its own stream before it hears that the lock is gone.
        tabs.get(0).await("live.state.role === 'follower'");
        tabs.get(0).awaitVal("sentinel");
        tabs.get(0).assertExact();
    }

    @Test
    void knowTheSameAfterTabsCameAndWentWhileTheNetworkFailed() throws SQLException {
        List<ReplicaTab> tabs = new ArrayList<>(open(2));
        for (int round = 0; round < 6; round++) {
            stage.site().execute("INSERT INTO testtype (val) SELECT 'v' FROM generate_series(1, 5)");
            stage.proxy().cut();
            stage.site().execute("DELETE FROM testtype WHERE id % 3 = " + round % 3);
            tabs.remove(0).page().close();
            stage.site().execute("UPDATE testtype SET val = val || '+'");
            tabs.add(stage.blankTab());
            tabs.get(1).connect("{}");
        }
        insert("sentinel");
        for (ReplicaTab tab : tabs) {
            tab.awaitVal("sentinel");
            tab.assertExact();
        }
        assertThat(tabs.stream().map(tab -> tab.ask("live.state.role")).toList())
                .containsExactlyInAnyOrder("leader", "follower");
    }
}
