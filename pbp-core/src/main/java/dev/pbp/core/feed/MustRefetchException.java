package dev.pbp.core.feed;

/**
 * The feed cannot go on from this cursor: read the table again and follow from the cursor of that read.
 *
 * <p>Thrown for a cursor that is older than what the log still holds, that belongs to another database, or that was not
 * made by this feed. It is never thrown for a cursor that a read has just returned.
 */
public final class MustRefetchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says why.
     *
     * @param reason for a person to read; names no secret
     */
    public MustRefetchException(String reason) {
        super(reason);
    }
}
