package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitUntilState;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy.Direction;
import dev.pbp.testing.FaultProxy.Fault;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** {@code pbp.js} by itself, in a real Chromium, over a network that fails. */
@BrowserTest
@PostgresTest
class ReplicaIT {
    private static final Random RANDOM = new Random(42);

    private static BrowserStage stage;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        stage = BrowserStage.on(database);
        stage.site().execute("ALTER TABLE testtype ADD CONSTRAINT polite CHECK (val <> 'rude')");
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

    /** Transactions of all kinds. */
    private static void write(int transactions) throws SQLException {
        try (Connection connection = stage.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < transactions; i++) {
                for (int statements = 1 + RANDOM.nextInt(3); statements > 0; statements--) {
                    int row = RANDOM.nextInt(40);
                    statement.execute(
                            switch (RANDOM.nextInt(4)) {
                                case 0 -> "DELETE FROM testtype WHERE id % 40 = " + row;
                                case 1 -> "UPDATE testtype SET val = val || '+' WHERE id % 40 = " + row;
                                default ->
                                    "INSERT INTO testtype (val) SELECT 'v' FROM generate_series(0, " + row % 3 + ")";
                            });
                }
                if (RANDOM.nextInt(10) == 0) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
            }
        }
    }

    private static void insert(String val) throws SQLException {
        stage.site().execute("INSERT INTO testtype (val) VALUES ('" + val + "')");
    }

    @Nested
    class Subscriber {
        @Test
        @Evidence(
                guarantee = "read-then-follow",
                claim = "A replica begins exactly where its table was read",
                brokenOnce = "replica.js, address: asks without a cursor")
        void startsExactlyWhereTheTableWasRead() throws Exception {
            ReplicaTab tab = stage.blankTab();
            Thread writer = new Thread(() -> {
                try {
                    write(200);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            writer.start();
            tab.connect("{}");
            writer.join();
            insert("sentinel");
            tab.awaitVal("sentinel");
            tab.assertExact();
            assertThat(tab.reads()).isLessThanOrEqualTo(1);
        }

        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "replica.test.js")
        void tellsEachTransactionOnceAndWhole() throws SQLException {
            ReplicaTab tab = stage.liveTab();
            stage.site()
                    .execute("BEGIN; INSERT INTO testtype (val) VALUES ('a'), ('b'); UPDATE testtype SET val = 'c'"
                            + " WHERE val = 'b'; DELETE FROM testtype WHERE val = 'a'; COMMIT");
            tab.awaitVal("c");
            assertThat(tab.ask("told.map(({ changes }) => changes.map(({ op, key }) => op + key).join())"))
                    .isEqualTo(List.of("insert1,insert2,update2,delete1"));
            stage.site().execute("TRUNCATE testtype");
            tab.await("rows.size === 0");
            assertThat(tab.ask("told.at(-1).changes.map(({ op, key, old }) => op + key + old.val).join()"))
                    .isEqualTo("delete2c");
        }

        @Test
        void holdsMoreRowsThanACallTakesArguments() throws SQLException {
            stage.site().execute("INSERT INTO testtype (val) SELECT 'v' FROM generate_series(1, 200000)");
            ReplicaTab tab = stage.liveTab();
            assertThat(tab.ask("rows.size")).isEqualTo(200_000);
            stage.site().execute("TRUNCATE testtype");
            tab.await("rows.size === 0");
            assertThat(tab.ask("told.map(({ txid, changes }) => (txid ? 'fed ' : 'read ') + changes.length).join()"))
                    .isEqualTo("read 200000,fed 200000");
        }

        @Test
        @Evidence(guarantee = "same-values", recordedAt = "views.test.js")
        void keepsOnlyTheRowsThatTheFilterNames() throws SQLException {
            stage.site().execute("INSERT INTO testtype (val) VALUES ('x'), ('y'), ('x')");
            ReplicaTab tab = stage.blankTab();
            tab.connect("{\"tables\": {\"testtype\": {\"where\": {\"val\": \"eq.x\"}}}}");
            tab.await("live.state.phase === 'live'");
            stage.site().execute("UPDATE testtype SET val = 'y' WHERE id = 1");
            stage.site().execute("UPDATE testtype SET val = 'x' WHERE id = 2");
            stage.site().execute("INSERT INTO testtype (val) VALUES ('z')");
            stage.site().execute("DELETE FROM testtype WHERE id = 3");
            tab.await("!rows.has(3)");
            assertThat(tab.ask("[...rows.keys()].join()")).isEqualTo("2");
            assertThat(tab.ask(
                            "told.slice(1).map(({ changes }) => changes.map(({ op, key }) => op + key).join()).join()"))
                    .isEqualTo("delete1,insert2,delete3");
        }

        @Test
        @Evidence(
                guarantee = "same-values",
                claim = "Integers that JavaScript's numbers cannot hold stay exact",
                brokenOnce = "values.js, parse: the digits not looked at")
        void keepsIntegersThatNumbersCannotHold() throws SQLException {
            stage.site().execute("INSERT INTO testtype (id, val) VALUES (9007199254740993, 'read')");
            ReplicaTab tab = stage.liveTab();
            stage.site().execute("INSERT INTO testtype (id, val) VALUES (9007199254740995, 'fed 1234567890123456789')");
            tab.awaitVal("fed 1234567890123456789");
            assertThat(tab.ask("[...rows.keys()].join()")).isEqualTo("9007199254740993,9007199254740995");
            tab.ask("live.update('testtype', '9007199254740993', { val: 'changed' })");
            assertThat(tab.ask("rows.get('9007199254740993').val")).isEqualTo("changed");
        }
    }

    @Nested
    class Interrupted {
        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "replica.test.js")
        void goesOnFromItsCursorWithoutReadingAgain() throws SQLException {
            insert("before");
            ReplicaTab tab = stage.liveTab();
            stage.proxy().refuse();
            stage.proxy().cut();
            tab.await("live.state.phase === 'waiting'");
            write(50);
            insert("sentinel");
            stage.proxy().resume();
            tab.awaitVal("sentinel");
            tab.assertExact();
            assertThat(tab.reads()).isEqualTo(1);
        }

        @Test
        void losesNothingWhereMessagesAreCutInTheMiddle() throws SQLException {
            ReplicaTab tab = stage.liveTab();
            for (int i = 0; i < 5; i++) {
                var cut = stage.proxy().after(100 + RANDOM.nextInt(4000), Direction.TO_CLIENT, Fault.CUT);
                while (!cut.isDone()) {
                    write(5);
                }
                stage.proxy().resume();
                tab.ask("window.dispatchEvent(new Event('online'))"); // no need to wait for the backoff
            }
            insert("sentinel");
            tab.awaitVal("sentinel");
            tab.assertExact();
        }

        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "transports.test.js")
        void reconnectsAfterA503ThatWouldEndTheBrowsersOwnStream() throws SQLException {
            ReplicaTab tab = stage.blankTab();
            tab.permitOnly("stream");
            tab.connect("{}");
            tab.await("live.state.phase === 'live' && live.state.transport === 'stream'");
            tab.page().route("**/api/_changes?*", route -> {
                route.fulfill(new com.microsoft.playwright.Route.FulfillOptions().setStatus(503));
                tab.page().unroute("**/api/_changes?*");
            });
            tab.ask("window.before = states.length");
            stage.proxy().cut();
            insert("sentinel");
            tab.awaitVal("sentinel");
            tab.assertExact();
            assertThat((Integer) tab.ask("states.slice(before).filter(({ phase }) => phase === 'waiting').length"))
                    .isGreaterThanOrEqualTo(2);
        }

        @Test
        void pollsWhereNothingElseGetsThrough() throws SQLException {
            ReplicaTab tab = stage.blankTab();
            tab.permitOnly("poll");
            tab.connect("{}");
            tab.await("live.state.phase === 'live'");
            assertThat(tab.ask("live.state.transport")).isEqualTo("poll");
            write(20);
            insert("sentinel");
            tab.awaitVal("sentinel");
            tab.assertExact();
        }

        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "connection.test.js")
        void losesNothingWhereTheWayChangesAgainAndAgain() throws SQLException {
            ReplicaTab tab = stage.blankTab();
            tab.ask("""
                    () => {
                        window.blocked = '';
                        for (const [name, way] of [['WebSocket', 'socket'], ['EventSource', 'stream']]) {
                            const Real = window[name];
                            window[name] = class {
                                constructor(address) {
                                    if (blocked.includes(way)) throw new Error('not here');
                                    return new Real(address);
                                }
                            };
                        }
                        const real = fetch;
                        window.fetch = (url, options) => blocked.includes('poll') && url.includes('_changes')
                            ? Promise.reject(new TypeError('not here')) : real(url, options);
                    }""");
            tab.connect("{}");
            tab.await("live.state.phase === 'live'");
            List<String> ways = List.of("stream", "poll", "socket", "poll", "stream", "socket");
            for (String way : ways) {
                List<String> blocked = new java.util.ArrayList<>(List.of("socket", "stream", "poll"));
                blocked.remove(way);
                tab.ask("blocked = '" + blocked + "'");
                stage.proxy().cut();
                while (!tab.ask("live.state.phase + live.state.transport").equals("live" + way)) {
                    write(2);
                    tab.ask("window.dispatchEvent(new Event('online'))"); // no need to wait for the backoff
                }
                write(3);
            }
            insert("sentinel");
            tab.awaitVal("sentinel");
            tab.assertExact();
            assertThat(tab.reads()).isLessThanOrEqualTo(1);
            assertThat((List<?>) tab.ask("[...new Set(states.filter(({ phase }) => phase === 'live')"
                            + ".map(({ transport }) => transport))].sort()"))
                    .isEqualTo(List.of("poll", "socket", "stream"));
        }

        @Test
        @Evidence(guarantee = "tabs", brokenOnce = "connection.js: `#choice` begins with the event stream")
        void eightTabsWithoutLocksEachHaveASocketAndWritesDoNotWait() throws SQLException {
            List<ReplicaTab> tabs = new java.util.ArrayList<>();
            for (int i = 0; i < 8; i++) {
                ReplicaTab tab = stage.blankTab();
                tab.ask("delete Navigator.prototype.locks");
                tab.connect("{}");
                tab.await("live.state.phase === 'live'");
                assertThat(tab.ask("live.state.role + live.state.transport")).isEqualTo("alonesocket");
                tabs.add(tab);
            }
            for (ReplicaTab tab : tabs) {
                tab.ask("live.insert('testtype', { val: 'mine' }).then(() => null)");
            }
            for (ReplicaTab tab : tabs) {
                tab.await("rows.size === 8");
                tab.assertExact();
            }
            assertThat(stage.site().followers()).isEqualTo(8);
        }

        @Test
        void isPutAsideAndTakenUpAgain() throws SQLException {
            ReplicaTab tab = stage.liveTab();
            tab.ask("window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
            assertThat(tab.ask("live.state.phase")).isEqualTo("paused");
            insert("meanwhile");
            tab.ask("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
            tab.awaitVal("meanwhile");
            tab.assertExact();
            assertThat(tab.reads()).isZero();
        }

        @Test
        void isAsItWasWhenTheBrowserGoesBackToIt(TestDatabase database) throws SQLException {
            try (BrowserStage whole = BrowserStage.inWholeBrowser(database)) {
                insert("before");
                ReplicaTab tab = whole.liveTab();
                tab.ask("window.mark = 'the same page'");
                tab.page().navigate(whole.origin() + "/static/icon.svg");
                insert("meanwhile");
                // There is no event "load" for a page that was kept.
                tab.page().goBack(new Page.GoBackOptions().setWaitUntil(WaitUntilState.COMMIT));
                assertThat(tab.ask("window.mark")).isEqualTo("the same page");
                tab.awaitVal("meanwhile");
                tab.assertExact();
                assertThat(tab.reads()).isEqualTo(1);
                whole.clear();
            }
        }
    }

    @Nested
    class AskedToReadAgain {
        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "replica.test.js")
        void tellsOnlyWhatDiffers() throws SQLException {
            stage.site().execute("INSERT INTO testtype (val) VALUES ('same'), ('old'), ('gone'), ('same too')");
            ReplicaTab tab = stage.liveTab();
            tab.ask("window.kept = rows.get(1), told.length = 0");
            forgetCursors("UPDATE testtype SET val = 'new' WHERE id = 2; DELETE FROM testtype WHERE id = 3;"
                    + " INSERT INTO testtype (val) VALUES ('added')");
            tab.awaitVal("added");
            assertThat(tab.ask("told.map(({ txid, changes }) => txid + changes.map(({ op, key }) => op + key).join())"))
                    .isEqualTo(List.of("nulldelete3,update2,insert5"));
            assertThat(tab.ask("rows.get(1) === kept")).isEqualTo(true);
            insert("sentinel");
            tab.awaitVal("sentinel");
            tab.assertExact();
        }

        @Test
        @Evidence(guarantee = "replica-exact", recordedAt = "replica.test.js")
        void thePageDoesNotBlink() throws SQLException {
            stage.site().execute("INSERT INTO testtype (val) VALUES ('same'), ('old')");
            var page = stage.chromium().tab(stage.origin() + "/");
            page.waitForFunction("() => document.querySelector('#state').dataset.phase === 'live'");
            page.evaluate("""
                    () => {
                        window.touched = new Set();
                        window.least = Infinity;
                        const rows = document.getElementById('rows');
                        new MutationObserver((records) => {
                            window.least = Math.min(window.least, rows.querySelectorAll('.row').length);
                            records.forEach(({ target }) => touched.add(target.closest?.('.row')?.dataset.key ?? 'rows'));
                        }).observe(rows, { childList: true, subtree: true, attributes: true });
                    }""");
            forgetCursors("UPDATE testtype SET val = 'new' WHERE id = 2");
            page.waitForFunction("() => document.querySelector('[data-key=\"2\"] .val').textContent === 'new'");
            assertThat(page.evaluate("[...touched].join()")).isEqualTo("2");
            assertThat(page.evaluate("least")).isEqualTo(2);
        }

        /** Restarts the site on what is another database to it, so that it no longer knows the cursors it gave out. */
        private void forgetCursors(String meanwhile) throws SQLException {
            stage.restart("UPDATE pbp.feed SET secret = decode(md5(random()::text), 'hex')", meanwhile);
        }
    }

    @Nested
    class Writing {
        @Test
        @Evidence(guarantee = "browser-writes", recordedAt = "replica.test.js")
        void isShownAtOnceAndSettledByTheFeed() throws SQLException {
            insert("there");
            ReplicaTab tab = stage.liveTab();
            stage.proxy().stall();
            tab.ask("""
                    () => {
                        window.done = [];
                        live.insert('testtype', { val: 'mine' }).then((row) => done.push(row));
                        live.update('testtype', 1, { val: 'changed' }).then((row) => done.push(row));
                    }""");
            assertThat(tab.ask("[...rows.values()].map(({ val }) => val).join()"))
                    .isEqualTo("changed,mine");
            assertThat(tab.ask("live.pending('testtype', 1) && live.writing === 2"))
                    .isEqualTo(true);
            assertThat(tab.ask("done.length")).isEqualTo(0);
            stage.proxy().resume();
            tab.await("done.length === 2");
            assertThat(tab.ask("done.map(({ id, val }) => id + val).join()")).isEqualTo("2mine,1changed");
            assertThat(tab.ask("live.writing")).isEqualTo(0);
            tab.assertExact();
        }

        @Test
        @Evidence(guarantee = "browser-writes", recordedAt = "replica.test.js")
        void anAddedRowIsNeverShownTwice() {
            ReplicaTab tab = stage.liveTab();
            tab.ask("""
                    async () => {
                        window.most = 0;
                        live.addEventListener('transaction', () => (most = Math.max(most, rows.size)));
                        for (let i = 1; i <= 50; i++) {
                            await live.insert('testtype', { val: String(i) });
                            if (most !== i) throw new Error(`${most} rows were shown when there were ${i}`);
                        }
                    }""");
            tab.assertExact();
        }

        @Test
        @Evidence(guarantee = "browser-writes", recordedAt = "writes.test.js")
        void isTakenBackWhereTheServerRefuses() throws SQLException {
            insert("kind");
            ReplicaTab tab = stage.liveTab();
            assertThat(tab.ask("""
                            async () => {
                                const added = live.insert('testtype', { val: 'rude' }).catch((error) => error);
                                const changed = live.update('testtype', 1, { val: 'rude' }).catch((error) => error);
                                const shown = [...rows.values()].map(({ val }) => val).join();
                                return [shown, (await added).status, (await changed).message,
                                    [...rows.values()].map(({ val }) => val).join(), live.writing];
                            }"""))
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                    .satisfiesExactly(
                            shown -> assertThat(shown).isEqualTo("rude,rude"),
                            status -> assertThat(status).isEqualTo(400),
                            message -> assertThat(message.toString()).contains("polite"),
                            after -> assertThat(after).isEqualTo("kind"),
                            writing -> assertThat(writing).isEqualTo(0));
        }

        @Test
        @Evidence(guarantee = "browser-writes", recordedAt = "writes.test.js")
        void ofARowThatHasChangedSinceItWasSeenIsRefusedWithBothVersions() throws SQLException {
            insert("old");
            ReplicaTab tab = stage.liveTab();
            tab.ask("window.seen = rows.get(1)");
            stage.site().execute("UPDATE testtype SET val = 'theirs'");
            assertThat(tab.ask("live.update('testtype', 1, { val: 'mine' }, { expect: seen })"
                            + ".catch(({ status, current }) => status + current.val)"))
                    .isEqualTo("412theirs");
            tab.awaitVal("theirs");
            assertThat(tab.ask("live.update('testtype', 1, { val: 'mine' }, { expect: rows.get(1) })"
                            + ".then(({ val }) => val)"))
                    .isEqualTo("mine");
            tab.assertExact();
        }
    }
}
