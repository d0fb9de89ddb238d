package dev.pbp.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
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
     */
    public static HikariDataSource open(String jdbcUrl, Properties properties, int size) {
        if (size < 3) {
            throw new IllegalArgumentException("pool: expected at least 3 connections, got " + size);
        }
        HikariConfig config = new HikariConfig();
        config.setPoolName("pbp");
        config.setJdbcUrl(jdbcUrl);
        config.setDataSourceProperties(properties);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
        config.setInitializationFailTimeout(-1);
        // Whatever the database's default is: a SERIALIZABLE look at the log could make writers fail.
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        return new HikariDataSource(config);
    }
}
