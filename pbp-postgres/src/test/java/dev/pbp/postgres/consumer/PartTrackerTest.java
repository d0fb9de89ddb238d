package dev.pbp.postgres.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Operation;
import dev.pbp.testing.Evidence;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "handled-once",
        claim = "The end of a large transaction is known, also after a restart",
        how = "the open transaction is stored",
        brokenOnce = "PartTracker.open: always null")
class PartTrackerTest {
    private final List<String> calls = new ArrayList<>();
    private @Nullable String open;

    private final ChangeHandler handler = new ChangeHandler() {
        @Override
        public void changes(Connection connection, List<Change> changes) {
            calls.add("changes" + ids(changes));
        }

        @Override
        public void part(Connection connection, List<Change> changes, boolean last) {
            calls.add((last ? "last" : "part") + ids(changes));
        }

        @Override
        public void mustRefetch(Connection connection, Set<String> tables) {
            throw new AssertionError("no refetch here");
        }

        private List<String> ids(List<Change> changes) {
            return changes.stream().map(Change::txid).toList();
        }
    };

    /** A batch with changes of these transactions; what is open is stored in between, as a restart would find it. */
    private void batch(boolean more, String... txids) throws Exception {
        List<Change> changes = Arrays.stream(txids)
                .map(txid -> new Change("item", Operation.INSERT, "{}", null, "{}", txid))
                .toList();
        PartTracker parts = new PartTracker(open, new Batch(new Cursor("c"), changes, more));
        parts.deliver(handler, (Connection) java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> null));
        open = parts.open();
    }

    @Test
    void wholeTransactionsAreNoParts() throws Exception {
        batch(false, "1", "1", "2");
        assertThat(calls).containsExactly("changes[1, 1, 2]");
        assertThat(open).isNull();
    }

    @Test
    void aLargeTransactionEndsWithItsLastPart() throws Exception {
        batch(true, "1");
        batch(true, "1", "1");
        batch(false, "1");
        assertThat(calls).containsExactly("part[1]", "part[1, 1]", "last[1]");
        assertThat(open).isNull();
    }

    @Test
    void whatFollowsTheLastPartIsNotOfIt() throws Exception {
        batch(true, "1");
        batch(false, "1", "2", "3");
        assertThat(calls).containsExactly("part[1]", "last[1]", "changes[2, 3]");
    }

    @Test
    void aTransactionWhoseRestIsOfNoInterestEndsAllTheSame() throws Exception {
        batch(true, "1");
        batch(true);
        batch(false, "2");
        assertThat(calls).containsExactly("part[1]", "last[]", "changes[2]");
    }

    @Test
    void oneLargeTransactionMayFollowAnother() throws Exception {
        batch(true, "1");
        batch(true, "2");
        batch(false);
        assertThat(calls).containsExactly("part[1]", "last[]", "part[2]", "last[]");
    }
}
