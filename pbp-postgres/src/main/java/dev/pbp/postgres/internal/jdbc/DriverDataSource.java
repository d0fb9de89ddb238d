package dev.pbp.postgres.internal.jdbc;

import java.io.PrintWriter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Connections of the driver to one address. Neither pool nor driver gets to see a secret in the address, which they log and repeat
 * in errors: it is checked and taken apart here. Safe for use by any number of threads.
 */
public final class DriverDataSource implements DataSource {
    private static final String SCHEME = "jdbc:postgresql:";
    private static final String EXPECTED = "expected jdbc:postgresql://HOST:PORT/DATABASE?NAME=VALUE&NAME=VALUE";

    /** With an authority, a slash after it; without {@code @} and {@code ?}, and with numbers as ports. */
    private static final Pattern ADDRESS = Pattern.compile(
            "(//(\\[[0-9A-Fa-f:.%]+]|[^/:@?,\\[\\]]*)(:[0-9]{1,5})?(,(\\[[0-9A-Fa-f:.%]+]|[^/:@?,\\[\\]]*)(:[0-9]{1,5})?)*/|/)?[^:@?/]*");

    private final String address;
    private final Properties properties;
    private volatile int loginTimeoutSeconds;

    /**
     * Takes the address apart.
     *
     * @param jdbcUrl {@code jdbc:postgresql://…}
     * @param given the driver's properties; stronger than those of the address
     * @throws IllegalArgumentException if the address is none; the message repeats no part of it
     */
    public DriverDataSource(String jdbcUrl, Properties given) {
        int query = jdbcUrl.indexOf('?');
        address = query < 0 ? jdbcUrl : jdbcUrl.substring(0, query);
        requireAddress(query < 0 ? "" : jdbcUrl.substring(query + 1));
        Properties parsed = Driver.parseURL(jdbcUrl, new Properties());
        if (parsed == null) {
            throw malformed();
        }
        properties = new Properties();
        parsed.stringPropertyNames().forEach(name -> properties.setProperty(name, parsed.getProperty(name)));
        given.stringPropertyNames().forEach(name -> properties.setProperty(name, given.getProperty(name)));
    }

    private void requireAddress(String query) {
        try {
            if (!address.startsWith(SCHEME)
                    || !ADDRESS.matcher(address.substring(SCHEME.length())).matches()) {
                throw malformed();
            }
            URLDecoder.decode(address, StandardCharsets.UTF_8);
            URLDecoder.decode(query, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notDecoded) {
            throw malformed();
        }
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException("pool: not an address for the JDBC driver: " + EXPECTED
                + "; user and password are properties, with special characters percent-encoded");
    }

    @Override
    public Connection getConnection() throws SQLException {
        Properties copy = new Properties();
        copy.putAll(properties);
        if (loginTimeoutSeconds > 0 && PGProperty.LOGIN_TIMEOUT.getOrNull(copy) == null) {
            PGProperty.LOGIN_TIMEOUT.set(copy, loginTimeoutSeconds);
        }
        Connection connection = new Driver().connect(address, copy);
        if (connection == null) {
            throw new SQLException(malformed().getMessage());
        }
        return connection;
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("pool: its connections have one user");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException {
        throw new SQLFeatureNotSupportedException("pool: the driver logs by java.util.logging");
    }

    @Override
    public void setLoginTimeout(int seconds) {
        loginTimeoutSeconds = seconds;
    }

    @Override
    public int getLoginTimeout() {
        return loginTimeoutSeconds;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getLogger("org.postgresql");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (!type.isInstance(this)) {
            throw new SQLException("pool: its connections come from no " + type.getName());
        }
        return type.cast(this);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }

    /** For logs. */
    @Override
    public String toString() {
        return address;
    }
}
