package dev.pbp.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import dev.pbp.postgres.internal.jdbc.DriverDataSource;
import dev.pbp.postgres.internal.jdbc.Retries;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/** Opens the connection pool with the settings that suit this use. */
public final class Pool {
    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);

    private Pool() {}

    /**
     * Opens a pool. It starts also while the database is away.
     *
     * @param jdbcUrl {@code jdbc:postgresql://…}
     * @param properties the driver's: user, password and so on
     * @param size the greatest number of connections, at least 3: one for the feed, one for those who catch up, one for
     *     reads and writes
     * @return the pool, to be closed by the caller
     * @throws IllegalArgumentException if the URL is none, or the size too small; the message repeats no part of the URL
     */
    public static HikariDataSource open(String jdbcUrl, Properties properties, int size) {
        if (size < 3) {
            throw new IllegalArgumentException("pool: expected at least 3 connections, got " + size);
        }
        HikariConfig config = new HikariConfig();
        config.setPoolName("pbp");
        config.setDataSource(new DriverDataSource(jdbcUrl, properties));
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
        config.setInitializationFailTimeout(-1);
        // Whatever the database's default is: a SERIALIZABLE look at the log could make writers fail.
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        // A stale plan is no broken connection: the driver prepares the statement anew.
        config.setExceptionOverride(new SQLExceptionOverride() {
            @java.lang.Override
            public Override adjudicate(SQLException e) {
                return Retries.isStalePlan(e) ? Override.DO_NOT_EVICT : Override.CONTINUE_EVICT;
            }
        });
        return new HikariDataSource(config);
    }
}
