package dev.pbp.notify;

import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a hub was built with. */
record HubSettings(
        ConnectionSettings connection,
        Backoff backoff,
        HubObserver observer,
        @Nullable Executor executor,
        RandomGenerator random,
        int maxPayload) {
    String name() {
        return connection.name();
    }

    InstantSource clock() {
        return connection.clock();
    }
}
