package dev.pbp.notify;

import java.util.Arrays;

/** A channel and who listens to it. The reader's alone. */
final class Route {
    private static final HubSubscription[] NONE = {};

    final String name;
    final byte[] bytes;
    final int hash;

    /** Replaced, never changed: a listener may leave while it is being walked. */
    HubSubscription[] subscriptions = NONE;

    /** Whether the connection's session listens to it. */
    boolean listening;

    /** Whether it stands in the list of those that may have to change. */
    boolean marked;

    Route(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
        this.hash = Routes.hash(bytes, 0, bytes.length);
    }

    boolean is(byte[] buffer, int offset, int length) {
        return Arrays.equals(bytes, 0, bytes.length, buffer, offset, offset + length);
    }

    boolean isWanted() {
        return subscriptions.length > 0;
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
