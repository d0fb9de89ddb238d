package dev.pbp.postgres.history;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.Properties;

/** One process's feed, as an application puts it together. */
final class Node implements AutoCloseable {
    private final HikariDataSource pool;
    private final NotificationHub hub;
    private final Cursors cursors;
    private final ChangeFeed feed;

    Node(TestDatabase database) throws SQLException {
        pool = Pool.open(database.jdbcUrl(), new Properties(), 4);
        hub = NotificationHub.builder(database.jdbcUrl()).start();
        cursors = Cursors.of(pool);
        feed = PostgresChangeFeed.start(pool, cursors, hub);
    }

    ChangeFeed feed() {
        return feed;
    }

    Cursors cursors() {
        return cursors;
    }

    @Override
    public void close() {
        feed.close();
        hub.close();
        pool.close();
    }
}
