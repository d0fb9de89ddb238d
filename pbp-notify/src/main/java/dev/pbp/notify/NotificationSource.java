package dev.pbp.notify;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Predicate;

/**
 * A source of notifications: a {@link NotificationHub}, or an {@link InMemoryHub} in tests of code that uses one. Both pass the
 * same contract tests.
 */
public sealed interface NotificationSource extends AutoCloseable permits NotificationHub, InMemoryHub, TopicSource {
    /**
     * Subscribes with the default options.
     *
     * @param channel the channel's name as PostgreSQL knows it, 1 to 63 bytes; it is quoted, so case counts
     * @param listener called for each event
     * @return completes after the LISTEN is committed: what is sent after that arrives. Fails with {@link HubException} if the
     *     server refuses the channel or the connection for a reason that will last, or if the hub is closed; stays open while
     *     the server is away. Cancelling it ends the subscription.
     * @throws IllegalArgumentException the name cannot be a channel's
     */
    default CompletableFuture<Subscription> listen(String channel, NotificationListener listener) {
        return listen(channel, listener, SubscriptionOptions.defaults());
    }

    /**
     * Subscribes.
     *
     * @param channel the channel's name as PostgreSQL knows it, 1 to 63 bytes; it is quoted, so case counts
     * @param listener called for each event
     * @param options queue, policy and executor
     * @return as for {@link #listen(String, NotificationListener)}
     * @throws IllegalArgumentException the name cannot be a channel's
     */
    CompletableFuture<Subscription> listen(String channel, NotificationListener listener, SubscriptionOptions options);

    /**
     * The channel as a reactive stream. Each subscriber is a subscription of its own: it holds what was not asked for in its
     * queue, up to the capacity, and then the overflow policy counts. Ends when the hub is closed; fails if the server refuses
     * the channel, or the policy closes the subscription. Items are delivered on the options' executor.
     *
     * @param channel the channel's name, as for {@link #listen(String, NotificationListener)}
     * @param options queue, policy and executor; not on the reader's thread, which cannot wait for demand
     * @return notifications and gaps in order
     * @throws IllegalArgumentException the name cannot be a channel's, or delivery is on the reader's thread
     */
    Flow.Publisher<NotificationEvent> publisher(String channel, SubscriptionOptions options);

    /**
     * Waits for one notification. What was sent before the LISTEN is active is not seen: see {@link #await(String, Predicate,
     * Duration, Runnable)}.
     *
     * @param channel the channel's name, as for {@link #listen(String, NotificationListener)}
     * @param wanted says which one; what it throws fails the wait
     * @param timeout how long at most, from now; more than zero and at most 365 days
     * @return the first notification that is wanted. Fails with {@link java.util.concurrent.TimeoutException} when time is over,
     *     and with {@link HubException} if the wanted one may have been lost in a gap, or the hub is closed
     * @throws IllegalArgumentException the name cannot be a channel's, or the timeout is none
     */
    default CompletableFuture<Notification> await(String channel, Predicate<Notification> wanted, Duration timeout) {
        return await(channel, wanted, timeout, () -> {});
    }

    /**
     * Waits for the answer to something that must not be done before the LISTEN is active.
     *
     * @param channel the channel's name, as for {@link #listen(String, NotificationListener)}
     * @param wanted says which one; what it throws fails the wait
     * @param timeout how long at most, from now; more than zero and at most 365 days
     * @param onceListening what will cause the notification; what it throws fails the wait
     * @return as for {@link #await(String, Predicate, Duration)}
     * @throws IllegalArgumentException the name cannot be a channel's, or the timeout is none
     */
    default CompletableFuture<Notification> await(
            String channel, Predicate<Notification> wanted, Duration timeout, Runnable onceListening) {
        return new NotificationAwaiter(channel, wanted).start(this, timeout, onceListening);
    }

    /**
     * The same for topics: any number of logical names, of up to 1,024 bytes, over a few channels. Wherever a channel's name
     * is asked for there, it is a topic's.
     *
     * {@snippet file = "dev/pbp/notify/PublishingSnippets.java" region = "topics"}
     *
     * @param topics the channels to use: the publishers' own
     * @return a view of this source; to close it is to close this source
     */
    NotificationSource topics(Topics topics);

    /**
     * Returns what the hub is doing now; {@link HubObserver#onState} reports every change.
     *
     * @return the state
     */
    HubState state();

    /** Ends all subscriptions and futures. */
    @Override
    void close();
}
