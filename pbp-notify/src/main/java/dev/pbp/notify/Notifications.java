package dev.pbp.notify;

import dev.pbp.notify.internal.payload.PayloadEncoding;
import dev.pbp.notify.internal.publisher.NotifyStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Publishes on the caller's own connection, as part of the caller's transaction.
 *
 * <p>Listeners get it when, and only if, that transaction commits, in the order of commits. In autocommit mode it is a
 * transaction of its own. <b>PostgreSQL delivers equal notifications (same channel, same payload) of one transaction
 * once</b>; {@link Publisher} does not have this limit, since it uses transactions of its own. PostgreSQL also refuses
 * {@code PREPARE TRANSACTION} after it, and NOTIFY takes a server-wide lock from before the commit until after it, so
 * that writers which notify commit one after the other.
 *
 * {@snippet file = "dev/pbp/notify/PublishingSnippets.java" region = "transaction"}
 *
 * <p>A payload over 7,999 bytes is sent in parts by one statement; in autocommit mode too it arrives whole or not at all.
 */
public final class Notifications {
    private Notifications() {}

    /**
     * Publishes a text to a channel.
     *
     * @param connection the caller's; it is neither committed nor closed
     * @param channel 1 to 63 bytes in UTF-8, taken as it is (case matters)
     * @param text see {@link Payload#of(String)}
     * @throws IllegalArgumentException if channel or text cannot be sent; nothing was, and the transaction goes on
     * @throws SQLException if the server refuses or is gone; PostgreSQL has then aborted the transaction
     */
    public static void publish(Connection connection, String channel, String text) throws SQLException {
        publish(connection, Message.of(channel, text));
    }

    /**
     * Publishes messages, in this order.
     *
     * @param connection the caller's; it is neither committed nor closed
     * @param messages with payloads of up to 1 MB (1,048,576 bytes) each
     * @throws IllegalArgumentException if a payload is too large; nothing was sent, and the transaction goes on
     * @throws SQLException if the server refuses or is gone; PostgreSQL has then aborted the transaction
     */
    public static void publish(Connection connection, Message... messages) throws SQLException {
        List<String> channels = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (Message message : messages) {
            for (String text : message.texts(PayloadEncoding.DEFAULT_MAX_PAYLOAD)) {
                channels.add(message.channel());
                texts.add(text);
            }
        }
        NotifyStatement.execute(connection, channels, texts);
    }
}
