package dev.pbp.notify.internal.hub;

import dev.pbp.notify.internal.delivery.HubSubscription;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A channel with its subscriptions and the topics that it carries; or such a topic. For the hub's thread. */
final class Route {
    private static final HubSubscription[] NONE = {};

    final String name;
    final byte[] bytes;
    final int hash;

    /** Replaced, never changed: a listener may leave while it is being walked. */
    HubSubscription[] subscriptions = NONE;

    /** The channel that carries this topic; null for a channel. */
    final @Nullable Route carrier;

    /** The topics that this channel carries and that have subscriptions. */
    @Nullable
    RouteTable topics;

    /** Whether the connection's session listens to it. */
    boolean listening;

    /** Whether it stands in the list of those that may have to change. */
    boolean pending;

    Route(String name, byte[] bytes, @Nullable Route carrier) {
        this.name = name;
        this.carrier = carrier;
        this.bytes = bytes;
        this.hash = RouteTable.hash(bytes, 0, bytes.length);
    }

    boolean is(byte[] buffer, int offset, int length) {
        return Arrays.equals(bytes, 0, bytes.length, buffer, offset, offset + length);
    }

    boolean isWanted() {
        return subscriptions.length > 0 || topics != null && topics.size() > 0;
    }

    void add(HubSubscription subscription) {
        HubSubscription[] more = Arrays.copyOf(subscriptions, subscriptions.length + 1);
        more[subscriptions.length] = subscription;
        subscriptions = more;
    }

    boolean remove(HubSubscription subscription) {
        for (int i = 0; i < subscriptions.length; i++) {
            if (subscriptions[i] == subscription) {
                HubSubscription[] fewer = new HubSubscription[subscriptions.length - 1];
                System.arraycopy(subscriptions, 0, fewer, 0, i);
                System.arraycopy(subscriptions, i + 1, fewer, i, fewer.length - i);
                subscriptions = fewer.length == 0 ? NONE : fewer;
                return true;
            }
        }
        return false;
    }
}
