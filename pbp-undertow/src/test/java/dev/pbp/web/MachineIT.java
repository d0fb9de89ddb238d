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
    private static final int MILLIS = 30_000;

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
        assertThat(cells).hasSize(54);
        return cells.stream()
                .map(cell -> DynamicTest.dynamicTest(
                        cell.phase() + ", " + cell.event() + ": " + cell.next(), () -> assertFollows(cell)))
                .toList();
    }

    private static void assertFollows(Cell cell) {
        assertThat(page.evaluate("(phase) => begin(phase)", cell.phase())).isEqualTo(cell.phase());
        if (cell.event().equals(TIME)) {
            page.clock().runFor(MILLIS);
        } else {
            page.evaluate("(event) => happen(event)", cell.event());
        }
        // A message to one that is live tells nothing new.
        String expected = cell.next().equals(cell.phase()) ? "–" : cell.next();
        assertThat(page.evaluate("followed()")).isEqualTo(expected);
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
