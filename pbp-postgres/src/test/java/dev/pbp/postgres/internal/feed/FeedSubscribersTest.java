package dev.pbp.postgres.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Operation;
import dev.pbp.core.feed.Wait;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.core.model.Comparison.Operator;
import dev.pbp.postgres.internal.cursor.CursorCodec;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.postgres.internal.view.CompiledView;
import dev.pbp.postgres.internal.view.RowCondition;
import dev.pbp.postgres.internal.view.ValueType;
import dev.pbp.testing.Evidence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class FeedSubscribersTest {
    private static final Filter T = Filter.tables("t");
    private static final long CAPACITY = 1000;

    private final CursorCodec cursors =
            new CursorCodec(new PGSimpleDataSource(), new SecretKeySpec(new byte[] {1}, "HmacSHA256"));
    private final AtomicReference<Runnable> whileLooking = new AtomicReference<>(() -> {});
    private final FeedSubscribers subscribers = new FeedSubscribers(
            new LogReader(new PGSimpleDataSource(), 1),
            cursors,
            bufferThatIsSlowToLookAt(),
            new MemoryBudget(1L << 30));

    /** A buffer with a segment of another table; what {@code whileLooking} does happens while a reader looks at that segment. */
    private ChangeBuffer bufferThatIsSlowToLookAt() {
        ChangeBuffer.Segment segment = segment("10:10:", 10, "other");
        ChangeBuffer buffer =
                ChangeBuffer.at(segment.begin(), cursor("10:10:")).with(segment, cursor("11:11:"), CAPACITY);
        return new ChangeBuffer(buffer.start(), buffer.segments(), buffer.at(), buffer.cursor(), new HashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            public Batch computeIfAbsent(Filter filter, Function<? super Filter, ? extends Batch> function) {
                Batch batch = super.computeIfAbsent(filter, function);
                whileLooking.getAndSet(() -> {}).run();
                return batch;
            }
        });
    }

    private Cursor cursor(String snapshot) {
        return cursors.encode(Position.at(Snapshot.parse(snapshot)));
    }

    private static ChangeBuffer.Segment segment(String begin, long xid, String table) {
        Change change = new Change(table, Operation.INSERT, "{}", null, "{}", Long.toString(xid));
        Transaction transaction = new Transaction(xid, xid, List.of(change), Set.of(), 10);
        return new ChangeBuffer.Segment(
                Snapshot.parse(begin), List.of(transaction), Snapshot.parse((xid + 1) + ":" + (xid + 1) + ":"));
    }

    @AfterEach
    void close() {
        subscribers.close();
    }

    @Test
    @Evidence(
            guarantee = "wake-up",
            claim = "A change that comes just as a reader begins to wait is not missed",
            how = "the reader waits only if the window is still the one it looked at",
            brokenOnce = "FeedSubscribers.park: `buffer != seen` not asked")
    void aSegmentThatComesWhileAReaderIsAboutToWaitIsNotMissed() {
        whileLooking.set(() -> subscribers.publish(segment("11:11:", 11, "t"), CAPACITY));
        Wait wait = subscribers.next(cursor("10:10:"), T, false);
        assertThat(wait.batch()).isCompleted();
        assertThat(wait.batch().join().changes()).hasSize(1);
    }

    @Test
    void aReleasedReaderIsGivenTheNewestCursorThatMissesNothing() {
        Wait wait = subscribers.next(cursor("10:10:"), T, false);
        subscribers.publish(segment("11:11:", 11, "other"), CAPACITY);
        wait.release();
        assertThat(wait.batch().join()).isEqualTo(new Batch(cursor("12:12:"), List.of()));
    }

    private static Filter view(ValueType type, Comparable<?> value) {
        RowCondition condition = new RowCondition("v", false, Operator.EQ, type, Set.of(value));
        return new Filter(
                Set.of(),
                List.of(new CompiledView(new CompiledView.Rows("t", Set.of(condition), null), null, List.of())));
    }

    private static ChangeBuffer.Segment segment(String begin, long xid, String oldRow, String newRow) {
        Change change = new Change("t", Operation.UPDATE, "{\"id\":1}", oldRow, newRow, Long.toString(xid));
        return new ChangeBuffer.Segment(
                Snapshot.parse(begin),
                List.of(new Transaction(xid, xid, List.of(change), Set.of(), 10)),
                Snapshot.parse((xid + 1) + ":" + (xid + 1) + ":"));
    }

    @Test
    @Evidence(
            guarantee = "slow-clients",
            claim = "Of 100,000 views, each of another value, a change looks up its old and its new one",
            brokenOnce = "WaitingReads.register: views among the readers of each change")
    void aViewOfOneValueIsFoundByIt() {
        List<Wait> waits = new ArrayList<>();
        for (long value = 0; value < 100_000; value++) {
            waits.add(subscribers.next(cursor("11:11:"), view(ValueType.BIGINT, value), false));
        }
        subscribers.publish(segment("11:11:", 11, "{\"v\":7}", "{\"v\":99999}"), CAPACITY);
        assertThat(subscribers.lookUps()).isEqualTo(2);
        assertThat(subscribers.waiting()).isEqualTo(99_998);
        assertThat(waits.get(7).batch().join().changes())
                .containsExactly(new Change("t", Operation.DELETE, "{\"id\":1}", "{\"v\":7}", null, "11"));
        assertThat(waits.get(99_999).batch().join().changes())
                .containsExactly(new Change("t", Operation.INSERT, "{\"id\":1}", null, "{\"v\":99999}", "11"));
        subscribers.publish(segment("12:12:", 12, "{\"v\":1}", "{\"v\":1}"), CAPACITY);
        assertThat(subscribers.lookUps()).isEqualTo(3);
        assertThat(waits.get(1).batch().join().cursor()).isEqualTo(cursor("13:13:"));
        assertThat(waits.get(1).batch().join().changes())
                .as("from where it waited, past what did not concern it")
                .hasSize(1);
        waits.get(2).release();
        assertThat(waits.get(2).batch().join()).isEqualTo(new Batch(cursor("13:13:"), List.of()));
    }

    @Test
    void aViewWhoseTableIsAlteredMustRefetch() {
        Wait wait = subscribers.next(cursor("11:11:"), view(ValueType.BIGINT, 7L), false);
        Wait other = subscribers.next(cursor("11:11:"), view(ValueType.TEXT, "x"), false);
        subscribers.publish(segment("11:11:", 11, "{\"v\":\"y\"}", "{\"v\":\"z\"}"), CAPACITY);
        assertThatThrownBy(() -> wait.batch().join()).hasCauseInstanceOf(MustRefetchException.class);
        assertThat(other.batch()).isNotDone();
    }

    @Test
    void aCancelledReaderIsForgotten() {
        Wait wait = subscribers.next(cursor("11:11:"), T, false);
        assertThat(subscribers.waiting()).isEqualTo(1);
        wait.batch().cancel(false);
        assertThat(subscribers.waiting()).isZero();
    }

    @Test
    void afterClosingNobodyWaits() {
        Wait wait = subscribers.next(cursor("11:11:"), T, false);
        subscribers.close();
        assertThatThrownBy(() -> wait.batch().join()).hasCauseInstanceOf(FeedException.class);
        Wait late = subscribers.next(cursor("11:11:"), T, false);
        assertThatThrownBy(() -> late.batch().join()).hasCauseInstanceOf(FeedException.class);
    }

    private static ChangeBuffer.Segment large(String begin, long xid) {
        return new ChangeBuffer.Segment(
                Snapshot.parse(begin),
                List.of(Transaction.tooLarge(xid, xid, Set.of("t"))),
                Snapshot.parse((xid + 1) + ":" + (xid + 1) + ":"));
    }

    @Test
    @Evidence(
            guarantee = "large-transactions",
            claim =
                    "Readers of a table refetch at most once in 5 s for transactions that are not known row by row, and none waits longer",
            how = "the second is held back",
            brokenOnce = "FeedSubscribers.refetch: no delay")
    void theSecondRefetchOfATableIsHeldBackAndTheReaderCanStillBeReleased() {
        Wait first = subscribers.next(cursor("11:11:"), T, false);
        subscribers.publish(large("11:11:", 11), CAPACITY);
        assertThatThrownBy(() -> first.batch().join())
                .cause()
                .isInstanceOfSatisfying(
                        MustRefetchException.class,
                        must -> assertThat(must.tables()).containsExactly("t"));
        Wait second = subscribers.next(cursor("12:12:"), T, false);
        subscribers.publish(large("12:12:", 12), CAPACITY);
        assertThat(second.batch()).isNotDone();
        subscribers.publish(segment("13:13:", 13, "t"), CAPACITY);
        assertThat(second.batch()).isNotDone();
        Wait other = subscribers.next(cursor("12:12:"), T, false);
        assertThat(other.batch()).as("another reader at the same point").isNotDone();
        second.release();
        assertThat(second.batch().join()).isEqualTo(new Batch(cursor("12:12:"), List.of()));
        other.batch().cancel(false);
        assertThat(subscribers.waiting()).isZero();
        Wait late = subscribers.next(cursor("11:11:"), T, false);
        assertThat(late.batch()).as("one that comes from before the first").isCompletedExceptionally();
    }

    @Test
    @Evidence(guarantee = "large-transactions", brokenOnce = "FeedSubscribers.settleHeld: `held` not taken back")
    void aRefetchThatWasHeldBackIsDeliveredWhenItIsDue() throws Exception {
        subscribers.publish(large("11:11:", 11), CAPACITY);
        assertThat(subscribers.next(cursor("11:11:"), T, false).batch()).isCompletedExceptionally();
        subscribers.publish(large("12:12:", 12), CAPACITY);
        Wait held = subscribers.next(cursor("12:12:"), T, false);
        assertThatThrownBy(() -> held.batch().get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(MustRefetchException.class);
    }
}
