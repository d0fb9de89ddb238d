package dev.pbp.web.internal.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.connection.Transport;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.web.RunningSite;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The older client in several tabs, whose clocks are right or wrong: what they see, and how often they ask. */
@PostgresTest
class OlderTabsIT {
    private static final String NEVER = "{\"type\":\"testtype\",\"constraints\":{\"val\":\"never\"}}";
    private static final int CHANGES = 10;
    /** How far the clocks of browsers are ahead. */
    private static final Map<String, Duration> CLOCKS = new LinkedHashMap<>();

    static {
        CLOCKS.put("right", Duration.ZERO);
        CLOCKS.put("half a second ahead", Duration.ofMillis(500));
        CLOCKS.put("half a second behind", Duration.ofMillis(-500));
        CLOCKS.put("a minute ahead", Duration.ofMinutes(1));
        CLOCKS.put("a minute behind", Duration.ofMinutes(-1));
        CLOCKS.put("hours ahead", Duration.ofHours(5));
        CLOCKS.put("hours behind", Duration.ofHours(-5));
        CLOCKS.put("a century ahead", Duration.ofDays(36_500));
    }

    private static TestDatabase tests;
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        tests = database;
        site = RunningSite.on(database);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    private static Map<Long, String> insert(String val) throws SQLException {
        try (Connection connection = tests.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO testtype (val) VALUES ('" + val + "')");
            Map<Long, String> rows = new TreeMap<>();
            try (ResultSet result = statement.executeQuery("SELECT id, val FROM testtype")) {
                while (result.next()) {
                    rows.put(result.getLong(1), result.getString(2));
                }
            }
            return rows;
        }
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            claim =
                    "Three tabs with clocks right and wrong see every change, and poll and read seldom while nothing changes",
            brokenOnce = {
                "ForeignTimes.begin: what cannot be placed is answered at once",
                "ForeignTimes.pause: always zero"
            })
    void eachTabSeesEachChangeAndNoneAsksInALoop() throws Exception {
        Map<OlderTab, String> tabs = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Duration> each : CLOCKS.entrySet()) {
                tabs.put(new OlderTab(site, each.getKey(), null), each.getKey());
                tabs.put(new OlderTab(site, each.getKey(), each.getValue()), each.getKey());
                tabs.put(new OlderTab(site, each.getKey(), each.getValue()), each.getKey());
            }
            site.awaitClients(Transport.LISTEN, tabs.size());
            for (int i = 0; i < CHANGES; i++) {
                Map<Long, String> wanted = insert("change " + i);
                for (OlderTab tab : tabs.keySet()) {
                    tab.await(wanted);
                }
            }
            for (OlderTab tab : tabs.keySet()) {
                assertThat(tab.polls()).as(tabs.get(tab)).isBetween(CHANGES, 8 * CHANGES);
                tab.startCounting();
            }
            CompletableFuture<JsonNode> quiet = new OlderClient(poll -> site.uri("/"), "quiet").poll(NEVER);
            assertThat(quiet.get(90, TimeUnit.SECONDS)).isEmpty(); // half a minute
            for (OlderTab tab : tabs.keySet()) {
                System.out.println("OlderTabsIT clock " + tabs.get(tab) + ": " + tab.polls() + " polls, " + tab.reads()
                        + " reads of the table in half a minute");
                assertThat(tab.polls()).as("polls, clock " + tabs.get(tab)).isLessThan(10);
                assertThat(tab.reads()).as("reads, clock " + tabs.get(tab)).isLessThan(10);
            }
        } finally {
            close(tabs);
        }
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            claim =
                    "A change between a tab's read and its poll is told, whatever the browser's clock, also if another tab was told",
            brokenOnce = "ForeignTimes.begin: takes any time for the present")
    void aChangeBetweenATabsReadAndItsPollIsTold() throws Exception {
        for (Map.Entry<String, Duration> each : CLOCKS.entrySet()) {
            String browser = "alone, " + each.getKey();
            OlderClient tab = opened(browser, each.getValue());
            insert("between");
            assertThat(tab.poll().get(60, TimeUnit.SECONDS)).as(browser).isNotEmpty();
        }
    }

    @Test
    @Evidence(guarantee = "push-any-node", recordedAt = "OlderTabsIT.aChangeBetweenATabsReadAndItsPollIsTold")
    void aChangeBetweenATabsReadAndItsPollIsToldAlsoIfAnotherTabWasTold() throws Exception {
        Map<OlderTab, String> others = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Duration> each : CLOCKS.entrySet()) {
                String browser = "two tabs, " + each.getKey();
                OlderTab other = new OlderTab(site, browser, each.getValue());
                others.put(other, browser);
                other.await(insert("before"));
                OlderClient tab = opened(browser, each.getValue());
                other.await(insert("between"));
                assertThat(tab.poll().get(60, TimeUnit.SECONDS)).as(browser).isNotEmpty();
            }
        } finally {
            close(others);
        }
    }

    /** A tab that has read the table and is about to poll. */
    private static OlderClient opened(String browser, Duration ahead) throws Exception {
        OlderClient tab = new OlderClient(poll -> site.uri("/"), browser);
        tab.read();
        tab.forget((double) (System.currentTimeMillis() + ahead.toMillis()));
        return tab;
    }

    private static void close(Map<OlderTab, String> tabs) throws Exception {
        tabs.keySet().forEach(OlderTab::stop);
        insert("the end");
        for (OlderTab tab : tabs.keySet()) {
            tab.close();
        }
    }
}
