package dev.pbp.notify.internal.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds a channel by the bytes of its name as they stand in the read buffer, so that a notification without a subscription allocates nothing.
 * Open addressing, at most half full. For the hub's thread.
 */
final class RouteTable {
    private @Nullable Route[] table = new @Nullable Route[16];
    private int size;

    static int hash(byte[] bytes, int offset, int length) {
        int hash = 0;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash ^ hash >>> 15;
    }

    int size() {
        return size;
    }

    @Nullable
    Route find(byte[] buffer, int offset, int length) {
        int mask = table.length - 1;
        for (int i = hash(buffer, offset, length) & mask; ; i = i + 1 & mask) {
            Route route = table[i];
            if (route == null || route.is(buffer, offset, length)) {
                return route;
            }
        }
    }

    Route findOrAdd(String name, byte[] bytes) {
        return findOrAdd(name, bytes, null);
    }

    Route findOrAdd(String name, byte[] bytes, @Nullable Route carrier) {
        Route found = find(bytes, 0, bytes.length);
        if (found != null) {
            return found;
        }
        Route added = new Route(name, bytes, carrier);
        if (2 * (size + 1) > table.length) {
            rebuild(2 * table.length);
        }
        place(added);
        size++;
        return added;
    }

    void remove(Route route) {
        int mask = table.length - 1;
        int i = route.hash & mask;
        while (table[i] != route) {
            if (table[i] == null) {
                return;
            }
            i = i + 1 & mask;
        }
        table[i] = null;
        size--;
        // What was pushed past the hole must not become unreachable.
        for (int j = i + 1 & mask; ; j = j + 1 & mask) {
            Route moved = table[j];
            if (moved == null) {
                return;
            }
            table[j] = null;
            place(moved);
        }
    }

    /** What the consumer adds or removes meanwhile does not disturb it. */
    void forEach(Consumer<Route> consumer) {
        List<Route> all = new ArrayList<>(size);
        for (Route route : table) {
            if (route != null) {
                all.add(route);
            }
        }
        all.forEach(consumer);
    }

    private void place(Route route) {
        int mask = table.length - 1;
        int i = route.hash & mask;
        while (table[i] != null) {
            i = i + 1 & mask;
        }
        table[i] = route;
    }

    private void rebuild(int length) {
        @Nullable Route[] old = table;
        table = new @Nullable Route[length];
        for (Route route : old) {
            if (route != null) {
                place(route);
            }
        }
    }
}
