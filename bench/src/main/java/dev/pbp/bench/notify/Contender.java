package dev.pbp.bench.notify;

/** What is compared. */
enum Contender {
    /** The hub, listeners called on the reader's thread. */
    READER,
    /** The hub, listeners called on its default executor. */
    EXECUTOR,
    /** Vert.x {@code PgSubscriber}. */
    VERTX,
    /** The driver's {@code getNotifications} in a loop. */
    PGJDBC,
    /** A program in C: libpq and {@code poll}. */
    LIBPQ,
    /** The group-committing publisher. */
    PUBLISHER,
    /** {@code pg_notify} in autocommit. */
    AUTOCOMMIT,
    /** A Java virtual machine that does nothing. */
    JVM
}
