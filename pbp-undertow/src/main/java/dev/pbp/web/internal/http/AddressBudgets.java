package dev.pbp.web.internal.http;

import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.push.http.Problem;
import io.undertow.server.HttpServerExchange;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A budget of memory for requests, of which one address may use a share. Behind a proxy that is not trusted all clients have the
 * proxy's address. Safe for use by any number of threads.
 */
public final class AddressBudgets {
    private static final double SHARE = 0.75;
    private static final int IPV6_NETWORK_BYTES = 8;

    private final MemoryBudget all;
    private final String purpose;
    private final Map<ByteBuffer, MemoryBudget> byAddress = new ConcurrentHashMap<>();

    /**
     * Nothing used yet.
     *
     * @param all for all addresses together
     * @param purpose what it is for, as error responses name it
     */
    public AddressBudgets(MemoryBudget all, String purpose) {
        this.all = all;
        this.purpose = purpose;
    }

    /**
     * The budget for all addresses.
     *
     * @return as it was given
     */
    public MemoryBudget all() {
        return all;
    }

    /**
     * Reserves memory until the exchange is complete, or earlier if the object returned is closed.
     *
     * @param exchange the request, not complete
     * @param bytes 0 or more
     * @return the reservation
     * @throws Problem 429 if its address has its share, 503 if there is no room at all
     */
    public MemoryBudget.Reservation hold(HttpServerExchange exchange, long bytes) {
        ByteBuffer address = network(exchange.getSourceAddress());
        MemoryBudget.@Nullable Reservation[] held = new MemoryBudget.Reservation[1];
        byAddress.compute(address, (key, known) -> {
            MemoryBudget own = known == null ? all.part(SHARE) : known;
            held[0] = own.hold(bytes);
            return own.used() == 0 ? null : own;
        });
        MemoryBudget.Reservation room = held[0];
        if (room == null) {
            boolean isFull = bytes > (all.limit() - all.used()) / 2;
            throw new Problem(
                            isFull ? 503 : 429,
                            (isFull ? "the site: " : "your address: ") + "memory for " + purpose
                                    + " is in use; try again")
                    .retryAfter(1);
        }
        exchange.addExchangeCompleteListener((ended, next) -> {
            room.close();
            byAddress.computeIfPresent(address, (key, own) -> own.used() == 0 ? null : own);
            next.proceed();
        });
        return room;
    }

    /** One IPv4 address, or one IPv6 network of 64 bits. */
    private static ByteBuffer network(@Nullable InetSocketAddress client) {
        byte[] bytes = client == null || client.getAddress() == null
                ? new byte[0]
                : client.getAddress().getAddress();
        return ByteBuffer.wrap(bytes.length > IPV6_NETWORK_BYTES ? Arrays.copyOf(bytes, IPV6_NETWORK_BYTES) : bytes);
    }
}
