package dev.pbp.web;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Cuts off clients whose network swallows everything, though nothing is asked of them that they could leave unanswered, as
 * on an event stream: what is sent to them is sent again and again by the kernel, which would go on for a quarter of an hour
 * ({@code net.ipv4.tcp_retries2}). Java has no option to shorten that, but Linux shows it. Elsewhere this does nothing.
 *
 * <p>One look at all connections, by one thread, every few seconds while such a client is there: the kernel writes out every
 * connection of the machine for it.
 */
final class DeadPeerDetector implements AutoCloseable {
    /** With a beat before and the wait for a second look, less than 30 seconds. */
    private static final Duration PERIOD = Duration.ofSeconds(6);

    /** The kernel waits twice as long each time: three times last seven times as long as an answer should take at most. */
    private static final int TOO_OFTEN = 3;

    private static final Logger LOG = System.getLogger(DeadPeerDetector.class.getName());

    private final TcpTable table;
    private final TimerWheel timers;
    private final BooleanSupplier needed;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "pbp-silence"));
    private Map<InetSocketAddress, Integer> before = Map.of(); // of the thread

    /** {@code needed} says whether there is somebody of whom nothing is asked. */
    DeadPeerDetector(TcpTable table, TimerWheel timers, BooleanSupplier needed) {
        this.table = table;
        this.timers = timers;
        this.needed = needed;
    }

    /**
     * Begins.
     *
     * @param port to which the clients are connected
     */
    void start(int port) {
        if (table.isThere()) {
            thread.scheduleWithFixedDelay(
                    () -> look(port), PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Who was silent at the last look, and is so still, is cut off. */
    void look(int port) {
        if (!needed.getAsBoolean()) {
            before = Map.of();
            return;
        }
        Map<InetSocketAddress, Integer> now;
        try {
            now = table.resent(port);
        } catch (IOException | RuntimeException e) { // whatever it is: without this look, TCP itself gives up some day
            LOG.log(Level.WARNING, "clients: cannot see which of them are silent: " + e.getMessage());
            now = Map.of();
        }
        Set<InetSocketAddress> silent = new HashSet<>();
        now.forEach((peer, times) -> {
            if (times >= Math.max(TOO_OFTEN, before.getOrDefault(peer, Integer.MAX_VALUE))) {
                silent.add(peer);
            }
        });
        before = now;
        if (!silent.isEmpty()) {
            timers.all().forEach(due -> due.dropIfAmong(silent));
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
