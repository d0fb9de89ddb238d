package dev.pbp.notify;

/** Nobody is interested. */
final class NoObserver implements HubObserver {
    static final HubObserver INSTANCE = new NoObserver();

    private NoObserver() {}
}
