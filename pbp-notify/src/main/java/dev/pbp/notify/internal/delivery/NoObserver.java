package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.HubObserver;

/** Ignores everything. */
public final class NoObserver implements HubObserver {
    public static final HubObserver INSTANCE = new NoObserver();

    private NoObserver() {}
}
