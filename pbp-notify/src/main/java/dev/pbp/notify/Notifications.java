package dev.pbp.notify;

import dev.pbp.notify.internal.payload.PayloadEncoding;
import dev.pbp.notify.internal.publisher.NotifyStatement;
import dev.pbp.notify.internal.publisher.OutgoingMessage;
import dev.pbp.notify.internal.publisher.TransactionBatcher;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Publishes on the caller's own connection, as part of the caller's transaction.
 *
 * <p>Listeners get it when, and only if, that transaction commits, in the order of commits. In autocommit mode it is a
 * transaction of its own. <b>PostgreSQL delivers equal notifications (same channel, same payload) of one transaction
 * once</b>; {@link #publishEach} and {@link Publisher} do not have this limit, since they make transactions of their own. PostgreSQL also refuses
 * {@code PREPARE TRANSACTION} after it, and NOTIFY takes a server-wide lock from before the commit until after it, so
 * that writers which notify commit one after the other.
 *
 * {@snippet file = "dev/pbp/notify/PublishingSnippets.java" region = "transaction"}
 *
 * <p>A payload over 7,999 bytes is sent in parts by one statement; in autocommit mode too it arrives whole or not at all.
 */
public final class Notifications {
    private static final int MOST_OF_A_TRANSACTION = 20_000;
    private static final int BYTES_OF_A_TRANSACTION = 4 << 20;
    /** The return of the call is the end of each message. */
    private static final CompletableFuture<Void> NOT_AWAITED = CompletableFuture.completedFuture(null);

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

    /**
     * Publishes messages so that each arrives, equal ones too, over a connection in autocommit mode: many in a transaction, and
     * equal ones in different transactions. Messages on one channel arrive in this order. It returns when all are committed; if
     * it fails, those of the transactions before have been published.
     *
     * @param connection the caller's; it is not closed
     * @param messages with payloads of up to 1 MB (1,048,576 bytes) each
     * @throws IllegalArgumentException if a payload is too large; nothing was sent
     * @throws IllegalStateException if the connection is not in autocommit mode; nothing was sent
     * @throws SQLException if the server refuses or is gone
     */
    public static void publishEach(Connection connection, List<Message> messages) throws SQLException {
        if (!connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "a connection in autocommit mode is needed: equal messages leave in different" + " transactions");
        }
        TransactionBatcher batcher = new TransactionBatcher(false, MOST_OF_A_TRANSACTION, BYTES_OF_A_TRANSACTION);
        List<OutgoingMessage> all = new ArrayList<>(messages.size());
        for (Message message : messages) {
            all.add(OutgoingMessage.of(message, message.texts(PayloadEncoding.DEFAULT_MAX_PAYLOAD), 0, NOT_AWAITED));
        }
        batcher.add(all);
        while (!batcher.isEmpty()) {
            NotifyStatement.execute(connection, batcher.next());
        }
    }
}
