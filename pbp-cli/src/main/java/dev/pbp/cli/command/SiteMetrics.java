package dev.pbp.cli.command;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import dev.pbp.notify.HubState;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.push.access.PushStatistics;
import dev.pbp.push.connection.Transport;
import dev.pbp.web.Condition;
import dev.pbp.web.SiteBuilder;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** The running site's metrics and readiness. */
final class SiteMetrics {
    /** A feed that has looked for so long without having found all there is, is not caught up. */
    private static final Duration MOST_BEHIND = Duration.ofSeconds(5);

    private static final int DATABASE_SECONDS = 2;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    MeterRegistry registry() {
        return registry;
    }

    void pool(HikariDataSource pool) {
        pool.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(registry));
    }

    void offer(SiteBuilder site, HikariDataSource pool, NotificationHub hub, PostgresChangeFeed feed) {
        Gauge.builder("pbp.feed.lag", feed, f -> f.behind().toNanos() / 1e9)
                .description("For how long the feed has looked for changes without having found them all")
                .baseUnit("seconds")
                .register(registry);
        FunctionCounter.builder("pbp.feed.transactions", feed, PostgresChangeFeed::transactions)
                .description("Transactions that the feed has read")
                .register(registry);
        site.metrics(registry::scrape)
                .condition("database", database(pool))
                .condition("listener", listener(hub))
                .condition("feed", feed(feed))
                .liveness("feed", () -> feed.isRunning() ? Optional.empty() : Optional.of("the thread has ended"))
                .liveness("listener", hasThread(hub));
    }

    void clients(PushStatistics statistics) {
        Gauge.builder("pbp.memory.used", statistics, PushStatistics::memoryUsed)
                .description("What is held for clients: bodies, rows, messages, and clients that wait")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("pbp.memory.limit", statistics, PushStatistics::memoryLimit)
                .description("What may be held for clients")
                .baseUnit("bytes")
                .register(registry);
        FunctionCounter.builder("pbp.memory.rejected", statistics, PushStatistics::memoryRejected)
                .description("How often something was rejected or had to wait for memory")
                .register(registry);
        for (Transport transport : Transport.values()) {
            Gauge.builder("pbp.clients", statistics, s -> s.clients(transport))
                    .description("Clients that wait for changes")
                    .tag("transport", transport.label())
                    .register(registry);
            count("pbp.batches", "Messages handed to sockets", transport, statistics, s -> s.messages(transport));
            count("pbp.sent", "Size of these messages", transport, statistics, s -> s.bytes(transport));
            count(
                    "pbp.cut.off",
                    "Clients that did not read or gave no sign of life",
                    transport,
                    statistics,
                    s -> s.cutOff(transport));
        }
    }

    private void count(
            String name,
            String description,
            Transport transport,
            PushStatistics statistics,
            ToDoubleFunction<PushStatistics> value) {
        FunctionCounter.builder(name, statistics, value)
                .description(description)
                .baseUnit(name.equals("pbp.sent") ? "bytes" : null)
                .tag("transport", transport.label())
                .register(registry);
    }

    private static Condition database(HikariDataSource pool) {
        return () -> {
            try (Connection connection = pool.getConnection()) {
                return connection.isValid(DATABASE_SECONDS) ? Optional.empty() : Optional.of("does not answer");
            } catch (SQLException e) {
                return Optional.of(
                        "no connection within " + TimeUnit.MILLISECONDS.toSeconds(pool.getConnectionTimeout()) + " s");
            }
        };
    }

    private static Condition listener(NotificationHub hub) {
        return () ->
                hub.state() == HubState.LISTENING ? Optional.empty() : Optional.of("not listening: " + hub.state());
    }

    /** A hub that waits for the database is alive. */
    private static Condition hasThread(NotificationHub hub) {
        return () -> switch (hub.state()) {
            case CONNECTING, LISTENING, BACKING_OFF, CLOSING -> Optional.empty();
            case FAILED, CLOSED -> Optional.of("the hub listens no more: " + hub.state());
        };
    }

    private static Condition feed(PostgresChangeFeed feed) {
        return () -> {
            Duration behind = feed.behind();
            return behind.compareTo(MOST_BEHIND) < 0
                    ? Optional.empty()
                    : Optional.of("behind for " + behind.toSeconds() + " s");
        };
    }
}
