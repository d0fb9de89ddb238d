package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.postgres.internal.cursor.CursorCodec;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.cursor.SnapshotReader;
import dev.pbp.postgres.internal.log.LogPage;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.postgres.internal.log.LogTail;
import dev.pbp.postgres.internal.log.Transaction;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/**
 * The feed's thread. It waits as long as the {@link PollSchedule} says or until it is woken, reads what is new in the log,
 * and publishes that to the {@link FeedSubscribers}.
 *
 * <p>Safe for use by any number of threads.
 */
public final class FeedLoop implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FeedLoop.class.getName());
    private static final long PAGE_BYTES = 8L << 20;
    private static final long BUFFER_BYTES = 4 * PAGE_BYTES;
    /** So many such buffers would fill the memory. */
    private static final int BUFFER_SHARE = 4;

    private static final long WAYPOINT_BYTES = PAGE_BYTES / 4;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final DataSource source;
    private final CursorCodec cursors;
    private final LogReader log;
    private final long bufferBytes;
    private final FeedSubscribers subscribers;
    private final PollSchedule schedule;
    private final FeedStatus status = new FeedStatus();
    private final FeedHistory history;
    private final Semaphore wakeUp = new Semaphore(0);
    private final AtomicBoolean unsettled = new AtomicBoolean();
    private final AtomicBoolean cutOff = new AtomicBoolean(); // for a while, and this may be another server now
    private final Thread thread = new Thread(this::run, "pbp-feed");
    private volatile boolean closed;
    private long unmarked; // bytes read since the last waypoint; the feed's thread alone
    private long marked; // the transaction where it was set

    /**
     * Begins at the present end of the log.
     *
     * @param flag the flag by which this node spares the writers their notifications
     * @param heartbeat how often to read the log while nothing notifies
     * @param memory where counts what is kept of the log
     * @throws SQLException if the log cannot be read
     */
    public FeedLoop(DataSource source, CursorCodec cursors, PollingFlag flag, Duration heartbeat, MemoryBudget memory)
            throws SQLException {
        this.bufferBytes = Math.min(BUFFER_BYTES, memory.limit() / BUFFER_SHARE);
        this.source = source;
        this.cursors = cursors;
        this.log = new LogReader(source, PAGE_BYTES);
        this.subscribers = new FeedSubscribers(log, cursors, emptyBuffer(), memory);
        this.history = new FeedHistory(LogTail.read(source));
        this.schedule = new PollSchedule(flag, this::readNew, heartbeat, System::nanoTime);
        schedule.prepared(allowsPreparedTransactions());
    }

    /** Starts the thread. */
    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends the present pause: a writer has notified. */
    public void wakeUp() {
        wakeUp.release();
    }

    /** Ends the present pause, and polls for a while: another node may have raised the flag. */
    public void settleAgain() {
        unsettled.set(true);
        wakeUp.release();
    }

    /** Notifications may have been lost, and this may be another server now. */
    public void connectionLost() {
        cutOff.set(true);
        settleAgain();
    }

    /** Whether the thread waits for a notification or the heartbeat. */
    public boolean isIdle() {
        return schedule.isIdle();
    }

    /** Whether the thread runs. An error of the process, such as a full heap, ends it. */
    public boolean isRunning() {
        return thread.isAlive();
    }

    /** The feed's subscribers. */
    public FeedSubscribers subscribers() {
        return subscribers;
    }

    /** What the thread has read. */
    public FeedStatus status() {
        return status;
    }

    /** The snapshots that the thread has passed: none until it has read once, and again where this became another database. */
    public FeedHistory history() {
        return history;
    }

    private void run() {
        boolean away = false;
        try {
            while (!closed) {
                wakeUp.tryAcquire((away ? RETRY : schedule.pause()).toMillis(), TimeUnit.MILLISECONDS);
                wakeUp.drainPermits();
                status.looking();
                if (unsettled.getAndSet(false)) {
                    schedule.settleAgain();
                }
                away = !poll(cutOff.getAndSet(false) || away);
                if (!away) {
                    status.caughtUp();
                }
            }
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "feed: stopped");
        } catch (Error e) {
            LOG.log(Level.ERROR, "feed: the thread ends", e);
            throw e;
        } finally {
            subscribers.close();
        }
    }

    /**
     * Reads the log once.
     *
     * @param away whether the server was away, so that this may be another one now, or have other settings
     * @return whether it could be read
     */
    private boolean poll(boolean away) {
        try {
            if (away && cursors.refresh()) {
                LOG.log(
                        Level.WARNING,
                        "feed: another server, timeline or database than before; every reader must refetch");
                history.clear();
                subscribers.startAnew(emptyBuffer(), true);
            }
            if (away) {
                schedule.prepared(allowsPreparedTransactions());
                schedule.settleAgain();
            }
            schedule.poll();
            return true;
        } catch (SQLException
                | RuntimeException e) { // whatever it is: a feed that stands still says so and tries again
            status.failed();
            LOG.log(
                    Level.WARNING,
                    "feed: cannot read the log, next try in " + RETRY.toSeconds() + " s: " + e.getMessage());
            return false;
        }
    }

    /** Reads what is new since the buffer's end, and hands it to the subscribers. */
    private PollSchedule.PollResult readNew() throws SQLException {
        Snapshot begin = subscribers.buffer().end();
        List<Transaction> transactions = new ArrayList<>();
        long size = 0;
        Position position = Position.at(begin);
        LogPage page;
        Instant takenBy;
        do {
            long asked = System.nanoTime();
            try {
                page = log.read(position, bufferBytes);
            } catch (MustRefetchException removed) {
                // This node slept longer than the log reaches back: each reader learns it when it catches up.
                return startAnew(transactions.size());
            }
            takenBy = page.at().plusNanos(System.nanoTime() - asked);
            status.read(page);
            if (history.isEmpty()) {
                history.add(page.at(), begin);
            }
            transactions.addAll(page.transactions());
            size += page.size();
            position = page.next();
            if (!page.complete() && size > bufferBytes) {
                return startAnew(
                        transactions.size()); // this node is too far behind: its readers catch up by themselves
            }
        } while (!page.complete());
        if (!transactions.isEmpty()) {
            subscribers.publish(new ChangeBuffer.Segment(begin, transactions, position.base()), bufferBytes);
            history.add(takenBy, position.base());
        }
        mark(position.base(), size);
        return new PollSchedule.PollResult(transactions.size(), page.snapshot());
    }

    /** Sets a waypoint when enough has been read since the last one. */
    private void mark(Snapshot passed, long size) throws SQLException {
        unmarked += size;
        if (unmarked > WAYPOINT_BYTES) {
            SnapshotReader.mark(source, passed, marked);
            marked = passed.xmax();
            unmarked = 0;
        }
    }

    private PollSchedule.PollResult startAnew(int transactions) throws SQLException {
        ChangeBuffer buffer = emptyBuffer();
        subscribers.startAnew(buffer, false);
        return new PollSchedule.PollResult(transactions, buffer.end());
    }

    private ChangeBuffer emptyBuffer() throws SQLException {
        Snapshot now = log.now();
        return ChangeBuffer.at(now, cursors.encode(Position.at(now)));
    }

    private boolean allowsPreparedTransactions() throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW max_prepared_transactions")) {
            row.next();
            return row.getInt(1) > 0;
        }
    }

    /** Stops the thread and ends every subscriber's wait. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        subscribers.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
