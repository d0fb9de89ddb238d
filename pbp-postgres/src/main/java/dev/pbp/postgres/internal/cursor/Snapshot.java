package dev.pbp.postgres.internal.cursor;

import java.util.Arrays;

/**
 * A {@code pg_snapshot}: which transactions had ended when it was taken.
 *
 * <p>All snapshots of a database are ordered by time, and what one sees every later one sees too.
 *
 * @param xmax the first transaction id not yet given out then; it and all above it are unseen
 * @param running the ids below {@code xmax} that were running then, ascending; they are unseen too
 */
public record Snapshot(long xmax, long[] running) {
    /** Sees nothing at all. */
    static final Snapshot NONE = new Snapshot(0, new long[0]);

    /**
     * Reads PostgreSQL's text form, {@code xmin:xmax:xip,xip,…}.
     *
     * @throws IllegalArgumentException if it has another form
     */
    public static Snapshot parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("pg_snapshot: expected xmin:xmax:list, got \"" + text + "\"");
        }
        long[] running = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(",")).mapToLong(Long::parseLong).toArray();
        return new Snapshot(Long.parseLong(parts[1]), running);
    }

    /** Whether this transaction, if it committed at all, had done so. */
    public boolean sees(long xid) {
        return xid < xmax && Arrays.binarySearch(running, xid) < 0;
    }

    /** Whether everything that the other one sees is seen here too: this one was taken later, or at the same time. */
    public boolean includes(Snapshot other) {
        if (other.xmax > xmax) {
            return false;
        }
        for (long xid : running) {
            if (other.sees(xid)) {
                return false;
            }
        }
        return true;
    }

    /** The same, where it sees no transaction above this one that matters. */
    public Snapshot upTo(long newest) {
        return newest + 1 >= xmax
                ? this
                : new Snapshot(
                        newest + 1,
                        Arrays.stream(running).filter(xid -> xid <= newest).toArray());
    }

    /** Every transaction below this one had ended. */
    public long xmin() {
        return running.length == 0 ? xmax : running[0];
    }

    /** PostgreSQL's text form. */
    public String text() {
        StringBuilder text =
                new StringBuilder().append(xmin()).append(':').append(xmax).append(':');
        for (int i = 0; i < running.length; i++) {
            text.append(i == 0 ? "" : ",").append(running[i]);
        }
        return text.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Snapshot that && xmax == that.xmax && Arrays.equals(running, that.running);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(xmax) * 31 + Arrays.hashCode(running);
    }

    @Override
    public String toString() {
        return text();
    }
}
