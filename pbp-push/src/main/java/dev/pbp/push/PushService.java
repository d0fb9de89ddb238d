package dev.pbp.push;

import dev.pbp.core.channel.Channels;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.core.model.Tables;
import dev.pbp.push.access.ClientLimiter;
import dev.pbp.push.access.ClientLimits;
import dev.pbp.push.access.PushAuthorizer;
import dev.pbp.push.access.PushStatistics;
import dev.pbp.push.access.SubscriptionGate;
import dev.pbp.push.connection.ClientConnection;
import dev.pbp.push.connection.PushExchange;
import dev.pbp.push.connection.Transport;
import dev.pbp.push.internal.subscriber.BatchEncoder;
import dev.pbp.push.internal.subscriber.ChangeSubscriber;
import dev.pbp.push.internal.subscriber.ChannelHistory;
import dev.pbp.push.internal.subscriber.StaleFeedReporter;
import dev.pbp.push.internal.subscriber.StalledClients;
import dev.pbp.push.internal.subscriber.Subscriber;
import dev.pbp.push.internal.subscriber.ViewPreparation;
import dev.pbp.push.timer.DeadPeerDetector;
import dev.pbp.push.timer.TimerWheel;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Pushes changes and notifications to the clients of one server. A server's adapter gives it requests as {@link PushExchange} and
 * connections as {@link ClientConnection}; which text is sent when is decided here.
 *
 * <p>Safe for use by any number of threads.
 */
public final class PushService implements AutoCloseable {
    private static final Duration SHUTDOWN_EACH = Duration.ofNanos(500_000); // 2,000 a second reconnect

    /** Clients that wait leave the rest for what is sent to them. */
    private static final double SHARE_OF_CLIENTS = 0.5;

    private final ChangeFeed feed;
    private final MemoryBudget memory;
    private final TimerWheel timers;
    private final DeadPeerDetector deadPeers;
    private final StaleFeedReporter staleFeed;
    private final ChannelHistory history;
    private final SubscriptionGate gate;
    private final @Nullable PushAuthorizer authorizer;
    private final @Nullable ViewPreparation views;
    private final ChangesEndpoint changes;
    private final ChannelsEndpoint channels;

    /**
     * What is offered, and to how many.
     *
     * @param tables whether a table's changes may be subscribed to; takes its name as in {@link dev.pbp.core.feed.Change#table()}
     * @param channels the NOTIFY channels that may be subscribed to
     * @param limits how many clients may wait
     * @param heartbeat the interval in which streams send a heartbeat, at most 100 seconds
     * @param memory what clients may make the server hold
     */
    public record Settings(
            Predicate<String> tables,
            Set<String> channels,
            ClientLimits limits,
            Duration heartbeat,
            MemoryBudget memory) {
        /** Copies. */
        public Settings {
            channels = Set.copyOf(channels);
        }
    }

    /**
     * Starts, and listens to the channels.
     *
     * @param settings what is offered
     * @param feed the changes; it is not closed with the service
     * @param channels the notifications; only those of the settings are listened to
     * @param authorizer closed with the service; null if everything may be pushed to every client
     * @param tables makes the views that clients ask for; null if there are none
     */
    public PushService(
            Settings settings,
            ChangeFeed feed,
            Channels channels,
            @Nullable PushAuthorizer authorizer,
            @Nullable Tables tables) {
        this.feed = feed;
        this.memory = settings.memory();
        this.authorizer = authorizer;
        timers = new TimerWheel(settings.heartbeat());
        ClientLimiter limiter = new ClientLimiter(settings.limits(), memory.part(SHARE_OF_CLIENTS));
        deadPeers = new DeadPeerDetector(timers, () -> limiter.waiting(Transport.EVENT_STREAM) > 0);
        staleFeed = new StaleFeedReporter(feed, timers);
        history = new ChannelHistory(
                channels, settings.channels(), ChannelHistory.Retention.within(memory), memory, Clock.systemUTC());
        gate = new SubscriptionGate(limiter, new PushStatistics(limiter, memory), authorizer);
        views = tables == null ? null : new ViewPreparation(tables, memory);
        changes = new ChangesEndpoint(
                new ChangeSubscriber.Source(feed, new BatchEncoder(memory), timers, gate, new StalledClients(timers)),
                settings.tables(),
                settings.limits().terms(),
                views);
        this.channels = new ChannelsEndpoint(history, timers, gate);
    }

    /**
     * Waits until all channels are listened to. The limit is not exceeded: the database may be unavailable.
     *
     * @param limit how long to wait at most
     */
    public void awaitListening(Duration limit) {
        history.awaitListening(limit);
    }

    /**
     * Begins to look for connections that are dead.
     *
     * @param port the port of the server
     */
    public void watchConnections(int port) {
        deadPeers.start(port);
    }

    /**
     * The change feed.
     *
     * @return handles requests to subscribe to it
     */
    public ChangesEndpoint changes() {
        return changes;
    }

    /**
     * The channels.
     *
     * @return handles requests to subscribe to them
     */
    public ChannelsEndpoint channels() {
        return channels;
    }

    /**
     * The feed that is pushed.
     *
     * @return as it was given
     */
    public ChangeFeed feed() {
        return feed;
    }

    /**
     * The memory that clients may make the server hold.
     *
     * @return for requests of the adapter too
     */
    public MemoryBudget memory() {
        return memory;
    }

    /**
     * Admits clients.
     *
     * @return for protocols that the adapter adds
     */
    public SubscriptionGate gate() {
        return gate;
    }

    /**
     * The timers of all clients.
     *
     * @return for protocols and requests of the adapter too
     */
    public TimerWheel timers() {
        return timers;
    }

    /**
     * Asks every client to reconnect, one after another.
     *
     * @param limit clients are asked within half of this time at most
     */
    public void shutDown(Duration limit) {
        List<TimerWheel.Timer> waiting = timers.all();
        Duration half = limit.dividedBy(2);
        Duration each = SHUTDOWN_EACH.multipliedBy(waiting.size());
        Duration spread = half.compareTo(each) < 0 ? half : each;
        waiting.forEach(client -> client.shutDown(spread));
    }

    /** Ends every subscription of a client whose credentials do not hold any more. Returns at once. */
    public void recheckAccess() {
        timers.all().forEach(TimerWheel.Timer::recheckAccess);
    }

    /**
     * When a client should reconnect that comes during a shutdown.
     *
     * @return one to five seconds, at random
     */
    public static Duration retryDelay() {
        return Subscriber.retryDelay();
    }

    /** Frees threads and ends listening. Connections are the adapter's to close. */
    @Override
    public void close() {
        deadPeers.close();
        staleFeed.close();
        timers.close();
        history.close();
        if (authorizer != null) {
            authorizer.close();
        }
        if (views != null) {
            views.close();
        }
    }
}
