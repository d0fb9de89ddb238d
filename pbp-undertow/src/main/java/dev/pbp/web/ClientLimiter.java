package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Lets clients in that want to wait, up to the limits, and counts them by the way they came. */
final class ClientLimiter {
    private static final int IPV6_NETWORK_BYTES = 8;
    private static final int LONGEST_RETRY_SECONDS = 10;

    private final Limits.Clients limits;
    private final AtomicInteger all = new AtomicInteger();
    private final Map<Way, AtomicInteger> byWay = new EnumMap<>(Way.class);
    private final Map<Address, Integer> byAddress = new ConcurrentHashMap<>();

    ClientLimiter(Limits.Clients limits) {
        this.limits = limits;
        for (Way way : Way.values()) {
            byWay.put(way, new AtomicInteger());
        }
    }

    private record Address(byte[] bytes) {
        static @Nullable Address of(HttpServerExchange exchange) {
            InetSocketAddress peer = exchange.getSourceAddress();
            InetAddress address = peer == null ? null : peer.getAddress();
            if (address == null) {
                return null; // gone already
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

    /** A client that was let in, until it is closed, as often as one likes. */
    final class Admission implements AutoCloseable {
        private final Way way;
        private final @Nullable Address address;
        private boolean closed;

        private Admission(Way way, @Nullable Address address) {
            this.way = way;
            this.address = address;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                leave(way, address);
            }
        }
    }

    /**
     * Lets a client in.
     *
     * @return to be closed when it is gone
     * @throws Problem 429 if there is no room
     */
    Admission admit(HttpServerExchange exchange, Way way) {
        Address address = Address.of(exchange);
        if (all.incrementAndGet() > limits.all()) {
            all.decrementAndGet();
            throw refusal("the site: " + limits.all() + " clients wait already, more are not let in");
        }
        if (address != null && byAddress.merge(address, 1, Integer::sum) > limits.perAddress()) {
            leaveAddress(address);
            all.decrementAndGet();
            throw refusal("your address: " + limits.perAddress() + " clients wait from there already");
        }
        count(way).incrementAndGet();
        return new Admission(way, address);
    }

    private static Problem refusal(String detail) {
        return new Problem(StatusCodes.TOO_MANY_REQUESTS, detail + "; try again later")
                .retryAfter(1 + ThreadLocalRandom.current().nextInt(LONGEST_RETRY_SECONDS));
    }

    private void leave(Way way, @Nullable Address address) {
        all.decrementAndGet();
        count(way).decrementAndGet();
        if (address != null) {
            leaveAddress(address);
        }
    }

    private void leaveAddress(Address address) {
        byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    /** How many came this way and are here now. */
    int waiting(Way way) {
        return count(way).get();
    }

    private AtomicInteger count(Way way) {
        return java.util.Objects.requireNonNull(byWay.get(way));
    }
}
