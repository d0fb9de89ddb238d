package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Route;
import dev.pbp.postgres.Cursors;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.HeadlessChromium;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tabs that follow different tables and rows, on one connection. */
@BrowserTest
@PostgresTest
class MixedTabsIT {
    private static final String ONLY_X = "{\"tables\": {\"testtype\": {\"where\": {\"val\": \"eq.x\"}}}}";
    private static final String ONLY_Y = "{\"tables\": {\"testtype\": {\"where\": {\"val\": \"eq.y\"}}}}";
    private static final String BOTH_TABLES = "{\"tables\": [\"testtype\", \"second\"]}";
    private static final String IDS = "[...rows.keys()].sort((a, b) => a - b).join()";

    private static BrowserStage stage;
    private static Cursors cursors;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        stage = BrowserStage.on(database);
        stage.site().execute("CREATE TABLE second (id int PRIMARY KEY, n int NOT NULL); SELECT pbp.track('second')");
        cursors = Cursors.of(database.dataSource());
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        stage.site().execute("TRUNCATE testtype RESTART IDENTITY; TRUNCATE second");
    }

    @AfterEach
    void noComplaints() {
        stage.clear();
    }

    private static ReplicaTab open(String options) {
        ReplicaTab tab = stage.blankTab();
        tab.page().route("**/api/second", route -> route.fulfill(second()));
        tab.connect(options);
        tab.await("live.state.phase === 'live'");
        return tab;
    }

    /** The second table, as a resource of its own would answer. */
    private static Route.FulfillOptions second() {
        try (Connection connection = stage.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT coalesce(json_agg(s ORDER BY id), '[]')::text,"
                        + " pg_current_snapshot()::text FROM second s")) {
            row.next();
            return new Route.FulfillOptions()
                    .setContentType("application/json")
                    .setHeaders(
                            Map.of("PBP-Cursor", cursors.at(row.getString(2)).value()))
                    .setBody(row.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void insert(String val) throws SQLException {
        stage.site().execute("INSERT INTO testtype (val) VALUES ('" + val + "')");
    }

    private static long last(String val) throws SQLException {
        try (Connection connection = stage.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT max(id) FROM testtype WHERE val = '" + val + "'")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static Object toldBy(ReplicaTab tab) {
        return tab.ask(
                "told.map(({ txid, changes }) => (txid ? 'fed ' : 'read ')"
                        + " + changes.map(({ op, key, new: row }) => op + key + (row?.val ?? row?.n ?? '')).join()).join(' | ')");
    }

    @Test
    void eachHasItsOwnRowsAndOnlyOneConnectionIsOpen() throws SQLException {
        stage.site().execute("INSERT INTO testtype (val) VALUES ('x'), ('y'), ('z'); INSERT INTO second VALUES (1, 1)");
        List<ReplicaTab> tabs =
                List.of(open(ONLY_X), open("{}"), open(ONLY_Y), open(BOTH_TABLES), open(ONLY_X), open(BOTH_TABLES));
        assertThat(tabs.stream().map(tab -> tab.ask("live.state.role")).toList())
                .containsExactly("leader", "follower", "follower", "follower", "follower", "follower");
        stage.site().execute("BEGIN; UPDATE testtype SET val = 'y' WHERE val = 'x'; UPDATE second SET n = 2; COMMIT");
        insert("x");
        insert("y");
        List<String> expected = List.of("4", "1,2,3,4,5", "1,2,5", "1,2,3,4,5", "4", "1,2,3,4,5");
        for (int i = 0; i < tabs.size(); i++) {
            tabs.get(i).await(IDS + " === '" + expected.get(i) + "'");
        }
        for (int i : List.of(3, 5)) {
            assertThat(tabs.get(i).ask("live.table('second').get(1).n")).isEqualTo(2);
        }
        // Who follows only x is told of the row that left, and of nothing that happened elsewhere.
        assertThat(toldBy(tabs.get(0))).isEqualTo("read insert1x | fed delete1 | fed insert4x");
        assertThat(toldBy(tabs.get(2))).isEqualTo("read insert2y | fed insert1y | fed insert5y");
        // What the leader has was copied, what it only follows was read.
        assertThat(stage.chromium().requests("/api/testtype")).isEqualTo(5);
        assertThat(stage.chromium().requests("/api/second")).isEqualTo(2);
    }

    @Test
    @Evidence(guarantee = "tabs", recordedAt = "tabs.test.js")
    void joinWhileMuchIsWrittenAndAreExact() throws Exception {
        insert("0");
        AtomicBoolean enough = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            try (Connection connection = stage.connect();
                    Statement statement = connection.createStatement()) {
                for (int i = 1; !enough.get(); i++) {
                    statement.execute("UPDATE testtype SET val = '" + i + "' WHERE id = 1");
                    statement.execute("INSERT INTO testtype (val) VALUES ('x')");
                    statement.execute("DELETE FROM testtype WHERE id > 1 AND id % 5 = " + i % 5);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        writer.start();
        List<ReplicaTab> tabs = new ArrayList<>();
        for (String options : List.of(ONLY_X, "{}", BOTH_TABLES, ONLY_Y, "{}")) {
            tabs.add(open(options));
        }
        enough.set(true);
        writer.join();
        stage.site().execute("INSERT INTO testtype (val) VALUES ('x'), ('y')");
        tabs.get(0).await("[...rows.keys()].at(-1) === " + last("x"));
        tabs.get(3).await("[...rows.keys()].at(-1) === " + last("y"));
        for (int i : List.of(1, 2, 4)) {
            tabs.get(i).awaitVal("y");
        }
        for (int i : List.of(1, 2, 4)) {
            tabs.get(i).assertExact();
            assertThat((List<?>) tabs.get(i)
                            .ask("told.flatMap(({ changes }) => changes).filter(({ key }) => key === 1)"
                                    + ".map(({ new: row }) => Number(row.val))"))
                    .as("the counter as tab %d was told of it", i)
                    .isSortedAccordingTo((a, b) -> Integer.compare((Integer) a, (Integer) b))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    @Evidence(guarantee = "tabs", recordedAt = "leader.test.js")
    void goOnWhenTheLeaderThatFollowedLessOrElseEnds() throws SQLException {
        ReplicaTab leader = open(ONLY_X);
        ReplicaTab onlyY = open(ONLY_Y);
        ReplicaTab both = open(BOTH_TABLES);
        stage.site().execute("INSERT INTO testtype (val) VALUES ('x'), ('y')");
        onlyY.awaitVal("y");
        both.awaitVal("y");
        HeadlessChromium.crash(leader.page());
        onlyY.await("live.state.role === 'leader' && live.state.phase === 'live'");
        stage.site().execute("INSERT INTO second VALUES (1, 1)");
        both.await("live.table('second').size === 1");
        onlyY.page().close();
        insert("y");
        both.await("rows.size === 3 && live.state.role === 'leader'");
        // No table was read again: each leader went on with what the one before had followed.
        assertThat(toldBy(both)).isEqualTo("fed insert1x,insert2y | fed insert11 | fed insert3y");
        assertThat(stage.chromium().requests("/api/testtype")).isEqualTo(3);
    }

    @Test
    @Evidence(guarantee = "tabs", recordedAt = "tabs.test.js")
    void whatIsRefusedToOneDoesNotDisturbTheOthers() throws SQLException {
        ReplicaTab refused = stage.blankTab();
        refused.connect("{\"tables\": [\"testtype\", \"nonsense\"]}");
        refused.await("live.state.error?.includes('nonsense')");
        ReplicaTab leader = open("{}");
        ReplicaTab another = stage.blankTab();
        another.connect("{\"tables\": {\"testtype\": {}, \"pg_authid\": {\"url\": \"/api/testtype\"}}}");
        another.await("live.state.role === 'alone'");
        ReplicaTab follower = open("{}");
        insert("sentinel");
        for (ReplicaTab tab : List.of(leader, follower)) {
            tab.awaitVal("sentinel");
            tab.assertExact();
        }
        assertThat(leader.ask("live.state.role")).isEqualTo("leader");
        assertThat((List<?>) leader.ask(
                        "[...new Set(states.map(({ phase }) => phase).join().replace(/^.*?live/, 'live').split(','))]"))
                .isEqualTo(List.of("live"));
    }
}
