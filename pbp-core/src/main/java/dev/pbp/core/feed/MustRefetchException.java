package dev.pbp.core.feed;

import java.util.Set;

/**
 * The feed cannot go on from this cursor: read the table again and follow from the cursor of that read.
 *
 * <p>Thrown for a cursor that is older than what the log still holds, that belongs to another database, or that was not
 * made by this feed. It is never thrown for a cursor that a read has just returned.
 */
public final class MustRefetchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** See {@link #tables()}. */
    @SuppressWarnings("serial") // the sets that are passed in are serializable
    private final Set<String> tables;

    /**
     * Says why.
     *
     * @param reason for a person to read; names no secret
     */
    public MustRefetchException(String reason) {
        this(reason, Set.of());
    }

    /**
     * Says why, and for which tables.
     *
     * @param reason for a person to read; names no secret
     * @param tables the tables whose changes are not known; empty if the cursor is of no use for any table
     */
    public MustRefetchException(String reason, Set<String> tables) {
        super(reason);
        this.tables = Set.copyOf(tables);
    }

    /**
     * The tables whose changes are not known.
     *
     * @return their names as in {@link Change#table()}; empty if the cursor is of no use for any table
     */
    public Set<String> tables() {
        return tables;
    }
}
