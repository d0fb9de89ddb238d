package dev.pbp.notify;

import org.jspecify.annotations.Nullable;

/** Whom a {@link Mailbox} tells; never while it holds its lock, but for the two that only make an exception. */
interface MailboxOwner {
    /** A turn is due: somebody has to {@link Mailbox#take} until nothing is left. */
    void turnDue();

    /** So many were dropped; after the one of the closing policy no more will be taken in. */
    void dropped(int notifications, boolean closes);

    /** All was taken, and nothing will follow. */
    void ended(@Nullable HubException cause);

    HubException overflowed(int waiting);

    HubException abandoned(int lost);
}
