package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.notify.Publisher;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;

/** The connection that a publisher borrows goes back to its pool as it was, whether or not the pool sees to that. */
@PostgresTest
final class BorrowedConnectionIT {
    private static final int TIMEOUT = 123_456;

    private final TestDatabase database;

    BorrowedConnectionIT(TestDatabase database) {
        this.database = database;
    }

    private static void comesBackAsItWas(DataSource pool) throws Exception {
        try (Connection first = pool.getConnection()) {
            first.setNetworkTimeout(Runnable::run, TIMEOUT);
        }
        int before;
        boolean autoCommit;
        try (Connection second = pool.getConnection()) {
            before = second.getNetworkTimeout(); // a pool may have put it back by itself
            autoCommit = second.getAutoCommit();
        }
        try (Publisher publisher =
                Publisher.builder(pool).answerTimeout(Duration.ofSeconds(7)).build()) {
            publisher.publish("c", "x").get(20, TimeUnit.SECONDS);
        }
        try (Connection third = pool.getConnection()) {
            assertThat(third.getNetworkTimeout()).isEqualTo(before);
            assertThat(third.getAutoCommit()).isEqualTo(autoCommit);
        }
    }

    @Test
    void toHikari() throws Exception {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(database.jdbcUrl());
            pool.setMaximumPoolSize(1);
            pool.setAutoCommit(false);
            comesBackAsItWas(pool);
        }
    }

    @Test
    void toDbcp() throws Exception {
        try (BasicDataSource pool = new BasicDataSource()) {
            pool.setUrl(database.jdbcUrl());
            pool.setMaxTotal(1);
            pool.setDefaultAutoCommit(false);
            comesBackAsItWas(pool);
        }
    }

    @Test
    void toTomcat() throws Exception {
        org.apache.tomcat.jdbc.pool.DataSource pool = new org.apache.tomcat.jdbc.pool.DataSource();
        try {
            pool.setDriverClassName("org.postgresql.Driver");
            pool.setUrl(database.jdbcUrl());
            pool.setMaxActive(1);
            pool.setInitialSize(1);
            pool.setDefaultAutoCommit(false);
            comesBackAsItWas(pool);
        } finally {
            pool.close();
        }
    }

    /** What a pool that resets nothing hands on. */
    @Test
    void toAPoolThatResetsNothing() throws SQLException, InterruptedException {
        try (Connection only = database.connect()) {
            only.setNetworkTimeout(Runnable::run, TIMEOUT);
            only.setAutoCommit(false);
            DataSource lending = (DataSource) java.lang.reflect.Proxy.newProxyInstance(
                    DataSource.class.getClassLoader(),
                    new Class<?>[] {DataSource.class},
                    (proxy, method, arguments) -> java.lang.reflect.Proxy.newProxyInstance(
                            Connection.class.getClassLoader(),
                            new Class<?>[] {Connection.class},
                            (lent, call, given) -> call.getName().equals("close") ? null : call.invoke(only, given)));
            try (Publisher publisher = Publisher.over(lending)) {
                publisher.publish("c", "x").orTimeout(20, TimeUnit.SECONDS).join();
            }
            assertThat(only.getNetworkTimeout()).isEqualTo(TIMEOUT);
            assertThat(only.getAutoCommit()).isFalse();
        }
    }
}
