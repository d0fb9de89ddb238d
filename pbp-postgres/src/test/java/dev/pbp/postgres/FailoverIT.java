package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.notify.NotificationHub;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FailoverIT {
    private static final Filter TESTTYPE = Filter.tables("testtype");

    /** An idle feed reads nothing while the server is away, so no error tells it; only its listener loses the connection. */
    @Test
    @Evidence(
            guarantee = "no-forged-cursor",
            claim = "A cursor of another timeline must refetch, also if no reader was active while the server was away",
            how = "a lost connection is reason to look which server this is",
            brokenOnce = "FeedLoop.connectionLost: `cutOff` not set")
    void whoeverFollowsAnotherTimelineMustRefetchAlsoIfNobodyReadMeanwhile() throws Exception {
        try (PrivateServer primary = PrivateServer.builder()
                        .setting("max_prepared_transactions", "0")
                        .create();
                PrivateServer standby = primary.createStandby()) {
            Installed.in(primary.database());
            String url = "jdbc:postgresql://127.0.0.1:" + primary.port() + ",127.0.0.1:" + standby.port()
                    + "/postgres?targetServerType=primary&hostRecheckSeconds=0&user=postgres";
            try (HikariDataSource pool = Pool.open(url, new Properties(), 4);
                    NotificationHub hub = NotificationHub.builder(url).start()) {
                Cursors cursors = Cursors.of(pool);
                JdbcTestTypes rows = new JdbcTestTypes(pool, cursors);
                try (PostgresChangeFeed feed = PostgresChangeFeed.start(pool, cursors, hub)) {
                    rows.insert("on the first");
                    Cursor old = rows.findAll().cursor();
                    await().atMost(Duration.ofSeconds(20)).until(feed::isIdle);
                    CompletableFuture<Batch> waiting = feed.next(old, TESTTYPE).batch();

                    primary.stop(); // in order: the standby has all of it
                    standby.promote();
                    assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
                            .hasCauseInstanceOf(MustRefetchException.class);
                    assertThatThrownBy(() -> feed.next(old, TESTTYPE).batch().get(20, TimeUnit.SECONDS))
                            .hasCauseInstanceOf(MustRefetchException.class);
                    Cursor fresh = rows.findAll().cursor();
                    rows.insert("on the second");
                    assertThat(feed.next(fresh, TESTTYPE)
                                    .batch()
                                    .get(20, TimeUnit.SECONDS)
                                    .changes())
                            .hasSize(1);
                }
            }
        }
    }
}
