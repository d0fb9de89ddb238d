package dev.pbp.push.access;

import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.push.connection.Transport;
import dev.pbp.push.http.Problem;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Admits clients that want to wait, up to the limits, and counts them by transport. Safe for use by any number of threads. */
public final class ClientLimiter {
    private static final int IPV6_NETWORK_BYTES = 8;
    private static final int LONGEST_RETRY_SECONDS = 10;

    /** About what one takes that waits, with the connection to it. */
    private static final long CLIENT_BYTES = 8 << 10;

    private final ClientLimits limits;
    private final MemoryBudget memory;
    private final AtomicInteger all = new AtomicInteger();
    private final Map<Transport, AtomicInteger> byTransport = new EnumMap<>(Transport.class);
    private final Map<Address, Integer> byAddress = new ConcurrentHashMap<>();

    /**
     * Has no client yet.
     *
     * @param limits the limits of this node
     * @param memory for the clients that wait
     */
    public ClientLimiter(ClientLimits limits, MemoryBudget memory) {
        this.limits = limits;
        this.memory = memory;
        for (Transport transport : Transport.values()) {
            byTransport.put(transport, new AtomicInteger());
        }
    }

    private record Address(byte[] bytes) {
        static @Nullable Address of(@Nullable InetAddress address) {
            if (address == null) {
                return null;
            }
            byte[] bytes = address.getAddress();
            return new Address(bytes.length > IPV6_NETWORK_BYTES ? Arrays.copyOf(bytes, IPV6_NETWORK_BYTES) : bytes);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Address that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /** A client that was admitted. Closing is idempotent. */
    public final class Admission implements AutoCloseable {
        private final Transport transport;
        private final @Nullable Address address;
        private boolean closed;

        private Admission(Transport transport, @Nullable Address address) {
            this.transport = transport;
            this.address = address;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                leave(transport, address);
            }
        }
    }

    /**
     * Admits a client.
     *
     * @param client its address; null if it has closed the connection
     * @param transport how it waits
     * @return to be closed once it waits no more
     * @throws Problem 429 if a limit is reached, 503 if there is no memory for another one
     */
    public Admission admit(@Nullable InetAddress client, Transport transport) {
        Address address = Address.of(client);
        if (all.incrementAndGet() > limits.all()) {
            all.decrementAndGet();
            throw rejection("the site: " + limits.all() + " clients wait already, more are not let in");
        }
        if (address != null && byAddress.merge(address, 1, Integer::sum) > limits.perAddress()) {
            leaveAddress(address);
            all.decrementAndGet();
            throw rejection("your address: " + limits.perAddress() + " clients wait from there already");
        }
        if (!memory.reserve(CLIENT_BYTES)) {
            if (address != null) {
                leaveAddress(address);
            }
            all.decrementAndGet();
            throw new Problem(503, "the site: memory for clients that wait is in use; try again later")
                    .retryAfter(retrySeconds());
        }
        count(transport).incrementAndGet();
        return new Admission(transport, address);
    }

    private static Problem rejection(String detail) {
        return new Problem(429, detail + "; try again later").retryAfter(retrySeconds());
    }

    private static int retrySeconds() {
        return 1 + ThreadLocalRandom.current().nextInt(LONGEST_RETRY_SECONDS);
    }

    private void leave(Transport transport, @Nullable Address address) {
        memory.release(CLIENT_BYTES);
        all.decrementAndGet();
        count(transport).decrementAndGet();
        if (address != null) {
            leaveAddress(address);
        }
    }

    private void leaveAddress(Address address) {
        byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    /**
     * The clients that wait at this moment.
     *
     * @param transport how they wait
     * @return their number
     */
    public int waiting(Transport transport) {
        return count(transport).get();
    }

    private AtomicInteger count(Transport transport) {
        return Objects.requireNonNull(byTransport.get(transport));
    }
}
