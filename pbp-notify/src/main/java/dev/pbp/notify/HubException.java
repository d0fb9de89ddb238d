package dev.pbp.notify;

import org.jspecify.annotations.Nullable;

/** A hub cannot do what was asked; the message names the hub, the subject, the cause, and what to do about it. */
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * With a cause.
     *
     * @param message names the hub, the subject, the cause, and what to do about it
     * @param cause what made it fail, if anything did
     */
    public HubException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * Without a cause.
     *
     * @param message names the hub, the subject, the reason, and what to do about it
     */
    public HubException(String message) {
        this(message, null);
    }
}
