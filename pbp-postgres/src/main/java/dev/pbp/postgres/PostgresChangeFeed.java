package dev.pbp.postgres;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.notify.Gap;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationHub;
import dev.pbp.notify.NotificationListener;
import dev.pbp.notify.Subscription;
import dev.pbp.notify.SubscriptionOptions;
import dev.pbp.postgres.internal.cursor.CursorCodec;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.cursor.SnapshotReader;
import dev.pbp.postgres.internal.feed.ChangeBuffer;
import dev.pbp.postgres.internal.feed.FeedStatus;
import dev.pbp.postgres.internal.feed.FeedSubscribers;
import dev.pbp.postgres.internal.feed.PollSchedule;
import dev.pbp.postgres.internal.feed.SequencePollingFlag;
import dev.pbp.postgres.internal.log.LogReader;
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
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The change feed over SQL. One thread sleeps until a notification says that something was committed, reads what is new,
 * and hands it to the readers who wait for it.
 *
 * <p>What was read last stays in a buffer of bounded size, from which readers are served; one who comes from further back
 * is served from the log by a small pool of threads, page by page. A notification only ever means "look": it may come
 * late, twice or, after a lost connection, as a gap; what is read is decided by snapshots alone.
 */
public final class PostgresChangeFeed implements ChangeFeed {
    /** The channel on which the triggers wake the feed. */
    public static final String CHANNEL = "pbp_changes";

    private static final Logger LOG = System.getLogger(PostgresChangeFeed.class.getName());
    private static final long PAGE_BYTES = 8L << 20;
    private static final long BUFFER_BYTES = 4 * PAGE_BYTES;
    private static final long WAYPOINT_BYTES = PAGE_BYTES / 4;
    private static final Duration RETRY = Duration.ofSeconds(1);
    /** As often as a hub asks by default whether its connection still works. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private final DataSource source;
    private final CursorCodec cursors;
    private final LogReader log;
    private final FeedSubscribers subscribers;
    private final PollSchedule schedule;
    private final String name = UUID.randomUUID().toString();
    private final int node;
    private final Semaphore wakeUp = new Semaphore(0);
    private final AtomicBoolean disturbed = new AtomicBoolean();
    private final AtomicBoolean cutOff = new AtomicBoolean(); // for a while, and this may be another server now
    private final Thread thread = new Thread(this::run, "pbp-feed");
    private volatile boolean closed;
    private final FeedStatus status = new FeedStatus();
    private long unmarked; // bytes read since the last waypoint; the feed's thread alone
    private long marked; // the transaction where it was set
    private @Nullable CompletableFuture<Subscription> subscription;

    private PostgresChangeFeed(DataSource source, Cursors cursors, Duration heartbeat) throws SQLException {
        this.source = source;
        this.cursors = cursors.codec();
        this.log = new LogReader(source, PAGE_BYTES);
        this.subscribers = new FeedSubscribers(log, this.cursors, emptyBuffer());
        this.node = (int) number(source, "SELECT nextval('pbp.node')");
        this.schedule = new PollSchedule(
                new SequencePollingFlag(source, CHANNEL, name), this::readNew, heartbeat, System::nanoTime);
        schedule.prepared(number(source, "SHOW max_prepared_transactions") > 0);
    }

    private static long number(DataSource source, String query) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    /**
     * Starts the feed of a database.
     *
     * @param source gives connections to it; the feed holds one while it reads, and up to three more while readers catch up
     * @param cursors the database's cursors, shared with the repositories
     * @param hub listens on the same database; it is not closed with the feed
     * @return the running feed
     * @throws SQLException if the log cannot be read
     */
    public static PostgresChangeFeed start(DataSource source, Cursors cursors, NotificationHub hub)
            throws SQLException {
        return start(source, cursors, hub, HEARTBEAT);
    }

    /**
     * Starts the feed with another heartbeat.
     *
     * @param heartbeat how often a sleeping feed reads the log without having been notified
     */
    static PostgresChangeFeed start(DataSource source, Cursors cursors, NotificationHub hub, Duration heartbeat)
            throws SQLException {
        PostgresChangeFeed feed = new PostgresChangeFeed(source, cursors, heartbeat);
        feed.thread.setDaemon(true);
        feed.thread.start();
        feed.listen(hub);
        return feed;
    }

    private void listen(NotificationHub hub) {
        NotificationListener listener = new NotificationListener() {
            @Override
            public void onNotification(Notification notification) {
                if (notification.payload().isEmpty()) {
                    wakeUp.release(); // a writer
                } else if (!notification.payload().equals(name)) {
                    disturb(); // another node that wakes up
                }
            }

            @Override
            public void onGap(Gap gap) {
                cutOff.set(true);
                disturb();
            }
        };
        subscription =
                hub.listen(CHANNEL, listener, SubscriptionOptions.defaults().onReaderThread());
        subscription.whenComplete((active, failure) -> {
            if (failure != null && !closed) {
                LOG.log(Level.ERROR, "feed: LISTEN " + CHANNEL + " failed, changes will not be seen: " + failure);
            }
            disturb(); // for what was committed before the LISTEN
        });
    }

    private void disturb() {
        disturbed.set(true);
        wakeUp.release();
    }

    /** Whether it sleeps until it is told, for as long as that takes. */
    boolean isIdle() {
        return schedule.isIdle();
    }

    @Override
    public Cursor position() {
        return subscribers.buffer().cursor();
    }

    @Override
    public Wait next(Cursor after, Filter filter) {
        return subscribers.next(after, filter, false);
    }

    @Override
    public Wait nextPart(Cursor after, Filter filter) {
        return subscribers.next(after, filter, true);
    }

    @Override
    public Instant lookedAt() {
        return status.lookedAt();
    }

    @Override
    public int node() {
        return node;
    }

    /**
     * For how long the feed has been looking for changes without having found them all: the time that a read of the log
     * takes or, while the database is away, since it went.
     *
     * @return zero while there is nothing to look for
     */
    public Duration behind() {
        return status.behind();
    }

    /**
     * The transactions that the feed has read since its start.
     *
     * @return their number, ever rising
     */
    public long transactions() {
        return status.transactions();
    }

    private void run() {
        boolean away = false;
        try {
            while (!closed) {
                wakeUp.tryAcquire((away ? RETRY : schedule.pause()).toMillis(), TimeUnit.MILLISECONDS);
                wakeUp.drainPermits();
                status.looking();
                if (disturbed.getAndSet(false)) {
                    schedule.settleAgain();
                }
                away = !turn(cutOff.getAndSet(false) || away);
                if (!away) {
                    status.caughtUp();
                }
            }
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "feed: stopped");
        }
    }

    /**
     * Looks at the log once.
     *
     * @param away whether the server was away, so that this may be another one now, or have other settings
     * @return whether it could be read
     */
    private boolean turn(boolean away) {
        try {
            if (away && cursors.refresh()) {
                LOG.log(
                        Level.WARNING,
                        "feed: another server, timeline or database than before; every reader must refetch");
                subscribers.startAnew(emptyBuffer(), true);
            }
            if (away) {
                schedule.prepared(number(source, "SHOW max_prepared_transactions") > 0);
                schedule.settleAgain();
            }
            schedule.poll();
            return true;
        } catch (SQLException
                | RuntimeException e) { // whatever it is: a feed that stands still says so and tries again
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
        LogReader.Page page;
        do {
            try {
                page = log.read(position, BUFFER_BYTES);
            } catch (MustRefetchException removed) {
                // This node slept longer than the log reaches back: each reader learns it when it catches up.
                return startAnew(transactions.size());
            }
            status.read(page);
            transactions.addAll(page.transactions());
            size += page.size();
            position = page.next();
            if (!page.complete() && size > BUFFER_BYTES) {
                return startAnew(
                        transactions.size()); // this node is too far behind: its readers catch up by themselves
            }
        } while (!page.complete());
        if (!transactions.isEmpty()) {
            subscribers.publish(new ChangeBuffer.Segment(begin, transactions, position.base()), BUFFER_BYTES);
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

    @Override
    public void close() {
        closed = true;
        CompletableFuture<Subscription> listening = subscription;
        if (listening != null && !listening.cancel(false) && !listening.isCompletedExceptionally()) {
            listening.join().close();
        }
        thread.interrupt();
        subscribers.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
