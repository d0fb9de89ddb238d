package dev.pbp.postgres.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A row of {@code k} is written as {@code a>b}, {@code >b} for an insert, {@code a>} for a delete; {@code /2} is its depth. */
@Evidence(
        guarantee = "order-per-row",
        claim = "A statement comes before the writes of its triggers",
        recordedAt = "OrderIT.aTriggerThatWritesAgainComesAfterTheStatementThatFiredIt")
class RowOrderTest {
    private long lsn;

    private LogRow row(String key, String text) {
        String[] parts = text.split("/", -1);
        int depth = parts.length > 1 ? Integer.parseInt(parts[1]) : 1;
        if (parts[0].equals("truncate") || parts[0].equals("refetch")) {
            return new LogRow(++lsn, depth, 0, "t", parts[0].substring(0, 1), null, null, null);
        }
        String[] states = parts[0].split(">", -1);
        String operation = states[0].isEmpty() ? "i" : states[1].isEmpty() ? "d" : "u";
        return new LogRow(++lsn, depth, 0, "t", operation, json(key), json(states[0]), json(states[1]));
    }

    private static @Nullable String json(String value) {
        return value.isEmpty() ? null : "{\"v\":\"" + value + "\"}";
    }

    private static String text(LogRow row) {
        return row.op().equals(LogRow.TRUNCATE) ? "truncate" : value(row.oldRow()) + ">" + value(row.newRow());
    }

    private static String value(@Nullable String json) {
        return json == null ? "" : json.substring(6, json.length() - 2);
    }

    private @Nullable String order(String... rows) {
        List<LogRow> ordered =
                RowOrder.of(Arrays.stream(rows).map(text -> row("k", text)).toList());
        return ordered == null
                ? null
                : String.join(" ", ordered.stream().map(RowOrderTest::text).toList());
    }

    @Test
    void whatFitsIsLeftAsItWasLogged() {
        assertThat(order(">a", "a>b", "b>c")).isEqualTo(">a a>b b>c");
    }

    @Test
    void aTriggersWriteComesAfterTheStatementThatFiredIt() {
        assertThat(order("a>b/2", ">a/1")).isEqualTo(">a a>b");
        assertThat(order("c>d/4", "b>c/3", "a>b/2", ">a/1")).isEqualTo(">a a>b b>c c>d");
    }

    @Test
    void whereTheEndIsElsewhereThanTheBeginningEveryOrderThatFitsWillDo() {
        assertThat(order("a>b/2", "b>a/2", "x>a/1")).isEqualTo("x>a a>b b>a");
    }

    @Test
    void aClosedChainAtOneDepthIsInTheOrderOfLogging() {
        assertThat(order("a>", ">a")).isEqualTo("a> >a");
        assertThat(order("a>b", "b>a")).isEqualTo("a>b b>a");
        assertThat(order(">a", "a>")).isEqualTo(">a a>");
    }

    @Test
    @Evidence(
            guarantee = "order-per-row",
            claim = "Where the order cannot be known, readers of that table alone must refetch",
            how = "a closed chain at mixed depths, a chain that does not fit, a deeper write before a TRUNCATE",
            brokenOnce = "RowOrder.trail: depths not compared")
    void aClosedChainAtMixedDepthsIsNotKnown() {
        assertThat(order("a>b/2", "b>a/1")).isNull();
    }

    @Test
    void whatIsNoChainIsNotKnown() {
        assertThat(order("a>b", "c>d")).isNull();
        assertThat(order("a>b", "a>c")).isNull();
        assertThat(order("a>b", "b>a", "c>d", "d>c")).isNull();
        assertThat(order("b>a", ">b", "a>", "c>c")).isNull();
    }

    @Test
    void truncateSplitsChains() {
        assertThat(order("a>b", "truncate", ">a")).isEqualTo("a>b truncate >a");
        assertThat(order("truncate", "a>b")).isNull();
        assertThat(order("truncate", "truncate", ">b", "b>")).isEqualTo("truncate truncate >b b>");
    }

    @Test
    void whatIsNotKnownBeforeATruncateIsLeftOut() {
        assertThat(order("refetch", "a>b", "truncate", ">a")).isEqualTo("truncate >a");
        assertThat(order("a>b/1", "c>d/1", "truncate/1")).isEqualTo("truncate");
        assertThat(order("truncate", "refetch")).isNull();
    }

    /** It was logged before the TRUNCATE whose trigger wrote it, and may have come after it. */
    @Test
    @Evidence(guarantee = "order-per-row", brokenOnce = "RowOrder.of: `deepest` not asked")
    void aDeeperWriteBeforeATruncateMayHaveComeAfterIt() {
        assertThat(order(">a/2", "truncate/1")).isNull();
        assertThat(order("refetch/2", "truncate/1")).isNull();
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            claim = "A log row without content makes the readers of its own table refetch and nothing else",
            how = "`LogRow.isChange`",
            brokenOnce = "RowOrder.of: `isChange` not asked")
    void aRowThatSaysNothingMakesItsTableUnknown() {
        List<LogRow> rows = List.of(
                new LogRow(1, 1, 0, "t", "i", null, null, "{}"),
                new LogRow(1, 1, 0, "t", "i", "{}", null, null),
                new LogRow(1, 1, 0, "t", "i", "{}", "{}", "{}"),
                new LogRow(1, 1, 0, "t", "u", "{}", null, "{}"),
                new LogRow(1, 1, 0, "t", "d", "{}", "{}", "{}"),
                new LogRow(1, 1, 0, "t", "d", "5", "{}", null),
                new LogRow(1, 1, 0, "t", "t", "{}", null, null),
                new LogRow(1, 1, 0, "t", "x", "{}", null, "{}"));
        assertThat(rows).allSatisfy(row -> assertThat(RowOrder.of(List.of(row))).isNull());
    }

    @Test
    void aReorderedRowTakesTheLogPositionOfItsPlace() {
        List<LogRow> ordered = RowOrder.of(List.of(row("k", "a>b/2"), row("other", ">x"), row("k", ">a/1")));
        assertThat(ordered).extracting(RowOrderTest::text).containsExactly(">a", ">x", "a>b");
        assertThat(ordered).extracting(LogRow::lsn).isSorted();
    }

    /** Each of a hundred thousand changes, in an order that makes a search go back often if it goes back at all. */
    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // also if no interrupt is heeded
    @Evidence(
            guarantee = "order-per-row",
            claim = "The order takes time in proportion to the rows, whatever a writer does",
            how = "a path through a graph, each edge once",
            brokenOnce = "RowOrder.openTrail: each step looks at all rows")
    void timeGrowsWithTheNumberOfRowsAlone() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            texts.add("a>" + i % 7 + "/2");
            texts.add(i % 7 + ">a/2");
        }
        Collections.shuffle(texts, new Random(1));
        texts.add("a>end/2");
        texts.add(">a/1");
        String ordered = order(texts.toArray(String[]::new));
        assertThat(ordered).startsWith(">a ").endsWith(" a>end");
    }
}
