package dev.pbp.push.internal.subscriber;

import dev.pbp.core.feed.Cursor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A point in the history of the channels.
 *
 * @param origin the run of the server that counts; another one does not know the point
 * @param number of the last event that the client has received; 0 for none
 * @param millis when it had received all up to there, in milliseconds since the epoch, by the server's clock
 */
public record ChannelCursor(String origin, long number, long millis) {
    private static final Pattern FORM = Pattern.compile("n([0-9a-z]{1,13})-([0-9]{1,18})-([0-9]{1,15})");

    static String newOrigin() {
        return Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), Character.MAX_RADIX);
    }

    /**
     * Parses the value that was given to a client.
     *
     * @param text the value
     * @return the cursor
     * @throws IllegalArgumentException if it has another form
     */
    public static ChannelCursor parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not a cursor of channels");
        }
        return new ChannelCursor(parts.group(1), Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3)));
    }

    /** The form for clients. */
    Cursor value() {
        return new Cursor("n" + origin + "-" + number + "-" + millis);
    }
}
