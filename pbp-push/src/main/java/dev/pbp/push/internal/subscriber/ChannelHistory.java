package dev.pbp.push.internal.subscriber;

import dev.pbp.core.channel.ChannelEvent;
import dev.pbp.core.channel.Channels;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.push.connection.PushMessage;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The notifications of the channels that are offered, in one order. The newest are kept for a while, so that a client may be
 * slow, or reconnect, before it misses one. A client that was slower than that receives a gap.
 *
 * <p>Each channel is listened to once, however many clients subscribe to it. Safe for use by any number of threads.
 */
public final class ChannelHistory implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ChannelHistory.class.getName());

    /**
     * How much is kept.
     *
     * @param events how many at most, at least 1
     * @param characters of JSON at most
     */
    public record Retention(int events, long characters) {
        private static final int SHARE = 12; // so many histories would fill the memory

        /** Enough for a client that reconnects; less where there is little memory. */
        public static Retention within(MemoryBudget memory) {
            return new Retention(10_000, Math.min(4L << 20, memory.limit() / SHARE));
        }
    }

    /** A client that waits for messages. */
    public interface Waiter {
        /**
         * The channels whose events it receives.
         *
         * @return their names
         */
        Set<String> channels();

        /** There is a message; it waits no more. Called by any thread. */
        void wake();
    }

    /**
     * The messages that a client has not received yet.
     *
     * @param messages in order; empty if it has received all. To be released by the receiver
     * @param cursor leads to the messages after them
     */
    public record Page(List<PushMessage> messages, ChannelCursor cursor) {}

    private record Entry(long number, String channel, PushMessage message, int size) {}

    private final Set<String> names;
    /** A client gets about so much at a time: what it does not take is held for it alone. */
    private static final int PAGE_CHARACTERS = 64 << 10;

    private final Retention limits;
    private final MemoryBudget memory;
    private final Clock clock;
    private final String origin = ChannelCursor.newOrigin();
    private final List<CompletableFuture<Channels.Listening>> listening = new ArrayList<>();

    private final Object lock = new Object();
    private final ArrayDeque<Entry> kept = new ArrayDeque<>(); // guarded by lock
    private final Map<String, Long> lastDropped = new HashMap<>(); // guarded by lock
    private final Set<Waiter> waiting = new HashSet<>(); // guarded by lock
    private long size; // guarded by lock
    private long newest; // guarded by lock

    /**
     * Begins to listen.
     *
     * @param channels the notifications
     * @param names the channels that are offered
     * @param limits how much is kept
     * @param memory where the messages count
     * @param clock the server's
     */
    public ChannelHistory(Channels channels, Set<String> names, Retention limits, MemoryBudget memory, Clock clock) {
        this.names = Set.copyOf(names);
        this.limits = limits;
        this.memory = memory;
        this.clock = clock;
        Instant begin = clock.instant();
        for (String name : names) {
            CompletableFuture<Channels.Listening> future = channels.listen(name, this::received);
            listening.add(future);
            future.whenComplete((active, failure) -> {
                if (failure == null) { // a client that came before may have missed what was sent meanwhile
                    received(new ChannelEvent.Gap(name, "connection_lost", begin, OptionalLong.empty()));
                } else if (!future.isCancelled()) {
                    LOG.log(Level.ERROR, "channel " + name + " is not heard: " + failure.getMessage());
                }
            });
        }
    }

    /**
     * Waits until all channels are listened to. The limit is not exceeded: the database may be unavailable.
     *
     * @param limit how long to wait at most
     */
    public void awaitListening(Duration limit) {
        try {
            CompletableFuture.allOf(listening.toArray(CompletableFuture[]::new))
                    .get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.log(Level.WARNING, "channels: not heard yet, since the database is away");
        } catch (ExecutionException logged) {
            LOG.log(Level.DEBUG, "channels: not all are heard", logged);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The channels that are offered.
     *
     * @return their names
     */
    public Set<String> names() {
        return names;
    }

    /**
     * The cursor for a client that only wants what is still to come.
     *
     * @return the present end
     */
    public ChannelCursor now() {
        synchronized (lock) {
            return end();
        }
    }

    private ChannelCursor end() {
        return new ChannelCursor(origin, newest, clock.millis());
    }

    /** Where messages of its clients count. */
    MemoryBudget memory() {
        return memory;
    }

    /** The next messages after a cursor, if not all; if there is none, the client waits and will be woken. */
    Page read(Waiter client, ChannelCursor after) {
        synchronized (lock) {
            List<Entry> entries = new ArrayList<>();
            boolean ours = after.origin().equals(origin) && after.number() <= newest;
            Iterator<Entry> backwards = kept.descendingIterator();
            while (ours && backwards.hasNext()) {
                Entry entry = backwards.next();
                if (entry.number <= after.number()) {
                    break;
                }
                if (client.channels().contains(entry.channel)) {
                    entries.add(entry);
                }
            }
            Collections.reverse(entries);
            List<PushMessage> messages = new ArrayList<>();
            for (String channel : client.channels()) {
                if (!ours || lastDropped.getOrDefault(channel, 0L) > after.number()) {
                    messages.add(gap(channel, after, ours));
                }
            }
            ChannelCursor cursor = end();
            long characters = 0;
            for (Entry entry : entries) {
                if (characters > PAGE_CHARACTERS) {
                    break;
                }
                messages.add(entry.message.retain());
                characters += entry.size;
                cursor =
                        characters > PAGE_CHARACTERS ? new ChannelCursor(origin, entry.number, clock.millis()) : cursor;
            }
            if (messages.isEmpty()) {
                waiting.add(client);
            }
            return new Page(messages, cursor);
        }
    }

    private PushMessage gap(String channel, ChannelCursor after, boolean ours) {
        Instant since = Instant.ofEpochMilli(after.millis());
        OptionalLong atLeast = ours ? OptionalLong.of(1) : OptionalLong.empty();
        ChannelEvent gap = new ChannelEvent.Gap(channel, ours ? "overflow" : "reconnected", since, atLeast);
        String json = ChannelJson.of(gap);
        return new PushMessage(null, () -> json);
    }

    /** Ends a client's wait; false if it did not wait. */
    boolean cancel(Waiter client) {
        synchronized (lock) {
            return waiting.remove(client);
        }
    }

    private void received(ChannelEvent event) {
        String json = ChannelJson.of(event);
        List<Waiter> woken = new ArrayList<>();
        synchronized (lock) {
            newest++;
            memory.add(json.length());
            PushMessage message =
                    new PushMessage(end().value(), () -> StandardCharsets.UTF_8.encode(json), memory, json.length());
            kept.add(new Entry(newest, event.channel(), message, json.length()));
            size += json.length();
            while (kept.size() > limits.events || size > limits.characters) {
                Entry oldest = kept.remove();
                size -= oldest.size;
                oldest.message.release();
                lastDropped.put(oldest.channel, oldest.number);
            }
            for (Waiter client : waiting) {
                if (client.channels().contains(event.channel())) {
                    woken.add(client);
                }
            }
            woken.forEach(waiting::remove);
        }
        woken.forEach(Waiter::wake);
    }

    /** Ends listening. */
    @Override
    public void close() {
        for (CompletableFuture<Channels.Listening> future : listening) {
            if (!future.cancel(false) && !future.isCompletedExceptionally()) {
                future.join().stop();
            }
        }
    }
}
