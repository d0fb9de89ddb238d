package dev.pbp.postgres.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Operation;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.testing.Evidence;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChangeBufferTest {
    private static final Filter T = Filter.tables("t");
    private static final Cursor MINE = new Cursor("mine");
    private static final long CAPACITY = 10_000;

    private final ChangeBuffer buffer = ChangeBuffer.at(Snapshot.parse("10:10:"), new Cursor("w10"))
            .with(segment("10:10:", "13:13:", 10, 11, 12), new Cursor("w13"), CAPACITY)
            .with(segment("13:13:", "16:16:", 13, 14, 15), new Cursor("w16"), CAPACITY);

    private static ChangeBuffer.Segment segment(String begin, String end, long... xids) {
        List<Transaction> transactions = java.util.Arrays.stream(xids)
                .mapToObj(xid -> new Transaction(xid, xid, List.of(change(xid)), Set.of(), 100))
                .toList();
        return new ChangeBuffer.Segment(Snapshot.parse(begin), transactions, Snapshot.parse(end));
    }

    private static Change change(long xid) {
        return new Change(
                "t", Operation.INSERT, "{\"id\":" + xid + "}", null, "{\"id\":" + xid + "}", Long.toString(xid));
    }

    private static List<String> xids(Batch batch) {
        return batch.changes().stream().map(Change::txid).toList();
    }

    @Test
    void aReaderBetweenSegmentsGetsWhatFollows() {
        Batch batch = buffer.after(Snapshot.parse("13:13:"), MINE, T);
        assertThat(xids(batch)).containsExactly("13", "14", "15");
        assertThat(batch.cursor().value()).isEqualTo("w16");
    }

    @Test
    @Evidence(
            guarantee = "nothing-lost",
            claim = "No change comes twice, wherever within a step the reader's own snapshot lies",
            how = "each transaction is held against the reader's snapshot",
            brokenOnce = "ChangeBuffer.Segment.unseenBy: `sees` not asked")
    void aReaderWithinASegmentGetsOnlyWhatItHasNotSeen() {
        assertThat(xids(buffer.after(Snapshot.parse("11:13:11"), MINE, T))).containsExactly("11", "13", "14", "15");
        assertThat(xids(buffer.after(Snapshot.parse("14:16:14"), MINE, T))).containsExactly("14");
    }

    @Test
    void aReaderAheadOfTheBufferKeepsItsCursor() {
        Batch batch = buffer.after(Snapshot.parse("20:20:"), MINE, T);
        assertThat(batch.changes()).isEmpty();
        assertThat(batch.cursor()).isEqualTo(MINE);
    }

    @Test
    void aCursorThatWasGivenOutAMomentAgoIsKnown() {
        assertThat(buffer.positionOf(new Cursor("w16"))).isEqualTo(Position.at(Snapshot.parse("16:16:")));
        assertThat(buffer.positionOf(new Cursor("w13"))).isEqualTo(Position.at(Snapshot.parse("13:13:")));
        assertThat(buffer.positionOf(MINE)).isNull();
    }

    @Test
    void allWhoWaitForTheSameGetTheSameBatch() {
        Batch one = buffer.after(Snapshot.parse("13:13:"), MINE, T);
        assertThat(buffer.after(Snapshot.parse("13:13:"), new Cursor("other"), T))
                .isSameAs(one);
    }

    @Test
    void whatNoLongerFitsGoesAndItsReadersAreNotServedFromHere() {
        ChangeBuffer full = buffer.with(segment("16:16:", "17:17:", 16), new Cursor("w17"), 1300);
        assertThat(full.covers(Snapshot.parse("10:10:"))).isFalse();
        assertThat(full.covers(Snapshot.parse("12:13:12"))).isFalse();
        assertThat(full.covers(Snapshot.parse("13:13:"))).isTrue();
        assertThat(xids(full.after(Snapshot.parse("13:13:"), MINE, T))).containsExactly("13", "14", "15", "16");
    }

    @Test
    void aTransactionTooLargeToHoldConcernsTheReadersOfItsTablesAlone() {
        Transaction large = Transaction.tooLarge(16, 16, Set.of("big"));
        ChangeBuffer.Segment segment =
                new ChangeBuffer.Segment(Snapshot.parse("16:16:"), List.of(large), Snapshot.parse("17:17:"));
        ChangeBuffer with = buffer.with(segment, new Cursor("w17"), CAPACITY);
        assertThat(with.after(Snapshot.parse("16:16:"), MINE, T).changes()).isEmpty();
        assertThatThrownBy(() -> with.after(Snapshot.parse("16:16:"), MINE, Filter.tables("t", "big")))
                .isInstanceOf(TableRefetchException.class);
        assertThat(with.after(Snapshot.parse("17:17:"), MINE, Filter.tables("big"))
                        .changes())
                .isEmpty();
    }

    private static List<Change> matching(Transaction transaction, Filter filter) {
        return new ChangeMatcher(filter, rows -> new BitSet()).matching(transaction, 0);
    }

    @Test
    void aColumnsValueIsFoundWhateverItsTypeAndWherever() {
        String row = "{\"a\":{\"val\":\"x\"},\"n\":1.50,\"b\":true,\"nul\":null,\"val\":\"x\\\"y\"}";
        Transaction one = new Transaction(
                20, 20, List.of(new Change("t", Operation.INSERT, "{}", null, row, "20")), Set.of(), 10);
        assertThat(matching(one, Filter.tables("t.val=x\"y"))).hasSize(1);
        assertThat(matching(one, Filter.tables("t.n=1.50"))).hasSize(1);
        assertThat(matching(one, Filter.tables("t.b=true"))).hasSize(1);
        assertThat(matching(one, Filter.tables("t.val=x"))).isEmpty();
        assertThat(matching(one, Filter.tables("t.nul=null"))).isEmpty();
        assertThat(matching(one, Filter.tables("u"))).isEmpty();
        assertThat(matching(one, Filter.tables("u", "t.n=9", "t.b=true"))).hasSize(1);
    }

    @Test
    @Evidence(
            guarantee = "large-transactions",
            claim = "A client that is behind gets a page at a time",
            brokenOnce = "ChangeBuffer.after: the page's size not asked")
    void aReaderFarBehindGetsWholeSegmentsUpToAPage() {
        ChangeBuffer segments = ChangeBuffer.at(Snapshot.parse("10:10:"), new Cursor("w10"));
        for (int xid = 10; xid < 40; xid++) {
            List<Transaction> one = List.of(new Transaction(xid, xid, List.of(change(xid)), Set.of(), 100_000));
            segments = segments.with(
                    new ChangeBuffer.Segment(
                            Snapshot.parse(xid + ":" + xid + ":"),
                            one,
                            Snapshot.parse((xid + 1) + ":" + (xid + 1) + ":")),
                    new Cursor("w" + (xid + 1)),
                    100_000_000);
        }
        Batch first = segments.after(Snapshot.parse("10:10:"), MINE, T);
        assertThat(xids(first)).hasSize(11).endsWith("20");
        assertThat(first.cursor().value()).isEqualTo("w21");
        assertThat(xids(segments.after(Snapshot.parse("21:21:"), MINE, T))).startsWith("21");
    }
}
