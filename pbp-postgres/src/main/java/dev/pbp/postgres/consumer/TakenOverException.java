package dev.pbp.postgres.consumer;

/** The stored cursor is not the one that this instance has read: another instance has moved it. */
final class TakenOverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TakenOverException(String table) {
        super(table + ": another instance has moved the cursor; this one starts over from there");
    }
}
