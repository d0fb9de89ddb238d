package dev.pbp.postgres.internal.view;

/** A row is not of the shape for which a view was made: its table has been altered, or the row is forged. */
public final class UnfitRowException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Names the difference.
     *
     * @param message shows no value
     */
    public UnfitRowException(String message) {
        super(message, null, false, false);
    }
}
