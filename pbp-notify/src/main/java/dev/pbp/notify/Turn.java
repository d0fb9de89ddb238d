package dev.pbp.notify;

/** Whose turn it is to take from a mailbox: one thread's at a time. Guarded by the mailbox's lock. */
final class Turn {
    private boolean given;
    private boolean refused;

    /** False if it has been given already. */
    boolean claim() {
        boolean claimed = !given;
        given = true;
        return claimed;
    }

    void over() {
        given = false;
    }

    /** Nobody could be found to take it; it stays given, so that nobody is asked again until {@link #takeBack}. */
    void refused() {
        refused = true;
    }

    /** False if it was not refused, or has been taken back since. */
    boolean takeBack() {
        if (!refused) {
            return false;
        }
        refused = false;
        given = false;
        return true;
    }
}
