package dev.pbp.notify;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The examples of docs/notify.md about listening; run by SnippetsIT. */
final class ListeningSnippets {
    private ListeningSnippets() {}

    /** Somebody's copy of what is in the database. */
    static final class Cache {
        final List<String> done = new java.util.concurrent.CopyOnWriteArrayList<>();

        void reload(String key) {
            done.add("reload " + key);
        }

        void reloadAll() {
            done.add("reload all");
        }

        void stop(@Nullable HubException cause) {
            done.add(cause == null ? "stopped" : cause.getMessage());
        }
    }

    static NotificationHub start(String url) {
        // @start region="start"
        NotificationHub hub = NotificationHub.builder(url).name("shop").start();
        // @end
        return hub;
    }

    static Subscription listen(NotificationHub hub, Cache cache) throws Exception {
        // @start region="listen"
        Subscription orders = hub.listen("orders", new NotificationListener() {
                    @Override
                    public void onNotification(Notification notification) {
                        cache.reload(notification.payload());
                    }

                    @Override
                    public void onGap(Gap gap) {
                        cache.reloadAll(); // some may be missing: look at the whole
                    }

                    @Override
                    public void onEnd(@Nullable HubException cause) {
                        cache.stop(cause); // null: the hub was closed
                    }
                })
                .get(); // LISTEN is active: what is committed from now on arrives
        cache.reloadAll();
        // @end
        return orders;
    }

    static CompletableFuture<Subscription> options(NotificationHub hub, NotificationListener listener, Executor pool) {
        // @start region="options"
        SubscriptionOptions options = SubscriptionOptions.defaults()
                .withCapacity(10_000)
                .withOverflow(OverflowPolicy.coalesce())
                .withExecutor(pool);
        CompletableFuture<Subscription> listening = hub.listen("orders", listener, options);
        // @end
        return listening;
    }

    static CompletableFuture<Notification> await(NotificationHub hub, Runnable startJob) {
        // @start region="await"
        CompletableFuture<Notification> finished = hub.await(
                "jobs",
                notification -> notification.payload().equals("17 done"),
                Duration.ofMinutes(1),
                startJob); // called once LISTEN is active, so that no answer is too early
        // @end
        return finished;
    }

    static void flow(NotificationHub hub, Flow.Subscriber<NotificationEvent> subscriber) {
        // @start region="flow"
        hub.publisher("orders", SubscriptionOptions.defaults()).subscribe(subscriber);
        // @end
    }

    static NotificationHub connection(String hosts, MeterRegistry registry) {
        // @start region="connection"
        // hosts: jdbc:postgresql://db1,db2/shop?targetServerType=primary&sslmode=verify-full
        NotificationHub hub = NotificationHub.builder(hosts)
                .name("shop")
                .user("shop")
                .backoff(Backoff.defaults().withAttempts(20)) // in a row; for ever if not set
                .heartbeat(Duration.ofSeconds(2), Duration.ofSeconds(3))
                .observer(new MicrometerObserver(registry, "shop"))
                .start();
        // @end
        return hub;
    }

    static List<String> fake() {
        Cache cache = new Cache();
        // @start region="fake"
        InMemoryHub hub = new InMemoryHub(); // listeners run on the thread that sends
        hub.listen("orders", notification -> cache.reload(notification.payload()));
        hub.send("orders", "17");
        hub.disconnect();
        hub.reconnect(); // every subscription gets a gap
        // @end
        return cache.done;
    }
}
