package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Page;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every cell of the table of phases and events in docs/client.md, with a network and a clock of the test's own. */
@BrowserTest
@PostgresTest
class MachineIT {
    private static final String TIME = "30 s pass without a word";
    private static final String OTHERS = "other tables are wanted, or another transport";
    private static final int MILLIS = 30_000;
    private static final int PATIENCE_MILLIS = 10_000;
    private static final List<String> TRANSPORTS = List.of("socket", "stream", "poll");

    private static RunningSite site;
    private static Chromium chromium;
    private static Page page;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.on(database);
        chromium = Chromium.start();
        page = chromium.blank();
        // Installed only, the clock would still run beside the test's own steps.
        page.clock().install(new Clock.InstallOptions().setTime(0));
        page.clock().pauseAt(MILLIS);
        page.navigate(site.uri("/static/icon.svg").toString());
        page.evaluate(script());
    }

    @AfterAll
    static void stop() {
        chromium.close();
        site.close();
    }

    private static String script() {
        try (InputStream in = MachineIT.class.getResourceAsStream("machine.js")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Cell(String phase, String event, String next) {}

    private static List<Cell> cells() throws IOException {
        String root = Objects.requireNonNull(System.getProperty("pbp.root"), "-Dpbp.root: the repository's folder");
        List<List<String>> table = Files.readAllLines(Path.of(root, "docs", "client.md")).stream()
                .dropWhile(line -> !line.startsWith("| event |"))
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Arrays.stream(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList())
                .toList();
        List<Cell> cells = new ArrayList<>();
        for (List<String> line : table.subList(2, table.size())) {
            for (int column = 1; column < line.size(); column++) {
                cells.add(new Cell(table.get(0).get(column), line.get(0), line.get(column)));
            }
        }
        return cells;
    }

    @TestFactory
    List<DynamicTest> doesWhatTheTableSays() throws IOException {
        List<Cell> cells = cells();
        assertThat(cells).hasSize(60);
        return TRANSPORTS.stream()
                .flatMap(transport -> cells.stream()
                        .map(cell -> DynamicTest.dynamicTest(
                                cell.phase() + " by " + transport + ", " + cell.event() + ": " + cell.next(),
                                () -> assertFollows(cell, transport))))
                .toList();
    }

    private static void assertFollows(Cell cell, String transport) {
        String options = cell.event().equals(OTHERS)
                ? "{ share: true, filters: { testtype: { val: 'y' } } }"
                : "{ share: false }";
        String by = Set.of("connecting", "live").contains(cell.phase()) ? " by " + transport : "";
        assertThat(page.evaluate("begin('" + cell.phase() + "', '" + transport + "', " + options + ")"))
                .isEqualTo(cell.phase() + by);
        if (cell.event().equals(TIME)) {
            page.clock().runFor(MILLIS);
        } else {
            page.evaluate("(event) => happen(event)", cell.event());
        }
        assertThat(page.evaluate("followed()")).isEqualTo(told(cell, transport));
    }

    private static String told(Cell cell, String transport) {
        if (cell.phase().equals("live") && cell.next().equals("live")) {
            return "–"; // a message to one that is live tells nothing new
        }
        boolean lesser = !transport.equals(TRANSPORTS.get(0));
        if (cell.phase().equals("live") && cell.event().equals(TIME) && lesser) {
            return "connecting"; // before that time is over, a better way is tried
        }
        return cell.next();
    }

    @Test
    void triesTheWaysFromTheBestToTheLastAndKeepsTheOneThatWorks() {
        assertThat(page.evaluate("begin('live', 'stream')")).isEqualTo("live by stream");
        page.evaluate("happen('the connection ends')");
        page.evaluate("happen('online again, or visible again')");
        assertThat(page.evaluate("phase() + transport()")).isEqualTo("connectingstream");
        page.evaluate("happen('the connection ends')");
        page.evaluate("happen('online again, or visible again')");
        assertThat(page.evaluate("phase() + transport()")).isEqualTo("connectingpoll");
        page.evaluate("happen('the connection ends')");
        page.evaluate("happen('online again, or visible again')");
        assertThat(page.evaluate("phase() + transport()")).isEqualTo("connectingsocket");
    }

    @Test
    void triesABetterWayAfterSomeTimeAndGoesBackAtOnceIfThatFails() {
        page.evaluate("begin('live', 'stream')");
        page.clock().runFor(PATIENCE_MILLIS - 1);
        assertThat(page.evaluate("phase() + transport()")).isEqualTo("livestream");
        page.clock().runFor(1);
        assertThat(page.evaluate("phase() + transport()")).isEqualTo("connectingsocket");
        page.evaluate("happen('the connection ends')");
        assertThat(page.evaluate("phase() + transport()")).isEqualTo("connectingstream");
        page.evaluate("happen('a message comes')");
        page.clock().runFor(PATIENCE_MILLIS);
        assertThat(page.evaluate("phase() + transport()")).isEqualTo("livestream");
        page.clock().runFor(PATIENCE_MILLIS);
        assertThat(page.evaluate("phase() + transport()")).isEqualTo("connectingsocket");
        page.evaluate("happen('a message comes')");
        page.clock().runFor(2 * PATIENCE_MILLIS);
        assertThat(page.evaluate("phase() + transport()")).isEqualTo("livesocket");
    }

    @Test
    void everyWayGoesOnFromTheSameCursor() {
        page.evaluate("begin('live', 'poll')");
        // The last is the poll's own next request.
        assertThat(page.evaluate("cursors()")).isEqualTo("c1,c1,c1,c2");
        page.evaluate("happen('the connection ends')");
        page.evaluate("happen('online again, or visible again')");
        assertThat(page.evaluate("cursors()")).isEqualTo("c1,c1,c1,c2,c2");
    }

    @Test
    void waitsAsLongAsAServerThatEndsAsksFor() {
        page.evaluate("begin('live')");
        page.evaluate("leave(4000)");
        page.clock().runFor(3999);
        assertThat(page.evaluate("phase()")).isEqualTo("waiting");
        page.clock().runFor(1001);
        assertThat(page.evaluate("phase()")).isEqualTo("connecting");
    }

    @Test
    void readsWhereNoReadHasSucceededYet() {
        page.evaluate("begin('reading')");
        page.evaluate("happen('a read is refused')");
        assertThat(page.evaluate("phase()")).isEqualTo("waiting");
        page.evaluate("happen('online again, or visible again')");
        assertThat(page.evaluate("phase()")).isEqualTo("reading");
        page.evaluate("happen('the browser puts the page aside')");
        page.evaluate("happen('online again, or visible again')");
        assertThat(page.evaluate("phase()")).isEqualTo("reading");
    }

    @Test
    void isNotDrivenRoundInCirclesByMustRefetch() {
        page.evaluate("begin('live')");
        page.evaluate("happen('must-refetch')");
        page.evaluate("happen('the tables have been read')");
        page.evaluate("happen('a message comes')");
        assertThat(page.evaluate("phase()")).isEqualTo("live");
        page.evaluate("happen('must-refetch')");
        assertThat(page.evaluate("phase()")).isEqualTo("waiting");
    }
}
