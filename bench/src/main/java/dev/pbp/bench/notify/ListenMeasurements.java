package dev.pbp.bench.notify;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** What is measured of one way of listening. Each on a connection of its own. */
final class ListenMeasurements {
    private static final int DIGITS = 20;
    private static final String PADDING = "x".repeat(WorkerProcess.PAYLOAD_BYTES - DIGITS);
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Opens a new connection. */
    interface Opener {
        BenchListener open(boolean topics) throws Exception;
    }

    /** Lets the other side know how far we are, and waits for its answer where there is one. */
    interface Talk {
        void say(String text);

        void await() throws Exception;
    }

    private final Opener opener;
    private final String url;
    private final Talk talk;

    ListenMeasurements(Opener opener, String url, Talk talk) {
        this.opener = opener;
        this.url = url;
        this.talk = talk;
    }

    /** Waits until so many have come, by whatever threads. */
    private static final class Counter implements Consumer<String> {
        private final CountDownLatch done = new CountDownLatch(1);
        private final long expected;
        private final AtomicLong count = new AtomicLong();

        Counter(long expected) {
            this.expected = expected;
        }

        @Override
        public void accept(String payload) {
            if (count.incrementAndGet() == expected) {
                done.countDown();
            }
        }

        void await() throws Exception {
            if (!done.await(120, TimeUnit.SECONDS)) {
                throw new TimeoutException("not all of " + expected + " notifications have come within 120 s");
            }
        }
    }

    private static void listen(BenchListener listener, String channel, Consumer<String> payloads) throws Exception {
        listener.listen(channel, payloads).get(60, TimeUnit.SECONDS);
    }

    /**
     * From just before an autocommit NOTIFY to its listener: p50 and p99 in µs; p50 of the NOTIFY itself; and p50 from its end to the
     * listener.
     */
    double[] latency(int perSecond, int samples) throws Exception {
        int warmUp = perSecond / 5;
        int count = warmUp + samples;
        long[] begun = new long[count];
        long[] ended = new long[count];
        long[] received = new long[count];
        CountDownLatch done = new CountDownLatch(count);
        try (BenchListener listener = opener.open(false);
                Connection connection = DriverManager.getConnection(url);
                PreparedStatement notify = connection.prepareStatement("SELECT pg_notify('latency', ?)")) {
            listen(listener, "latency", payload -> {
                received[Integer.parseInt(payload, 0, DIGITS, 10)] = System.nanoTime();
                done.countDown();
            });
            long next = System.nanoTime();
            for (int i = 0; i < count; i++) {
                begun[i] = System.nanoTime();
                notify.setString(1, payload(i));
                notify.execute();
                ended[i] = System.nanoTime();
                next += 1_000_000_000L / perSecond;
                for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
            }
            if (!done.await(60, TimeUnit.SECONDS)) {
                throw new TimeoutException(done.getCount() + " notifications have not come within 60 s");
            }
        }
        DurationSamples latencies = new DurationSamples();
        DurationSamples statements = new DurationSamples();
        DurationSamples ownShares = new DurationSamples();
        for (int i = warmUp; i < count; i++) {
            latencies.add(received[i] - begun[i]);
            statements.add(ended[i] - begun[i]);
            ownShares.add(received[i] - ended[i]);
        }
        return new double[] {
            latencies.percentile(50) / 1e3,
            latencies.percentile(99) / 1e3,
            statements.percentile(50) / 1e3,
            ownShares.percentile(50) / 1e3
        };
    }

    private static String payload(long number) {
        return String.format("%020d", number) + PADDING;
    }

    /** Round trips a second: one NOTIFY to each subscription in turn, sent when the one before has arrived. */
    double[] roundTrips(int channels, int millis) throws Exception {
        Semaphore arrived = new Semaphore(0);
        try (BenchListener listener = opener.open(false);
                Connection connection = DriverManager.getConnection(url);
                PreparedStatement notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
            listenAll(listener, channels, payload -> arrived.release());
            long count = 0;
            long begin = System.nanoTime();
            for (long end = begin + TimeUnit.MILLISECONDS.toNanos(millis); System.nanoTime() < end; count++) {
                notify.setString(1, "channel-" + count % channels);
                notify.setString(2, payload(count));
                notify.execute();
                if (!arrived.tryAcquire(60, TimeUnit.SECONDS)) {
                    throw new TimeoutException("notification " + count + " has not come within 60 s");
                }
            }
            return new double[] {count * 1e9 / (System.nanoTime() - begin)};
        }
    }

    /** The CPU time in s that it takes to receive so many, which somebody sends after "listening". */
    double[] receive(int count) throws Exception {
        Counter counter = new Counter(count);
        try (BenchListener listener = opener.open(false)) {
            listen(listener, NotifyLoad.CHANNEL, counter);
            return received(counter);
        }
    }

    /** The same, spread over so many topics. */
    double[] receiveTopics(int count, int topics) throws Exception {
        Counter counter = new Counter(count);
        try (BenchListener listener = opener.open(true)) {
            List<CompletableFuture<?>> all = new ArrayList<>(topics);
            for (int i = 0; i < topics; i++) {
                all.add(listener.listen(NotifyLoad.topic(i), counter));
            }
            for (CompletableFuture<?> one : all) {
                one.get(60, TimeUnit.SECONDS);
            }
            return received(counter);
        }
    }

    private double[] received(Counter counter) throws Exception {
        long before = PROCESS.getProcessCpuTime();
        talk.say("listening");
        counter.await();
        return new double[] {(PROCESS.getProcessCpuTime() - before) / 1e9};
    }

    /** While the first notification is being looked at, more come; what it then holds at once, and the time in s for all. */
    double[] drain(int count) throws Exception {
        Counter counter = new Counter(count);
        CountDownLatch released = new CountDownLatch(1);
        AtomicInteger largest = new AtomicInteger();
        try (BenchListener listener = HubListener.observed(url, largest)) {
            listen(listener, NotifyLoad.CHANNEL, payload -> {
                try {
                    released.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                counter.accept(payload);
            });
            talk.say("listening");
            talk.await();
            long start = System.nanoTime();
            released.countDown();
            counter.await();
            return new double[] {largest.get(), (System.nanoTime() - start) / 1e9};
        }
    }

    /** From the call to the acknowledged LISTEN, one after the other: p50 and p99 in ms. */
    double[] subscribe(int samples, boolean flood) throws Exception {
        DurationSamples latencies = new DurationSamples();
        try (BenchListener listener = opener.open(false)) {
            if (flood) {
                listen(listener, NotifyLoad.CHANNEL, payload -> {});
                talk.say("listening");
                talk.await();
            }
            int warmUp = samples / 4;
            for (int i = 0; i < warmUp + samples; i++) {
                long start = System.nanoTime();
                listen(listener, "channel-" + i, payload -> {});
                if (i >= warmUp) {
                    latencies.add(System.nanoTime() - start);
                }
            }
        }
        return new double[] {latencies.percentile(50) / 1e6, latencies.percentile(99) / 1e6};
    }

    /** Until so many subscriptions are ready, in ms. */
    double[] listenMany(int channels) throws Exception {
        try (BenchListener listener = opener.open(false)) {
            long start = System.nanoTime();
            listenAll(listener, channels, payload -> {});
            return new double[] {(System.nanoTime() - start) / 1e6};
        }
    }

    private static void listenAll(BenchListener listener, int channels, Consumer<String> payloads) throws Exception {
        List<CompletableFuture<?>> all = new ArrayList<>(channels);
        for (int i = 0; i < channels; i++) {
            all.add(listener.listen("channel-" + i, payloads));
        }
        for (CompletableFuture<?> one : all) {
            one.get(60, TimeUnit.SECONDS);
        }
    }

    /** Heap after a collection, in bytes for each subscription. */
    double[] memory(int channels) throws Exception {
        listenMany(100); // what is loaded once is no subscription's
        try (BenchListener listener = opener.open(false)) {
            listen(listener, "first", payload -> {});
            long before = usedAfterCollection();
            listenAll(listener, channels, payload -> {});
            return new double[] {(double) (usedAfterCollection() - before) / channels};
        }
    }

    private static long usedAfterCollection() {
        Runtime runtime = Runtime.getRuntime();
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }

    /** CPU time in ms of listening to a channel on which nothing comes. */
    double[] idle(int seconds) throws Exception {
        try (BenchListener listener = opener.open(false)) {
            listen(listener, "idle", payload -> {});
            return idleCpu(seconds);
        }
    }

    static double[] idleCpu(int seconds) throws InterruptedException {
        TimeUnit.SECONDS.sleep(3); // what the start left to be done is over
        long before = PROCESS.getProcessCpuTime();
        TimeUnit.SECONDS.sleep(seconds);
        return new double[] {(PROCESS.getProcessCpuTime() - before) / 1e6};
    }
}
