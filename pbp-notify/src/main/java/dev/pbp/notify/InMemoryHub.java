package dev.pbp.notify;

import dev.pbp.notify.internal.delivery.HubSubscription;
import dev.pbp.notify.internal.delivery.NoObserver;
import dev.pbp.notify.internal.delivery.NotificationStream;
import dev.pbp.notify.internal.delivery.QueueMemory;
import dev.pbp.notify.internal.delivery.SubscriptionFuture;
import dev.pbp.notify.internal.delivery.SubscriptionHost;
import dev.pbp.notify.internal.payload.PayloadEncoding;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A hub without a server, for tests of code that uses one: the same queues, policies, order and gaps.
 *
 * <p>What a server adds is not there: {@link #send} delivers to this hub alone, and listening is active at once. Without an
 * executor, listeners run on the thread that sends, so that a test has nothing to wait for. Listeners and futures are called
 * without a lock. While one thread calls a listener, what other threads send to it waits for that thread, which goes on with it.
 */
public final class InMemoryHub implements NotificationSource {
    private final Host host;
    private final Map<String, List<HubSubscription>> channels = new HashMap<>();
    /** Calls of listeners and futures, which wait until the lock is free. */
    private final Queue<Runnable> calls = new ConcurrentLinkedQueue<>();

    private HubState state = HubState.LISTENING;
    private Instant lastAlive = Instant.now();

    /** A hub that calls listeners on the sending thread. */
    public InMemoryHub() {
        this(Runnable::run);
    }

    /**
     * A hub that calls listeners elsewhere.
     *
     * @param executor for subscriptions without an executor of their own
     */
    public InMemoryHub(Executor executor) {
        this.host = new Host(executor);
    }

    /**
     * Delivers as NOTIFY would.
     *
     * @param channel the channel's name
     * @param payload at most 7,999 bytes in PostgreSQL; not limited here
     */
    public void send(String channel, String payload) {
        send(Message.of(channel, payload));
    }

    /**
     * Delivers as publishing would; payloads arrive whole.
     *
     * @param message for a channel or a topic
     */
    public void send(Message message) {
        Payload payload = message.payload();
        synchronized (host) {
            if (state != HubState.LISTENING) {
                return; // as on a server: nothing is kept for listeners that are not connected
            }
            lastAlive = Instant.now();
            String text = payload.isBinary() ? Base64.getEncoder().encodeToString(payload.contents()) : payload.text();
            Topic topic = message.topic();
            String name = topic == null ? message.channel() : topic.name();
            Notification notification = new Notification(name, text, 0, lastAlive, payload.isBinary());
            channels.getOrDefault(key(name, topic), List.of())
                    .forEach(subscription -> subscription.offer(notification));
        }
        makeCalls();
    }

    private void makeCalls() {
        for (Runnable call = calls.poll(); call != null; call = calls.poll()) {
            call.run();
        }
    }

    /** A topic and a channel of the same name are two. */
    private static String key(String name, @Nullable Topic topic) {
        return topic == null ? name : topic.channel() + PayloadEncoding.TOPIC_SEPARATOR + name;
    }

    /** Loses the connection: what is sent from now on is lost. */
    public void disconnect() {
        synchronized (host) {
            if (state == HubState.LISTENING) {
                state = HubState.BACKING_OFF;
                all().forEach(subscription -> subscription.connectionLost(lastAlive));
            }
        }
    }

    /** Restores the connection: every subscription gets a gap. */
    public void reconnect() {
        synchronized (host) {
            if (state == HubState.BACKING_OFF) {
                state = HubState.LISTENING;
                all().forEach(HubSubscription::reportConnectionLoss);
                all().forEach(this::acknowledge);
            }
        }
        makeCalls();
    }

    private List<HubSubscription> all() {
        List<HubSubscription> all = new ArrayList<>();
        channels.values().forEach(all::addAll);
        return all;
    }

    private void acknowledge(HubSubscription subscription) {
        CompletableFuture<Subscription> promise = subscription.takeFuture();
        if (promise != null) {
            subscription.acknowledge();
            host.call(() -> {
                if (!promise.complete(subscription)) {
                    subscription.close();
                }
            });
        }
    }

    @Override
    public CompletableFuture<Subscription> listen(
            String channel, NotificationListener listener, SubscriptionOptions options) {
        Objects.requireNonNull(listener, "listener");
        Names.requireChannel(channel);
        HubSubscription subscription = HubSubscription.create(host, channel, null, listener, options);
        SubscriptionFuture promise = new SubscriptionFuture(subscription);
        host.subscribe(subscription, channel.getBytes(StandardCharsets.UTF_8), promise);
        return promise;
    }

    @Override
    public Flow.Publisher<NotificationEvent> publisher(String channel, SubscriptionOptions options) {
        return new NotificationStream(host, Names.requireChannel(channel), null, options);
    }

    @Override
    public NotificationSource topics(Topics topics) {
        return new TopicSource(this, host, topics);
    }

    @Override
    public HubState state() {
        synchronized (host) {
            return state;
        }
    }

    /** Ends all subscriptions and futures; does not wait for listeners on other threads. */
    @Override
    public void close() {
        List<HubSubscription> ending;
        synchronized (host) {
            ending = all();
            channels.clear();
            state = HubState.CLOSED;
        }
        for (HubSubscription subscription : ending) {
            CompletableFuture<Subscription> promise = subscription.future();
            if (promise != null) {
                promise.completeExceptionally(host.refusal());
            } else {
                subscription.end(null, () -> {});
            }
        }
        makeCalls();
    }

    private final class Host implements SubscriptionHost {
        private final Executor executor;
        private final QueueMemory memory =
                new QueueMemory(HubBuilder.DEFAULT_QUEUED_BYTES, action -> all().forEach(action), System::nanoTime);

        Host(Executor executor) {
            this.executor = executor;
        }

        /** There is no reader's thread: the one that sends calls the listener, after it has left the lock. */
        @Override
        public SubscriptionOptions adapt(SubscriptionOptions options) {
            return options.onReader()
                    ? options.withExecutor(Runnable::run)
                            .withCapacity(Integer.MAX_VALUE)
                            .withMaxBytes(Long.MAX_VALUE)
                    : options;
        }

        @Override
        public void call(Runnable call) {
            calls.add(call);
            if (!Thread.holdsLock(this)) {
                makeCalls();
            }
        }

        HubException refusal() {
            return new HubException("hub " + name() + ": closed (state=CLOSED); start a new one");
        }

        @Override
        public String name() {
            return "in-memory";
        }

        @Override
        public HubObserver observer() {
            return NoObserver.INSTANCE;
        }

        @Override
        public Executor executor() {
            return executor;
        }

        @Override
        public QueueMemory memory() {
            return memory;
        }

        @Override
        public void subscribe(HubSubscription subscription, byte[] channel, CompletableFuture<Subscription> promise) {
            synchronized (this) {
                if (state == HubState.CLOSED) {
                    promise.completeExceptionally(refusal());
                    return;
                }
                channels.computeIfAbsent(key(subscription.channel(), subscription.topic()), name -> new ArrayList<>())
                        .add(subscription);
                subscription.future(promise);
                if (state == HubState.LISTENING) {
                    acknowledge(subscription);
                }
            }
            makeCalls();
        }

        @Override
        public void left(HubSubscription subscription) {
            synchronized (this) {
                channels.computeIfPresent(key(subscription.channel(), subscription.topic()), (name, subscriptions) -> {
                    subscriptions.remove(subscription);
                    return subscriptions.isEmpty() ? null : subscriptions;
                });
            }
        }
    }
}
