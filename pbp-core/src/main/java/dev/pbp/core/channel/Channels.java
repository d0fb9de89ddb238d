package dev.pbp.core.channel;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Where raw NOTIFY channels can be heard. All methods may be called from any thread and return without blocking. */
public interface Channels {
    /**
     * Listens until it is stopped.
     *
     * <p>What is sent after the future has completed is delivered once and in order, or a {@link ChannelEvent.Gap} reports
     * that something may be missing.
     *
     * @param channel the channel's name as PostgreSQL knows it, 1 to 63 bytes of UTF-8
     * @param listener called for each event, one call at a time, on a thread of the channels' own; should not block
     * @return completes once the server listens, with what ends it; fails if the server refuses the channel; stays open while
     *     the server is away. Cancelling it ends the listening
     * @throws IllegalArgumentException if the name cannot be a channel's
     */
    CompletableFuture<Listening> listen(String channel, Consumer<ChannelEvent> listener);

    /** A place on a channel. */
    @FunctionalInterface
    interface Listening {
        /** Ends it. No call of the listener starts after this returns. */
        void stop();
    }
}
