package dev.pbp.postgres.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.Installed;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Schema;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class ServerRestartIT {
    @Test
    void aConsumerGoesOnAfterTheServerWasKilled() throws Exception {
        try (PrivateServer server = PrivateServer.create()) {
            TestDatabase database = server.database();
            Schema.install(database.dataSource(), Schema.PBP);
            Replica.createTables(database);
            Installed.execute(database, Replica.cursorTable("progress"));
            try (HikariDataSource pool = Pool.open(database.jdbcUrl(), new Properties(), 6);
                    NotificationHub hub =
                            NotificationHub.builder(database.jdbcUrl()).start()) {
                Cursors cursors = Cursors.of(pool);
                try (PostgresChangeFeed feed = PostgresChangeFeed.start(pool, cursors, hub);
                        Instance first =
                                Instance.start(Instance.builder(pool, feed, cursors, "progress", new Replica()));
                        Instance second =
                                Instance.start(Instance.builder(pool, feed, cursors, "progress", new Replica()))) {
                    await().until(() -> Installed.rows(database, "SELECT cursor IS NOT NULL FROM progress")
                            .contains("t"));
                    for (int round = 1; round <= 3; round++) {
                        Installed.execute(database, "INSERT INTO item VALUES (" + round + ", 'before')");
                        server.kill();
                        server.start();
                        Installed.execute(
                                database, "UPDATE item SET val = val || round FROM (VALUES (" + round + ")) r (round)");
                        await().atMost(Duration.ofSeconds(60)).until(() -> Replica.isCaughtUp(database));
                    }
                    assertThat(Replica.record(database))
                            .isEqualTo(Replica.truth(database))
                            .hasSize(9);
                    assertThat(first.failures()).noneMatch(failure -> failure.cause() instanceof Replica.Misfit);
                    assertThat(second.failures()).noneMatch(failure -> failure.cause() instanceof Replica.Misfit);
                }
            }
        }
    }
}
