package dev.pbp.postgres;

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

class ReadersTest {
    private static final Filter T = Filter.tables("t");
    private static final long CAPACITY = 1000;

    private final Cursors cursors =
            new Cursors(new PGSimpleDataSource(), new SecretKeySpec(new byte[] {1}, "HmacSHA256"));
    private final AtomicReference<Runnable> whileLooking = new AtomicReference<>(() -> {});
    private final Readers readers =
            new Readers(new LogReader(new PGSimpleDataSource(), 1), cursors, windowThatIsSlowToLookAt());

    /** A window with a step of another table; what {@code whileLooking} does happens while a reader looks at that step. */
    private Window windowThatIsSlowToLookAt() {
        Window.Step step = step("10:10:", 10, "other");
        Window window = Window.at(step.begin(), cursor("10:10:")).with(step, cursor("11:11:"), CAPACITY);
        return new Window(window.start(), window.steps(), window.at(), window.cursor(), new HashMap<>() {
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
        return cursors.at(Position.at(Snapshot.parse(snapshot)));
    }

    private static Window.Step step(String begin, long xid, String table) {
        Change change = new Change(table, Operation.INSERT, "{}", null, "{}", Long.toString(xid));
        Transaction transaction = new Transaction(xid, xid, List.of(change), Set.of(), 10);
        return new Window.Step(
                Snapshot.parse(begin), List.of(transaction), Snapshot.parse((xid + 1) + ":" + (xid + 1) + ":"));
    }

    @AfterEach
    void close() {
        readers.close();
    }

    @Test
    void aStepThatComesWhileAReaderIsAboutToWaitIsNotMissed() {
        whileLooking.set(() -> readers.publish(step("11:11:", 11, "t"), CAPACITY));
        Wait wait = readers.next(cursor("10:10:"), T, false);
        assertThat(wait.batch()).isCompleted();
        assertThat(wait.batch().join().changes()).hasSize(1);
    }

    @Test
    void aReleasedReaderIsGivenTheNewestCursorThatMissesNothing() {
        Wait wait = readers.next(cursor("10:10:"), T, false);
        readers.publish(step("11:11:", 11, "other"), CAPACITY);
        wait.release();
        assertThat(wait.batch().join()).isEqualTo(new Batch(cursor("12:12:"), List.of()));
    }

    @Test
    void aCancelledReaderIsForgotten() {
        Wait wait = readers.next(cursor("11:11:"), T, false);
        assertThat(readers.waiting()).isEqualTo(1);
        wait.batch().cancel(false);
        assertThat(readers.waiting()).isZero();
    }

    @Test
    void afterClosingNobodyWaits() {
        Wait wait = readers.next(cursor("11:11:"), T, false);
        readers.close();
        assertThatThrownBy(() -> wait.batch().join()).hasCauseInstanceOf(FeedException.class);
        Wait late = readers.next(cursor("11:11:"), T, false);
        assertThatThrownBy(() -> late.batch().join()).hasCauseInstanceOf(FeedException.class);
    }

    private static Window.Step large(String begin, long xid) {
        return new Window.Step(
                Snapshot.parse(begin),
                List.of(Transaction.tooLarge(xid, xid, Set.of("t"))),
                Snapshot.parse((xid + 1) + ":" + (xid + 1) + ":"));
    }

    @Test
    void theSecondRefetchOfATableIsHeldBackAndTheReaderCanStillBeReleased() {
        Wait first = readers.next(cursor("11:11:"), T, false);
        readers.publish(large("11:11:", 11), CAPACITY);
        assertThatThrownBy(() -> first.batch().join())
                .cause()
                .isInstanceOfSatisfying(
                        MustRefetchException.class,
                        must -> assertThat(must.tables()).containsExactly("t"));
        Wait second = readers.next(cursor("12:12:"), T, false);
        readers.publish(large("12:12:", 12), CAPACITY);
        assertThat(second.batch()).isNotDone();
        readers.publish(step("13:13:", 13, "t"), CAPACITY);
        assertThat(second.batch()).isNotDone();
        Wait other = readers.next(cursor("12:12:"), T, false);
        assertThat(other.batch()).as("another reader at the same point").isNotDone();
        second.release();
        assertThat(second.batch().join()).isEqualTo(new Batch(cursor("12:12:"), List.of()));
        other.batch().cancel(false);
        assertThat(readers.waiting()).isZero();
        Wait late = readers.next(cursor("11:11:"), T, false);
        assertThat(late.batch()).as("one that comes from before the first").isCompletedExceptionally();
    }

    @Test
    void aRefetchThatWasHeldBackIsDeliveredWhenItIsDue() throws Exception {
        readers.publish(large("11:11:", 11), CAPACITY);
        assertThat(readers.next(cursor("11:11:"), T, false).batch()).isCompletedExceptionally();
        readers.publish(large("12:12:", 12), CAPACITY);
        Wait held = readers.next(cursor("12:12:"), T, false);
        assertThatThrownBy(() -> held.batch().get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(MustRefetchException.class);
    }
}
