package dev.pbp.postgres;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.notify.NotificationHub;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.Properties;
import javax.sql.DataSource;

/** One process's feed, as an application puts it together. */
public final class FeedNode implements AutoCloseable {
    private final HikariDataSource pool;
    private final NotificationHub hub;
    private final Cursors cursors;
    private PostgresChangeFeed feed;

    public FeedNode(TestDatabase database) throws SQLException {
        pool = Pool.open(database.jdbcUrl(), new Properties(), 4);
        hub = NotificationHub.builder(database.jdbcUrl()).start();
        cursors = Cursors.of(pool);
        feed = PostgresChangeFeed.start(pool, cursors, hub);
    }

    public PostgresChangeFeed feed() {
        return feed;
    }

    public Cursors cursors() {
        return cursors;
    }

    DataSource pool() {
        return pool;
    }

    /** One more feed over the same pool and hub, with cursors of its own. */
    PostgresChangeFeed another() throws SQLException {
        return PostgresChangeFeed.start(pool, Cursors.of(pool), hub);
    }

    /** Starts the feed anew: its buffer begins here. */
    PostgresChangeFeed restart() throws SQLException {
        feed.close();
        feed = PostgresChangeFeed.start(pool, cursors, hub);
        return feed;
    }

    @Override
    public void close() {
        feed.close();
        hub.close();
        pool.close();
    }
}
