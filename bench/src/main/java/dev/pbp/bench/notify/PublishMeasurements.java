package dev.pbp.bench.notify;

import dev.pbp.notify.Publisher;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/** What is measured of publishing. */
final class PublishMeasurements {
    private static final String CHANNEL = "published";

    private final DataSource source;
    private final String url;

    PublishMeasurements(DataSource source, String url) {
        this.source = source;
        this.url = url;
    }

    private static String payload(int thread, long number) {
        return String.format("%04d%016d", thread, number) + "x".repeat(WorkerProcess.PAYLOAD_BYTES - 20);
    }

    /** What one thread does until time is over; how many are published. */
    private interface Work {
        long until(long end, int thread) throws Exception;
    }

    private static double[] rate(int threads, int millis, Work work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            long start = System.nanoTime();
            long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                counts.add(executor.submit(() -> work.until(end, thread)));
            }
            long total = 0;
            for (Future<Long> count : counts) {
                total += count.get();
            }
            return new double[] {total / ((System.nanoTime() - start) / 1e9)};
        } finally {
            executor.shutdown();
        }
    }

    /** Published per second by the group-committing publisher, so many calls of each thread under way. */
    double[] together(int threads, int millis, int underWay) throws Exception {
        try (Publisher publisher = Publisher.over(source)) {
            publisher.publish(CHANNEL, "connected").get(20, TimeUnit.SECONDS);
            return rate(threads, millis, (end, thread) -> {
                Semaphore room = new Semaphore(underWay);
                AtomicLong failed = new AtomicLong();
                long count = 0;
                while (System.nanoTime() < end) {
                    room.acquire();
                    publisher.publish(CHANNEL, payload(thread, count++)).whenComplete((done, failure) -> {
                        if (failure != null) {
                            failed.incrementAndGet();
                        }
                        room.release();
                    });
                }
                room.acquire(underWay);
                if (failed.get() > 0) {
                    throw new IllegalStateException(failed + " of " + count + " messages were not published");
                }
                return count;
            });
        }
    }

    /** Published per second in autocommit, a connection for each thread. */
    double[] autocommit(int threads, int millis) throws Exception {
        return rate(threads, millis, (end, thread) -> {
            try (Connection connection = DriverManager.getConnection(url);
                    PreparedStatement notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
                long count = 0;
                while (System.nanoTime() < end) {
                    notify.setString(1, CHANNEL);
                    notify.setString(2, payload(thread, count++));
                    notify.execute();
                }
                return count;
            }
        });
    }

    /** One message after the other, each from its call to its commit: p50 in µs. */
    double[] aloneThroughPublisher(int millis) throws Exception {
        DurationSamples latencies = new DurationSamples();
        try (Publisher publisher = Publisher.over(source)) {
            publisher.publish(CHANNEL, "connected").get(20, TimeUnit.SECONDS);
            alone(millis, latencies, payload -> {
                CompletableFuture<Void> published = publisher.publish(CHANNEL, payload);
                published.join();
            });
        }
        return new double[] {latencies.percentile(50) / 1e3};
    }

    /** The same in autocommit. */
    double[] aloneInAutocommit(int millis) throws Exception {
        DurationSamples latencies = new DurationSamples();
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
            alone(millis, latencies, payload -> {
                notify.setString(1, CHANNEL);
                notify.setString(2, payload);
                notify.execute();
            });
        }
        return new double[] {latencies.percentile(50) / 1e3};
    }

    private interface Publish {
        void publish(String payload) throws Exception;
    }

    private static void alone(int millis, DurationSamples latencies, Publish publish) throws Exception {
        long start = System.nanoTime();
        long warm = start + TimeUnit.MILLISECONDS.toNanos(millis / 4);
        long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
        long count = 0;
        for (long begin = start; begin < end; begin = System.nanoTime()) {
            String payload = payload(0, count++);
            long called = System.nanoTime();
            publish.publish(payload);
            if (called >= warm) {
                latencies.add(System.nanoTime() - called);
            }
        }
    }
}
