package dev.pbp.push.timer;

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
 * Closes connections whose network swallows everything, though no answer is expected on them, as on an event stream: the kernel
 * retransmits what is sent to them, and would go on for a quarter of an hour ({@code net.ipv4.tcp_retries2}). Java has no option
 * to shorten that, but Linux shows it. Elsewhere this does nothing.
 *
 * <p>One thread looks at all connections every few seconds while such a client is there: the kernel writes out every connection
 * of the machine for it.
 */
public final class DeadPeerDetector implements AutoCloseable {
    /** With a heartbeat before and the wait for a second look, less than 30 seconds. */
    private static final Duration PERIOD = Duration.ofSeconds(6);

    /** The kernel waits twice as long each time: three times last seven times as long as an answer should take at most. */
    private static final int MAX_RETRANSMISSIONS = 3;

    private static final Logger LOG = System.getLogger(DeadPeerDetector.class.getName());

    private final TcpTable table;
    private final TimerWheel timers;
    private final BooleanSupplier needed;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "pbp-dead-peers"));

    private Map<InetSocketAddress, Integer> before = Map.of(); // of the thread

    /**
     * Creates one that does not look yet.
     *
     * @param table the kernel's connections
     * @param timers of the clients
     * @param needed whether there is a client from which no answer is expected
     */
    DeadPeerDetector(TcpTable table, TimerWheel timers, BooleanSupplier needed) {
        this.table = table;
        this.timers = timers;
        this.needed = needed;
    }

    /**
     * Creates one for this machine that does not look yet.
     *
     * @param timers of the clients
     * @param needed whether there is a client from which no answer is expected
     */
    public DeadPeerDetector(TimerWheel timers, BooleanSupplier needed) {
        this(TcpTable.ofThisMachine(), timers, needed);
    }

    /**
     * Begins to look.
     *
     * @param port to which the clients are connected
     */
    public void start(int port) {
        if (table.isThere()) {
            thread.scheduleWithFixedDelay(
                    () -> look(port), PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Closes the connections that were dead at the last look, and still are. */
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
        Set<InetSocketAddress> dead = new HashSet<>();
        now.forEach((peer, times) -> {
            if (times >= Math.max(MAX_RETRANSMISSIONS, before.getOrDefault(peer, Integer.MAX_VALUE))) {
                dead.add(peer);
            }
        });
        before = now;
        if (!dead.isEmpty()) {
            timers.all().forEach(timer -> timer.abortIfPeerIn(dead));
        }
    }

    /** Stops looking. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
