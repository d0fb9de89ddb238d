package dev.pbp.postgres.internal.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A row is written as {@code 3 i k}: the command, what happened, the key; {@code /2} is its depth. */
@Evidence(
        guarantee = "order-per-row",
        claim = "What one statement gives up comes before what it takes, also if it logs the INSERT first",
        how = "the numbers of its commands follow one another",
        brokenOnce = "TransactionBuilder.build: `StatementOrder` left out")
class StatementOrderTest {
    private static String order(String... texts) {
        List<LogRow> rows = new ArrayList<>();
        for (String text : texts) {
            String[] parts = text.split("[ /]", -1);
            int depth = parts.length > 3 ? Integer.parseInt(parts[3]) : 1;
            rows.add(new LogRow(rows.size(), depth, Long.parseLong(parts[0]), "t", parts[1], parts[2], null, null));
        }
        StatementOrder.correct(rows);
        assertThat(rows).extracting(LogRow::lsn).isSorted();
        return String.join(" ", rows.stream().map(row -> row.op() + row.key()).toList());
    }

    @Test
    void aStatementGivesUpAKeyBeforeItTakesIt() {
        assertThat(order("4 i k", "5 d k")).isEqualTo("dk ik");
        assertThat(order("4 i k", "4 i m", "5 d x", "6 d m", "6 d k")).isEqualTo("dk dm dx im ik");
        assertThat(order("4 d k", "5 i k")).isEqualTo("dk ik");
    }

    @Test
    void aLaterStatementIsACommandItself() {
        assertThat(order("4 i k", "6 d k")).isEqualTo("ik dk");
        assertThat(order("4 i k", "6 d x", "7 d k")).isEqualTo("ik dx dk");
    }

    /** As in a log that was copied. */
    @Test
    void commandsThatAreAllTheSameSayNothing() {
        assertThat(order("0 i k", "0 d k")).isEqualTo("ik dk");
    }

    @Test
    void anotherDepthIsAnotherStatement() {
        assertThat(order("4 i k/2", "5 d k")).isEqualTo("ik dk");
        assertThat(order("4 i k", "5 d k/2")).isEqualTo("ik dk");
    }
}
