package dev.pbp.notify;

import dev.pbp.notify.internal.delivery.DeliveryExecutor;
import dev.pbp.notify.internal.delivery.HubSubscription;
import dev.pbp.notify.internal.delivery.NotificationStream;
import dev.pbp.notify.internal.delivery.SubscriptionFuture;
import dev.pbp.notify.internal.hub.HubLoop;
import dev.pbp.notify.internal.hub.HubSettings;
import dev.pbp.notify.internal.hub.HubStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Listens to any number of PostgreSQL NOTIFY channels over one connection.
 *
 * <p>What is sent on a channel after its {@link #listen(String, NotificationListener) listen} future has completed is delivered
 * in order, or a {@link Gap} reports possible loss: after the connection was lost, or when the subscription's queue was full.
 * PostgreSQL keeps no notifications: what is sent without a listener is lost, and a gap does not bring it back. PostgreSQL itself
 * merges equal notifications of one transaction.
 *
 * <p>Within a channel the order is PostgreSQL's. Across channels there is none: each subscription is delivered by itself, one
 * call at a time. A listener that hangs delays only itself.
 *
 * <p>All methods may be called from any thread. The hub has one thread for the connection and, unless it was given an executor,
 * a few for listeners; it connects in the background, and again whenever the connection is lost.
 */
public final class NotificationHub implements NotificationSource {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final HubSettings settings;
    private final HubStatus status;
    private final @Nullable DeliveryExecutor threads;
    private final HubLoop loop;

    NotificationHub(HubSettings settings) {
        this.settings = settings;
        this.status = new HubStatus(settings);
        this.threads = settings.executor() == null ? new DeliveryExecutor(settings.name()) : null;
        DeliveryExecutor own = threads;
        this.loop = own == null
                ? new HubLoop(settings, status, Objects.requireNonNull(settings.executor()), inTime -> {})
                : new HubLoop(settings, status, own, inTime -> own.stop(!inTime));
        loop.thread().start();
    }

    /**
     * A hub to be configured and started.
     *
     * @param jdbcUrl {@code jdbc:postgresql://host:port/database}, with several hosts and any of the driver's parameters
     * @return its builder
     */
    public static HubBuilder builder(String jdbcUrl) {
        return new HubBuilder(jdbcUrl);
    }

    @Override
    public CompletableFuture<Subscription> listen(
            String channel, NotificationListener listener, SubscriptionOptions options) {
        Objects.requireNonNull(listener, "listener");
        byte[] name = Names.requireChannel(channel).getBytes(StandardCharsets.UTF_8);
        HubSubscription subscription = HubSubscription.create(loop, channel, null, listener, options);
        SubscriptionFuture promise = new SubscriptionFuture(subscription);
        loop.subscribe(subscription, name, promise);
        return promise;
    }

    @Override
    public Flow.Publisher<NotificationEvent> publisher(String channel, SubscriptionOptions options) {
        return new NotificationStream(loop, Names.requireChannel(channel), null, options);
    }

    @Override
    public NotificationSource topics(Topics topics) {
        return new TopicSource(this, loop, topics);
    }

    @Override
    public HubState state() {
        return status.state();
    }

    /**
     * A hub to be configured and started, from a data source of the driver without a pool, such as PGSimpleDataSource.
     *
     * @param source its address, role and settings are taken; the hub connects by itself
     * @return its builder
     * @throws IllegalArgumentException the source is a pool, which would lend the hub a connection instead of giving it one
     */
    public static HubBuilder builder(DataSource source) {
        return new HubBuilder(source);
    }

    /**
     * Completes when the hub is connected for the first time. It fails at once where waiting cannot help: a wrong or missing
     * password, no TLS on the server or another certificate, a missing database or privilege, a pooler that shares sessions. The hub
     * goes on trying then; until it is connected, each {@code listen} fails as well.
     *
     * @return also fails if the hub gave up or was closed before
     */
    public CompletableFuture<Void> ready() {
        return status.ready().copy();
    }

    /**
     * Why the last attempt to connect failed, or why the connection was lost.
     *
     * @return empty if nothing has gone wrong so far
     */
    public Optional<HubException> lastFailure() {
        return Optional.ofNullable(status.lastFailure());
    }

    /**
     * Whether the hub waits in a socket of its own, which is the rule, or has to poll the driver, and has logged why.
     *
     * @return false if it polls: notifications arrive up to 10 ms later
     */
    public boolean isWakeable() {
        return loop.isWakeable();
    }

    /** As {@link #close(Duration)} with 5 seconds. */
    @Override
    public void close() {
        close(CLOSE_LIMIT);
    }

    /**
     * Stops listening, delivers what has arrived, ends all futures, and waits until the hub's threads have ended.
     *
     * <p>Called from one of the hub's own threads, that is from a listener, it begins all that and returns at once.
     *
     * @param limit after it what waits is dropped, and listeners still running on the hub's threads are interrupted; none if
     *     negative, and at most 365 days
     */
    public void close(Duration limit) {
        Duration wait = DurationLimits.clamp(limit);
        loop.close(wait);
        Thread current = Thread.currentThread();
        if (current == loop.thread() || threads != null && threads.isOwn(current)) {
            return;
        }
        awaitEnd(wait);
    }

    private void awaitEnd(Duration limit) {
        try {
            loop.thread().join(limit.toMillis() + 100);
            if (loop.thread().isAlive()) {
                loop.abort();
                loop.thread().join(1000);
            }
            if (loop.thread().isAlive()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "hub " + settings.name()
                                + ": closed, but its thread is still in a listener that does not return: "
                                + List.of(loop.thread().getStackTrace()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (threads != null) {
            List<Thread> left = threads.awaitEnd(Duration.ofSeconds(1));
            if (!left.isEmpty()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "hub " + settings.name() + ": closed, but listeners still run in " + left);
            }
        }
    }
}
