package dev.pbp.notify;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a hub was built with. */
record HubSettings(
        String name,
        String url,
        Properties properties,
        Duration heartbeatInterval,
        Duration heartbeatLimit,
        Backoff backoff,
        HubObserver observer,
        @Nullable Executor executor,
        InstantSource clock,
        RandomGenerator random,
        int maxPayload) {}
