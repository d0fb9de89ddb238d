package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.HeadlessChromium;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tabs that open, close, crash, freeze and lose the network, and a server that restarts, while 200 transactions a second
 * are written: at every quiet moment each tab's replica equals the table, and has been told each transaction once.
 *
 * <p>{@code -Dpbp.soak=ROUNDS} makes it longer, {@code -Dpbp.seed=N} another.
 */
@BrowserTest
@PostgresTest
@Evidence(
        guarantee = "replica-exact",
        claim =
                "At every quiet moment each replica equals the table and has reported each transaction once, while tabs open, close, crash, freeze and lose the network, and the server restarts; longer with -Dpbp.soak=ROUNDS",
        how =
                "four rounds notice neither `awaits` without the read's snapshot nor `#receiveBatch` without comparing cursors, which tabs.test.js does",
        brokenOnce = {
            "connection.js, #live: the cursor does not move on",
            "tabs.js, #take: the cursor does not move on",
            "connection.js: connects without a cursor"
        })
class SoakIT {
    private static final Logger LOG = System.getLogger(SoakIT.class.getName());
    private static final int ROUNDS = Integer.getInteger("pbp.soak", 4);
    private static final long SEED = Long.getLong("pbp.seed", 1);
    private static final int ACTIONS_A_ROUND = 6;
    private static final int TRANSACTIONS_AN_ACTION = 60;
    private static final int MOST_TABS = 6;
    private static final String ONLY_X = "{\"tables\": {\"testtype\": {\"where\": {\"val\": \"eq.x\"}}}}";
    private static final List<String> KINDS = List.of("{}", "{}", ONLY_X, "{\"share\": false}");

    private static TestDatabase database;
    private static BrowserStage stage;

    private final Random random = new Random(SEED);
    private final List<Tab> tabs = new ArrayList<>();
    private int sentinels;

    private record Tab(ReplicaTab replica, String options) {}

    @BeforeAll
    static void start(TestDatabase given) throws SQLException {
        database = given;
        stage = BrowserStage.inWholeBrowser(database);
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    @Test
    void atEveryQuietMomentEachReplicaEqualsTheTable() throws Exception {
        try (SteadyWriter writer = SteadyWriter.start(database, SEED)) {
            open("{}");
            open(ONLY_X);
            for (int round = 1; round <= ROUNDS; round++) {
                List<String> done = new ArrayList<>();
                for (int i = 0; i < ACTIONS_A_ROUND; i++) {
                    done.add(act());
                    writer.await(TRANSACTIONS_AN_ACTION);
                }
                try (var quiet = writer.pause()) {
                    compare("seed " + SEED + ", round " + round + ": " + done);
                }
                LOG.log(
                        Level.INFO,
                        "round {0}: {1} transactions so far, {2} tabs equal after {3}",
                        round,
                        writer.written(),
                        tabs.size(),
                        done);
            }
        }
        assertThat(stage.chromium().complaints()).isEmpty();
    }

    private String act() throws SQLException {
        Tab some = tabs.get(random.nextInt(tabs.size()));
        int which = random.nextInt(8);
        if (tabs.size() < 2 || (which == 0 && tabs.size() < MOST_TABS)) {
            String options = KINDS.get(random.nextInt(KINDS.size()));
            open(options);
            return "open " + options;
        }
        switch (which) {
            case 1 -> {
                tabs.remove(some);
                some.replica.page().close();
                return "close";
            }
            case 2 -> {
                tabs.remove(some);
                HeadlessChromium.crash(some.replica.page());
                return "crash";
            }
            case 3 -> {
                // A headless browser takes all its tabs for visible and so freezes none: only the events are sent.
                some.replica.ask("document.dispatchEvent(new Event('freeze')) && 0");
                return "freeze";
            }
            case 4 -> {
                some.replica.ask("document.dispatchEvent(new Event('resume')) && 0");
                return "resume";
            }
            case 5 -> {
                stage.proxy().refuse();
                stage.proxy().cut();
                return "offline";
            }
            case 6 -> {
                stage.proxy().resume();
                stage.proxy().cut();
                return "cut";
            }
            default -> {
                stage.restart();
                return "restart";
            }
        }
    }

    private void open(String options) {
        stage.proxy().resume();
        ReplicaTab replica = stage.blankTab();
        replica.connect(options);
        tabs.add(new Tab(replica, options));
    }

    private void compare(String after) throws SQLException {
        stage.proxy().resume();
        for (Tab tab : tabs) {
            tab.replica.ask(
                    "document.dispatchEvent(new Event('resume')) && window.dispatchEvent(new Event('online')) && 0");
        }
        // One row more, which every kind of tab follows, comes after all that was written before.
        sentinels++;
        stage.site().execute("INSERT INTO testtype (id, val) VALUES (" + -sentinels + ", 'x')");
        for (Tab tab : tabs) {
            tab.replica.await("rows.has(" + -sentinels + ")");
            String wanted = tab.options.equals(ONLY_X) ? ".filter(({ val }) => val === 'x')" : "";
            assertThat(tab.replica.ask("JSON.stringify([...rows.values()].sort((a, b) => a.id - b.id))"))
                    .as("%s, tab %s after %s", tab.options, tabs.indexOf(tab), after)
                    .isEqualTo(tab.replica.ask("fetch('/api/testtype').then((answer) => answer.json())"
                            + ".then((all) => JSON.stringify(all" + wanted + "))"));
            assertThat((List<?>) tab.replica.ask("told.map(({ txid }) => txid).filter((txid) => txid !== null)"))
                    .as("told to %s after %s", tab.options, after)
                    .doesNotHaveDuplicates();
        }
    }
}
