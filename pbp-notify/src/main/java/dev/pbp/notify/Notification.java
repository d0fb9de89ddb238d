package dev.pbp.notify;

import java.time.Instant;

/**
 * One notification.
 *
 * @param channel the channel's name
 * @param payload what was sent; empty if nothing was
 * @param pid the process id of the backend that sent it
 * @param at when it was read from the connection, by this machine's clock
 */
public record Notification(String channel, String payload, int pid, Instant at) implements NotificationEvent {}
