package dev.pbp.web;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.HubChannels;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import java.util.Properties;
import java.util.Set;

/** A node in a process of its own: says one byte when it is there, and ends in order when it is told to. */
final class HerdNode {
    private HerdNode() {}

    /**
     * Runs it.
     *
     * @param args the database's JDBC URL, and the node's own port
     */
    public static void main(String[] args) throws Exception {
        String url = args[0];
        HikariDataSource pool = Pool.open(url, new Properties(), 5);
        NotificationHub hub = NotificationHub.builder(url).start();
        Cursors cursors = Cursors.of(pool);
        PostgresChangeFeed feed = PostgresChangeFeed.start(pool, cursors, hub);
        Site site = Site.builder(
                        new SiteSettings(
                                "127.0.0.1", Integer.parseInt(args[1]), Set.of(), Set.of("testtype"), Set.of()),
                        feed,
                        new HubChannels(hub))
                .tables(new JdbcTables(pool, cursors))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            site.close();
            feed.close();
            hub.close();
            pool.close();
        }));
        System.out.write('!');
        System.out.flush();
    }
}
