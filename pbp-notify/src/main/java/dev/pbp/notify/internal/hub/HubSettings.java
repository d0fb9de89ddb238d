package dev.pbp.notify.internal.hub;

import dev.pbp.notify.Backoff;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.internal.connection.ConnectionSettings;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a hub was built with. */
public record HubSettings(
        ConnectionSettings connection,
        Backoff backoff,
        HubObserver observer,
        @Nullable Executor executor,
        RandomGenerator random,
        int maxPayload,
        long maxQueuedBytes) {
    /** How many payloads of the largest size may wait for parts at once. */
    public static final int UNFINISHED_PAYLOADS = 4;

    public String name() {
        return connection.name();
    }

    InstantSource clock() {
        return connection.clock();
    }
}
