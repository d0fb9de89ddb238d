package dev.pbp.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.cli.terminal.CommandException;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Operation;
import dev.pbp.core.model.Row;
import dev.pbp.testing.Evidence;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableReplicaTest {
    private final TableReplica held = new TableReplica(1000);

    private static Change change(Operation operation, int id, @Nullable String old, @Nullable String now) {
        return new Change("t", operation, key(id), old, now, "7");
    }

    private static String key(int id) {
        return "{\"id\" : " + id + "}";
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "`tail --check` reports a change that does not begin with the row held, and nothing else",
            brokenOnce = {
                "TableReplica.follow: the new row not taken over",
                "RowColumns.different: a missing column is not null"
            })
    void rowsAreComparedColumnByColumnWhateverTheirOrder() {
        held.hold("t", new Row(key(1), "{\"id\":1,\"a\":\"x,\\\"}\",\"b\":[1,{\"c\":\"]\"}]}"));
        assertThat(held.follow(change(
                        Operation.UPDATE,
                        1,
                        "{\"b\" : [1,{\"c\":\"]\"}],\"added\":null, \"a\":\"x,\\\"}\",\"id\":1}",
                        "{\"id\":1,\"n\":1.0}")))
                .isEmpty();
        assertThat(held.follow(change(Operation.UPDATE, 1, "{\"id\":1,\"n\":1.00,\"m\":{}}", "{\"id\":1}")))
                .hasValue("mismatch: table t, key {\"id\" : 1}: held {\"n\":1.0,\"m\":nothing},"
                        + " but the update of transaction 7 says that there was {\"n\":1.00,\"m\":{}}");
        assertThat(held.follow(change(Operation.DELETE, 1, "{\"id\":1}", null))).isEmpty();
        assertThat(held.follow(change(Operation.INSERT, 1, null, "{}"))).isEmpty();
        assertThat(held.follow(change(Operation.DELETE, 1, "{}", null))).isEmpty();
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "The rows that `tail --check` holds are bounded by bytes",
            brokenOnce = {"TableReplica.put: the limit not asked", "TableReplica.follow: a truncate gives nothing back"
            })
    void theBytesHeldAreBoundedAndGivenBack() {
        String row = "{\"v\":\"" + "x".repeat(250) + "\"}";
        for (int round = 0; round < 10; round++) {
            assertThat(held.follow(change(Operation.INSERT, 1, null, row))).isEmpty();
            assertThat(held.follow(change(Operation.UPDATE, 1, row, row))).isEmpty();
            assertThat(held.follow(change(Operation.DELETE, 1, row, null))).isEmpty();
            held.hold("t", new Row(key(1), row));
            held.hold("t", new Row(key(2), row));
            held.follow(new Change("t", Operation.TRUNCATE, null, null, null, "7"));
        }
        held.hold("t", new Row(key(1), row));
        held.hold("t", new Row(key(2), row));
        assertThatThrownBy(() -> held.hold("t", new Row(key(3), row)))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("table t")
                .hasMessageContaining("3 rows of this table")
                .hasMessageContaining("more than the limit of 1000");
        held.clear();
        held.hold("t", new Row(key(1), row));
    }
}
