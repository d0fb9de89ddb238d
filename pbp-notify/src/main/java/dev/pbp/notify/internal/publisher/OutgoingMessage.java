package dev.pbp.notify.internal.publisher;

import dev.pbp.notify.Message;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way out.
 *
 * @param texts its notifications' texts; they leave in one transaction
 * @param bytes about what it takes in memory and on the wire
 * @param deadline by {@code System.nanoTime}: if it has not been sent by then, it fails
 * @param done completed after the commit
 */
public record OutgoingMessage(
        Message message, List<String> texts, int bytes, long deadline, CompletableFuture<Void> done) {

    public static OutgoingMessage of(Message message, List<String> texts, long deadline, CompletableFuture<Void> done) {
        int bytes = 0;
        for (String text : texts) {
            bytes += text.length() + message.channel().length();
        }
        return new OutgoingMessage(message, texts, bytes, deadline, done);
    }

    /** Messages with the same one keep their order. */
    String lane() {
        return message.channel();
    }

    /** Two messages with equal keys would be merged in one transaction; parts are all different. */
    Key key() {
        return new Key(message.channel(), texts.get(0));
    }

    record Key(String channel, String text) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && text.equals(key.text) && channel.equals(key.channel);
        }

        /** What a record has by itself is linked at run time, which a short process would wait for. */
        @Override
        public int hashCode() {
            return 31 * channel.hashCode() + text.hashCode();
        }
    }
}
