package dev.pbp.postgres.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "large-transactions",
        claim =
                "A reader that accepts parts gets a large transaction in parts of about 8 MB, in the order of its changes, and can resume on any node in the middle",
        recordedAt = "TransactionInPartsIT")
class LoggingOrderTest {
    private final LoggingOrder order = new LoggingOrder();

    private static LogRow row(String table, String op, int depth, @Nullable Object key) {
        String json = key == null ? null : "{\"id\":" + key + "}";
        return new LogRow(1, depth, 1, table, op, json, op.equals("i") ? null : json, op.equals("d") ? null : json);
    }

    private static LogRow truncate(String table) {
        return row(table, "t", 1, null);
    }

    @Test
    void oneChangeOfEachKeyIsInOrder() {
        for (int i = 0; i < 100_000; i++) {
            assertThat(order.accepts(row("a", "i", 1, i))).isTrue();
            assertThat(order.accepts(row("b", "d", 2, i))).isTrue();
        }
        assertThat(order.unknown()).isEmpty();
    }

    @Test
    void aKeyThatComesAgainIsForTheServerToCheck() {
        assertThat(order.accepts(row("a", "i", 1, 1))).isTrue();
        assertThat(order.accepts(row("a", "u", 1, 1))).isFalse();
    }

    @Test
    void afterATruncateKeysMayComeAgainButFromNothing() {
        assertThat(order.accepts(row("a", "d", 1, 1))).isTrue();
        assertThat(order.accepts(truncate("a"))).isTrue();
        assertThat(order.accepts(row("a", "i", 1, 1))).isTrue();
        assertThat(order.unknown()).isEmpty();
        assertThat(order.accepts(row("a", "u", 1, 2))).isTrue();
        assertThat(order.unknown()).containsExactly("a");
    }

    @Test
    void whatIsDeeperThanALaterTruncateMayHaveComeAfterIt() {
        assertThat(order.accepts(row("a", "i", 2, 1))).isTrue();
        assertThat(order.accepts(truncate("a"))).isTrue();
        assertThat(order.unknown()).containsExactly("a");
    }

    @Test
    void aRowThatSaysNothingMakesItsTableUnknown() {
        assertThat(order.accepts(row("a", "r", 1, null))).isTrue();
        assertThat(order.unknown()).containsExactly("a");
        assertThat(order.accepts(row("a", "i", 1, 1))).isTrue();
        assertThat(order.accepts(row("a", "i", 1, 1)))
                .as("nothing more is asked of it")
                .isTrue();
    }

    @Test
    void moreKeysThanItHoldsAreForTheServerToCheck() {
        int accepted = 0;
        while (order.accepts(row("a", "i", 1, accepted))) {
            accepted++;
        }
        assertThat(accepted).isBetween(1_000_000, 1_100_000);
    }
}
