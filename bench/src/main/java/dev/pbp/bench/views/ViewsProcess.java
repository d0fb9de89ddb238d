package dev.pbp.bench.views;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.model.Comparison;
import dev.pbp.core.model.RowQuery;
import dev.pbp.core.model.Tables;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** The process of one feed with its views. At each line of its input it changes some values, and prints how long each took to its view. */
final class ViewsProcess {
    private static final int SAMPLES = 100;
    private static final int LIMIT_SECONDS = 60;

    private final ChangeFeed feed;
    private final List<Filter> views = new ArrayList<>();
    private final BlockingQueue<Long> arrivals = new LinkedBlockingQueue<>();

    private ViewsProcess(ChangeFeed feed, Tables.Views of, String table, int readers) {
        this.feed = feed;
        for (int place = 0; place < readers; place++) {
            Comparison equal = new Comparison("place", false, Comparison.Operator.EQ, List.of(Integer.toString(place)));
            RowQuery query = new RowQuery(table, List.of(equal), List.of(), List.of(), null, 0);
            views.add(new Filter(Set.of(), List.of(of.of(query, null))));
        }
    }

    /**
     * Follows.
     *
     * @param arguments the JDBC address, the table and the number of views
     */
    public static void main(String[] arguments) throws Exception {
        String table = arguments[1];
        try (HikariDataSource pool = Pool.open(arguments[0], new Properties(), 4);
                NotificationHub hub = NotificationHub.builder(arguments[0]).start();
                ChangeFeed feed = PostgresChangeFeed.start(pool, Cursors.of(pool), hub)) {
            Tables.Views of = new JdbcTables(pool, Cursors.of(pool)).views(table);
            ViewsProcess process = new ViewsProcess(feed, of, table, Integer.parseInt(arguments[2]));
            Cursor begin = feed.position();
            process.views.forEach(view -> process.follow(view, begin));
            System.out.println("following");
            process.answer(pool, table);
        }
    }

    private void answer(DataSource pool, String table) throws IOException, SQLException, InterruptedException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Random random = new Random(1);
        try (Connection connection = pool.getConnection();
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO " + table + " (place) VALUES (?)")) {
            while (orders.readLine() != null) {
                StringJoiner nanos = new StringJoiner(" ");
                for (int i = 0; i < SAMPLES; i++) {
                    insert.setInt(1, random.nextInt(views.size()));
                    long begin = System.nanoTime();
                    insert.execute();
                    Long arrival = arrivals.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
                    if (arrival == null) {
                        throw new IllegalStateException(table + ": no change came within " + LIMIT_SECONDS + " s");
                    }
                    nanos.add(Long.toString(arrival - begin));
                }
                System.out.println(nanos);
            }
        }
    }

    private void follow(Filter view, Cursor after) {
        feed.next(after, view).batch().whenComplete((batch, failure) -> {
            if (batch != null) {
                arrived(view, batch);
            }
        });
    }

    private void arrived(Filter view, Batch batch) {
        long now = System.nanoTime();
        follow(view, batch.cursor());
        batch.changes().forEach(change -> arrivals.add(now));
    }
}
