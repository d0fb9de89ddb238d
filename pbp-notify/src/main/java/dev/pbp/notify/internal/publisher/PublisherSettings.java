package dev.pbp.notify.internal.publisher;

import dev.pbp.notify.BackPressure;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.sql.DataSource;

/** What a publisher was built with. */
public record PublisherSettings(
        String name,
        DataSource source,
        int maxPayload,
        int maxMessages,
        long maxBytes,
        int maxBatch,
        boolean mergeEqual,
        BackPressure backPressure,
        Duration timeout,
        Duration answerTimeout,
        Duration closeTimeout,
        Executor completions) {}
