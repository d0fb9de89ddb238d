package dev.pbp.examples.audit;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Schema;
import dev.pbp.postgres.consumer.ConsumerObserver;
import dev.pbp.postgres.consumer.DurableConsumer;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;

/** Keeps an audit trail of tables until it is ended. Any number of instances may run; one is active. */
public final class AuditTrail {
    /** The trail's tables. */
    public static final Schema SCHEMA = new Schema("audit", "audit", List.of("V001__audit.sql"));

    private AuditTrail() {}

    /**
     * Keeps the trail.
     *
     * @param args the database as {@code jdbc:postgresql://…}, and the tracked tables
     * @throws SQLException if the database cannot be read
     * @throws InterruptedException if interrupted
     */
    public static void main(String[] args) throws SQLException, InterruptedException {
        String url = args[0];
        String[] tables = Arrays.copyOfRange(args, 1, args.length);
        CountDownLatch end = new CountDownLatch(1);
        try (HikariDataSource pool = Pool.open(url, new Properties(), 6)) {
            Schema.install(pool, SCHEMA);
            Cursors cursors = Cursors.of(pool);
            try (NotificationHub hub = NotificationHub.builder(url).start();
                    ChangeFeed feed = PostgresChangeFeed.start(pool, cursors, hub);
                    DurableConsumer consumer = DurableConsumer.builder(pool, feed, cursors)
                            .cursorTable("public.audit_cursor")
                            .tables(tables)
                            .handler(new AuditHandler())
                            .observer(new Printer())
                            .start()) {
                Runtime.getRuntime().addShutdownHook(new Thread(consumer::close)); // finishes what it is writing
                end.await();
            }
        }
    }

    /** Tells which instance is active. */
    private static final class Printer implements ConsumerObserver {
        @Override
        public void onState(State state) {
            System.out.println(state);
        }
    }
}
