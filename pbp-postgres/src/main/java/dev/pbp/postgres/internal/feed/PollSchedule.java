package dev.pbp.postgres.internal.feed;

import dev.pbp.postgres.internal.cursor.Snapshot;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * When the feed reads the log, and when it may wait for a notification.
 *
 * <p><b>Idle</b>: it polls when a writer notifies, and at each heartbeat. So a lost notification delays a change no longer
 * than that. Under traffic it is <b>polling</b>: it polls every few milliseconds and holds up a flag that spares the writers
 * their NOTIFY. After a while without changes it takes the flag down and is <b>settling</b>: a writer that saw the flag up may
 * still be running. So it goes on polling, ever more seldom, until
 *
 * <ol>
 *   <li>a claim that another node announced before has run out, and the flag is seen down, and
 *   <li>every transaction that had drawn its id <em>by then</em> has ended.
 * </ol>
 *
 * A writer draws its transaction id before it reads the flag. If it saw the flag up, it read before (1), so it is among those
 * of (2): no change is missed. A node also settles after another node's claim, and after a loss of notifications.
 *
 * <p>Used by the feed's thread alone, but for {@link #isIdle}.
 */
final class PollSchedule {
    private static final Duration POLL = Duration.ofMillis(5);
    private static final Duration QUIET = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    /** What is taken for traffic: so many transactions in so much time. */
    private static final int BUSY_TRANSACTIONS = 10;

    private static final Duration BUSY_TIME = Duration.ofMillis(100);

    private enum Mode {
        IDLE,
        POLLING,
        SETTLING
    }

    /** Reads what is new. */
    interface LogPoll {
        /** The number of transactions that were new, and the snapshot up to which was read. */
        PollResult read() throws SQLException;
    }

    /**
     * The result of a poll.
     *
     * @param transactions how many were new
     * @param snapshot up to which was read, taken during this poll
     */
    record PollResult(int transactions, Snapshot snapshot) {}

    private final PollingFlag flag;
    private final LogPoll poll;
    private final Duration heartbeat;
    private final LongSupplier nanoTime;
    private boolean prepared;

    private volatile Mode mode = Mode.SETTLING; // written by the feed's thread, read by any
    private long since; // milliseconds: when the mode began, or while polling when something was last read
    private long claimed; // when the flag was last raised by this node
    private Duration pause = POLL;
    private long awaited; // while settling: all transactions below this one are awaited; 0 while (1) is not met
    private long busySince;
    private int busyCount;

    /**
     * Begins settling: something may have been committed before.
     *
     * @param heartbeat how often to poll while idle
     */
    PollSchedule(PollingFlag flag, LogPoll poll, Duration heartbeat, LongSupplier nanoTime) {
        this.flag = flag;
        this.poll = poll;
        this.heartbeat = heartbeat;
        this.nanoTime = nanoTime;
        this.since = millis();
        this.busySince = since;
    }

    /** Whether the server allows PREPARE TRANSACTION; such a writer cannot notify, so an idle node polls once a second. */
    void prepared(boolean allowed) {
        prepared = allowed;
    }

    /** How long to wait for a notification before the next {@link #poll}. */
    Duration pause() {
        return switch (mode) {
            case POLLING -> POLL;
            case SETTLING -> pause;
            case IDLE -> prepared ? LONGEST_PAUSE : heartbeat;
        };
    }

    boolean isIdle() {
        return mode == Mode.IDLE;
    }

    /** Another node may have raised the flag, or notifications were lost. */
    void settleAgain() {
        if (mode != Mode.POLLING) {
            settle();
        }
    }

    /** The next poll, after a notification or when the pause is over. */
    void poll() throws SQLException {
        switch (mode) {
            case IDLE -> count(poll.read().transactions());
            case POLLING -> keepPolling();
            case SETTLING -> keepSettling();
        }
    }

    private void keepPolling() throws SQLException {
        int transactions = poll.read().transactions();
        long now = millis();
        if (transactions > 0) {
            since = now;
            if (now - claimed > PollingFlag.CLAIM.toMillis() / 2) {
                flag.claim();
                claimed = now;
            }
        } else if (now - since > QUIET.toMillis()) {
            flag.drop();
            settle();
        }
    }

    private void settle() {
        mode = Mode.SETTLING;
        since = millis();
        pause = POLL;
        awaited = 0;
    }

    private void keepSettling() throws SQLException {
        if (flag.isUp()) {
            startPolling(); // another node polls, so that no NOTIFY comes: poll together
        } else if (awaited == 0 && millis() - since >= PollingFlag.CLAIM.toMillis()) {
            awaited = flag.newestTransaction();
        }
        PollResult seen = poll.read();
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        count(seen.transactions());
        if (mode == Mode.SETTLING && awaited != 0 && seen.snapshot().xmin() >= awaited) {
            mode = Mode.IDLE;
        }
    }

    private void count(int transactions) throws SQLException {
        long now = millis();
        if (now - busySince > BUSY_TIME.toMillis()) {
            busySince = now;
            busyCount = 0;
        }
        busyCount += transactions;
        if (busyCount >= BUSY_TRANSACTIONS && mode != Mode.POLLING) {
            flag.claim();
            claimed = now;
            startPolling();
        }
    }

    /** Since some moment in the past; it does not follow the wall clock when that is set. */
    private long millis() {
        return nanoTime.getAsLong() / 1_000_000;
    }

    private void startPolling() {
        mode = Mode.POLLING;
        since = millis();
    }
}
