package dev.pbp.push.access;

import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.push.connection.Transport;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what is sent to clients, in numbers that any metrics library can read. Safe for use by any number of threads.
 */
public final class PushStatistics {
    private final ClientLimiter limiter;
    private final MemoryBudget memory;
    private final Map<Transport, Counts> counts = new EnumMap<>(Transport.class);

    private static final class Counts {
        private final LongAdder messages = new LongAdder();
        private final LongAdder bytes = new LongAdder();
        private final LongAdder cutOff = new LongAdder();
    }

    /**
     * Begins with 0.
     *
     * @param limiter counts the clients
     * @param memory what is held for clients
     */
    public PushStatistics(ClientLimiter limiter, MemoryBudget memory) {
        this.limiter = limiter;
        this.memory = memory;
        for (Transport transport : Transport.values()) {
            counts.put(transport, new Counts());
        }
    }

    /**
     * The clients that wait at this moment.
     *
     * @param transport how they wait
     * @return their number
     */
    public int clients(Transport transport) {
        return limiter.waiting(transport);
    }

    /**
     * The batches and other messages that were handed to sockets.
     *
     * @param transport how they were sent
     * @return their number since the start
     */
    public long messages(Transport transport) {
        return of(transport).messages.sum();
    }

    /**
     * The size of these messages, without what the transport itself adds.
     *
     * @param transport how they were sent
     * @return bytes since the start
     */
    public long bytes(Transport transport) {
        return of(transport).bytes.sum();
    }

    /**
     * The clients whose connection was closed because they did not read or gave no sign of life.
     *
     * @param transport how they waited
     * @return their number since the start
     */
    public long cutOff(Transport transport) {
        return of(transport).cutOff.sum();
    }

    /**
     * The memory that is held for clients now: bodies of requests, rows and messages on their way, clients that wait, and what is kept
     * for them.
     *
     * @return bytes
     */
    public long memoryUsed() {
        return memory.used();
    }

    /**
     * The memory that may be held for clients.
     *
     * @return bytes
     */
    public long memoryLimit() {
        return memory.limit();
    }

    /**
     * How often something was rejected or had to wait since it would have taken too much memory.
     *
     * @return since the start
     */
    public long memoryRejected() {
        return memory.rejected();
    }

    /**
     * Counts a message.
     *
     * @param transport how it was sent
     * @param bytes its size
     */
    public void sent(Transport transport, long bytes) {
        Counts count = of(transport);
        count.messages.increment();
        count.bytes.add(bytes);
    }

    /**
     * Counts a client whose connection is closed because it did not read or gave no sign of life.
     *
     * @param transport how it waited
     */
    public void countCutOff(Transport transport) {
        of(transport).cutOff.increment();
    }

    private Counts of(Transport transport) {
        return Objects.requireNonNull(counts.get(transport));
    }
}
