package dev.pbp.core.channel;

import java.time.Instant;
import java.util.OptionalLong;

/** What is heard on a channel. */
public sealed interface ChannelEvent {
    /**
     * The channel.
     *
     * @return its name
     */
    String channel();

    /**
     * A notification.
     *
     * @param channel the channel's name
     * @param payload what was sent; empty if nothing was
     * @param at when it was heard, by this machine's clock
     */
    record Notification(String channel, String payload, Instant at) implements ChannelEvent {}

    /**
     * At this place in the order notifications may be missing.
     *
     * @param channel the channel's name
     * @param reason why, in lower case with underscores, such as {@code connection_lost}
     * @param since nothing from before this time is missing, by this machine's clock
     * @param atLeast how many are missing for certain, if known
     */
    record Gap(String channel, String reason, Instant since, OptionalLong atLeast) implements ChannelEvent {}
}
