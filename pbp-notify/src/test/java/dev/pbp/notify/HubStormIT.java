package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/**
 * Subscribes and unsubscribes from 16 threads while numbers are sent, with a model of who must have got what: every number that
 * was sent after {@code listen} had completed and before {@code close} was called, in order, each once.
 */
@PostgresTest
final class HubStormIT {
    private static final int THREADS = 16;
    private static final int CHANNELS = 5;
    private static final int ROUNDS = 60;

    private final TestDatabase database;
    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    /** The last number whose sending has begun, and whose sending has ended, by channel. */
    private final AtomicIntegerArray begun = new AtomicIntegerArray(CHANNELS);

    private final AtomicIntegerArray ended = new AtomicIntegerArray(CHANNELS);

    HubStormIT(TestDatabase database) {
        this.database = database;
    }

    /** One subscription's life. */
    private final class Life implements NotificationListener {
        private final int channel;
        private final List<Integer> got = new ArrayList<>();
        private int wanted = Integer.MAX_VALUE;
        private final CompletableFuture<Void> enough = new CompletableFuture<>();

        Life(int channel) {
            this.channel = channel;
        }

        @Override
        public synchronized void onNotification(Notification notification) {
            got.add(Integer.parseInt(notification.payload()));
            check();
        }

        @Override
        public void onGap(Gap gap) {
            faults.add("a gap: " + gap);
        }

        private void check() {
            if (!got.isEmpty() && got.get(got.size() - 1) >= wanted) {
                enough.complete(null);
            }
        }

        private synchronized void want(int last) {
            wanted = last;
            check();
        }

        void live(NotificationHub hub, Random random) throws Exception {
            Subscription subscription = hub.listen("storm-" + channel, this).get(20, TimeUnit.SECONDS);
            int from = begun.get(channel) + 1; // sent after listen had completed
            int until = from + random.nextInt(4);
            if (random.nextInt(4) > 0) {
                want(until);
                enough.get(20, TimeUnit.SECONDS);
            }
            int sentBeforeClose = ended.get(channel);
            int seen;
            synchronized (this) {
                seen = got.isEmpty() ? 0 : got.get(got.size() - 1);
            }
            subscription.close();
            synchronized (this) {
                verify(from, Math.min(seen, sentBeforeClose));
            }
        }

        private void verify(int from, int last) {
            for (int i = 1; i < got.size(); i++) {
                if (got.get(i) != got.get(i - 1) + 1) {
                    faults.add("channel " + channel + ": " + got.get(i) + " after " + got.get(i - 1));
                }
            }
            if (!got.isEmpty() && got.get(0) > from) {
                faults.add("channel " + channel + ": began with " + got.get(0) + ", but " + from + " was due");
            }
            if (last >= from && (got.isEmpty() || got.get(got.size() - 1) < last)) {
                faults.add("channel " + channel + ": " + last + " is missing");
            }
        }
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "What is sent after `listen` has completed arrives",
            brokenOnce = "HubLoop.subscribe: acknowledged before the LISTEN")
    void subscribersThatComeAndGoGetExactlyWhatTheyMust() throws Exception {
        CompletableFuture<Void> stop = new CompletableFuture<>();
        try (NotificationHub hub = NotificationHub.builder(database.jdbcUrl())
                .heartbeat(Duration.ofDays(1), Duration.ofSeconds(5)) // a wake that gets lost stays lost
                .start()) {
            Thread sending = new Thread(() -> send(stop));
            sending.start();
            List<Thread> threads = new ArrayList<>();
            CyclicBarrier together = new CyclicBarrier(THREADS);
            for (int t = 0; t < THREADS; t++) {
                Random random = new Random(t);
                Thread thread = new Thread(() -> {
                    try {
                        together.await();
                        for (int round = 0; round < ROUNDS; round++) {
                            new Life(random.nextInt(CHANNELS)).live(hub, random);
                        }
                    } catch (Exception e) {
                        faults.add(e.toString());
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            stop.complete(null);
            sending.join();
        }
        assertThat(faults).isEmpty();
    }

    private void send(CompletableFuture<Void> stop) {
        try (Sender sender = new Sender(database)) {
            for (int number = 1; !stop.isDone(); number++) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    begun.set(channel, number);
                    sender.send("storm-" + channel, Integer.toString(number));
                    ended.set(channel, number);
                }
            }
        } catch (Exception e) {
            faults.add(e.toString());
        }
    }
}
