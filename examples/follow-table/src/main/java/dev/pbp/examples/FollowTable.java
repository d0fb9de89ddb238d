package dev.pbp.examples;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.ExecutionException;

/** Prints the changes of a table as they are committed, until it is interrupted. */
public final class FollowTable {
    private FollowTable() {}

    /**
     * Follows a table.
     *
     * @param args the database as {@code jdbc:postgresql://…}, and a tracked table
     * @throws SQLException if the database cannot be read
     * @throws ExecutionException if the feed cannot go on
     * @throws InterruptedException if interrupted while waiting
     */
    public static void main(String[] args) throws SQLException, ExecutionException, InterruptedException {
        String url = args[0];
        String table = args[1];
        try (HikariDataSource pool = Pool.open(url, new Properties(), 3);
                NotificationHub hub = NotificationHub.builder(url).start();
                ChangeFeed feed = PostgresChangeFeed.start(pool, Cursors.of(pool), hub)) {
            Cursor cursor = feed.position();
            while (true) {
                Batch batch = feed.next(cursor, Filter.tables(table)).batch().get();
                batch.changes().forEach(System.out::println);
                cursor = batch.cursor();
            }
        }
    }
}
