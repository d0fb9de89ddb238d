package dev.pbp.core.feed;

/** The feed cannot be read at the moment: the database is away, or the feed was closed. The cursor stays good. */
public final class FeedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what could not be done.
     *
     * @param message subject and reason
     */
    public FeedException(String message) {
        super(message);
    }

    /**
     * Says what could not be done, and what caused it.
     *
     * @param message subject and reason
     * @param cause the database's own error
     */
    public FeedException(String message, Throwable cause) {
        super(message, cause);
    }
}
