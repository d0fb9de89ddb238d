package dev.pbp.notify;

/** One listener's place on a channel. Any number may share a channel; the last to close ends its LISTEN. */
public interface Subscription extends AutoCloseable {
    /**
     * The channel.
     *
     * @return its name, as it was given
     */
    String channel();

    /**
     * How many notifications wait for the listener.
     *
     * @return at most the capacity of its queue; always 0 on the reader's thread
     */
    int queued();

    /**
     * Whether events may still come.
     *
     * @return false once it was closed, by its owner or by the hub
     */
    boolean isActive();

    /**
     * Ends it: what waits is dropped. No call of the listener follows, but for the one that another thread may be making just
     * now. Returns at once, may be called from any thread and more than once.
     */
    @Override
    void close();
}
