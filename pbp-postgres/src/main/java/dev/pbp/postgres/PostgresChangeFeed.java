package dev.pbp.postgres;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Wait;
import dev.pbp.core.internal.FeedClock;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.notify.Gap;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationHub;
import dev.pbp.notify.NotificationListener;
import dev.pbp.notify.Subscription;
import dev.pbp.notify.SubscriptionOptions;
import dev.pbp.postgres.internal.cursor.CursorCodec;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.feed.FeedHistory;
import dev.pbp.postgres.internal.feed.FeedLoop;
import dev.pbp.postgres.internal.feed.SequencePollingFlag;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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
public final class PostgresChangeFeed implements ChangeFeed, FeedClock {
    /** The channel on which the triggers wake the feed. */
    public static final String CHANNEL = "pbp_changes";

    private static final Logger LOG = System.getLogger(PostgresChangeFeed.class.getName());
    /** As often as a hub asks by default whether its connection still works. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    /** Not 0: a time that bears it would look like one of a client's own clock. */
    private static final String NEXT_NODE =
            "SELECT CASE n WHEN 0 THEN nextval('pbp.node') ELSE n END FROM (SELECT nextval('pbp.node') OFFSET 0) drawn (n)";

    private final String name = UUID.randomUUID().toString();
    private final int node;
    private final CursorCodec cursors;
    private final FeedLoop loop;
    private volatile boolean closed;
    private @Nullable CompletableFuture<Subscription> subscription;

    private PostgresChangeFeed(DataSource source, Cursors cursors, Duration heartbeat, MemoryBudget memory)
            throws SQLException {
        this.cursors = cursors.codec();
        this.loop =
                new FeedLoop(source, this.cursors, new SequencePollingFlag(source, CHANNEL, name), heartbeat, memory);
        this.node = nextNode(source);
    }

    private static int nextNode(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(NEXT_NODE)) {
            row.next();
            return row.getInt(1);
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
        return start(source, cursors, hub, MemoryBudget.ofHeap());
    }

    /**
     * Starts the feed of a database within a budget of memory.
     *
     * @param source as above
     * @param cursors as above
     * @param hub as above
     * @param memory where counts what is kept of the log; may be shared with a site
     * @return the running feed
     * @throws SQLException if the log cannot be read
     */
    public static PostgresChangeFeed start(DataSource source, Cursors cursors, NotificationHub hub, MemoryBudget memory)
            throws SQLException {
        return start(source, cursors, hub, HEARTBEAT, memory);
    }

    /**
     * Starts the feed with another heartbeat.
     *
     * @param heartbeat how often a sleeping feed reads the log without having been notified
     */
    static PostgresChangeFeed start(DataSource source, Cursors cursors, NotificationHub hub, Duration heartbeat)
            throws SQLException {
        return start(source, cursors, hub, heartbeat, MemoryBudget.ofHeap());
    }

    private static PostgresChangeFeed start(
            DataSource source, Cursors cursors, NotificationHub hub, Duration heartbeat, MemoryBudget memory)
            throws SQLException {
        PostgresChangeFeed feed = new PostgresChangeFeed(source, cursors, heartbeat, memory);
        feed.loop.start();
        feed.listen(hub);
        return feed;
    }

    private void listen(NotificationHub hub) {
        NotificationListener listener = new NotificationListener() {
            @Override
            public void onNotification(Notification notification) {
                if (notification.payload().isEmpty()) {
                    loop.wakeUp(); // a writer
                } else if (!notification.payload().equals(name)) {
                    loop.settleAgain(); // another node that begins to poll
                }
            }

            @Override
            public void onGap(Gap gap) {
                loop.connectionLost();
            }
        };
        subscription =
                hub.listen(CHANNEL, listener, SubscriptionOptions.defaults().onReaderThread());
        subscription.whenComplete((active, failure) -> {
            if (failure != null && !closed) {
                LOG.log(Level.ERROR, "feed: LISTEN " + CHANNEL + " failed, changes will not be seen: " + failure);
            }
            loop.settleAgain(); // for what was committed before the LISTEN
        });
    }

    /** Whether it waits for a notification or its heartbeat. */
    boolean isIdle() {
        return loop.isIdle();
    }

    @Override
    public Cursor position() {
        return loop.subscribers().buffer().cursor();
    }

    @Override
    public Wait next(Cursor after, Filter filter) {
        return loop.subscribers().next(after, filter, false);
    }

    @Override
    public Wait nextPart(Cursor after, Filter filter) {
        return loop.subscribers().next(after, filter, true);
    }

    @Override
    public Optional<Instant> staleSince() {
        return loop.status().staleSince();
    }

    @Override
    public Instant lookedAt() {
        return loop.status().lookedAt();
    }

    @Override
    public Instant now() {
        return loop.status().now();
    }

    @Override
    public Past past(Instant time) {
        Optional<FeedHistory.Point> point = loop.history().at(time);
        return point.or(loop.history()::first)
                .map(found -> new Past(cursors.encode(Position.at(found.snapshot())), point.isPresent()))
                .orElseGet(() -> new Past(position(), false));
    }

    @Override
    public boolean mayHaveChanged(String table, Instant after) {
        return loop.history().mayHaveChanged(table, after);
    }

    @Override
    public int node() {
        return node;
    }

    /**
     * Whether the thread that reads the log runs. It ends when the feed is closed, or by an error of the process, such as a full
     * heap; then no change is read any more, and every wait ends with a {@link dev.pbp.core.feed.FeedException}.
     *
     * @return false if no change will be read any more
     */
    public boolean isRunning() {
        return loop.isRunning();
    }

    /**
     * For how long the feed has been looking for changes without having found them all: the time that a read of the log
     * takes or, while the database is away, since it went.
     *
     * @return zero while there is nothing to look for
     */
    public Duration behind() {
        return loop.status().behind();
    }

    /**
     * The transactions that the feed has read since its start.
     *
     * @return their number, ever rising
     */
    public long transactions() {
        return loop.status().transactions();
    }

    @Override
    public void close() {
        closed = true;
        CompletableFuture<Subscription> listening = subscription;
        if (listening != null && !listening.cancel(false) && !listening.isCompletedExceptionally()) {
            listening.join().close();
        }
        loop.close();
    }
}
