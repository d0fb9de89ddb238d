package dev.pbp.postgres.internal.jdbc;

/** How many rows to fetch at once: of large rows fewer, so that those in memory stay below 4 MB or one row. Used by one thread. */
public final class FetchSize {
    private static final int FIRST_ROWS = 10;
    private static final int MOST_ROWS = 500;
    private static final long MOST_BYTES = 4L << 20;

    private long rows;
    private long bytes;

    /** The number to begin with. */
    public int first() {
        return FIRST_ROWS;
    }

    /**
     * The number to go on with.
     *
     * @param size of the row that was read last, in bytes
     */
    public int after(long size) {
        rows++;
        bytes += size;
        return (int) Math.max(1, Math.min(MOST_ROWS, MOST_BYTES * rows / (bytes + 1)));
    }
}
