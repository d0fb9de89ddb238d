package dev.pbp.notify;

/**
 * A logical name for notifications, of up to 1,024 bytes: one of any number, over the few physical channels of its
 * {@link Topics}.
 *
 * <p>Made by {@link Topics#topic}.
 */
public final class Topic {
    private final String name;
    private final String channel;

    Topic(String name, String channel) {
        this.name = name;
        this.channel = channel;
    }

    /**
     * The logical name.
     *
     * @return the name, matched exactly
     */
    public String name() {
        return name;
    }

    /**
     * The physical channel that carries it.
     *
     * @return a channel that it shares with other topics
     */
    public String channel() {
        return channel;
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof Topic that && name.equals(that.name) && channel.equals(that.channel);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return "topic \"" + name + "\" on " + channel;
    }
}
