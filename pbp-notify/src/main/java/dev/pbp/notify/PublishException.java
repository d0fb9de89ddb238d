package dev.pbp.notify;

import org.jspecify.annotations.Nullable;

/** A message was not published, or its outcome is unknown; the text names publisher, message, cause and numbers. */
public final class PublishException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What became of the message. */
    public enum Outcome {
        /** No listener has got it or will: it is safe to publish it again. */
        NOT_PUBLISHED,
        /**
         * The connection was lost while the commit was under way: listeners have got it, or will never. It is not sent
         * again by itself, since it could arrive twice.
         */
        UNKNOWN
    }

    /** What became of the message. */
    private final Outcome outcome;

    /**
     * A message's failure.
     *
     * @param outcome what became of the message
     * @param message names the publisher, the message, the cause and numbers
     * @param cause what made it fail, if anything did
     */
    public PublishException(Outcome outcome, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    /**
     * What became of the message.
     *
     * @return whether it is known not to have been published
     */
    public Outcome outcome() {
        return outcome;
    }
}
