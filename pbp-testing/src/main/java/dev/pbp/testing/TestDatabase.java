package dev.pbp.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A database to test with: of a test class's own ({@link PostgresTest}), or of a {@link PrivateServer}. */
public final class TestDatabase {
    private final ServerAddress address;

    TestDatabase(ServerAddress address) {
        this.address = address;
    }

    /** The JDBC address, with user and password in it. */
    public String jdbcUrl() {
        return address.jdbcUrl();
    }

    /** The address as {@code psql} takes it. */
    public String libpqUrl() {
        return address.libpqUrl();
    }

    /** The database's name. */
    public String name() {
        return address.database();
    }

    /** The server's host name or address. */
    public String host() {
        return address.host();
    }

    /** The server's TCP port. */
    public int port() {
        return address.port();
    }

    /** The role the tests log in as; it may create databases and roles. */
    public String user() {
        return address.user();
    }

    /** The role's password; empty where the server asks for none. */
    public String password() {
        return address.password();
    }

    /** The same database by way of another port of this machine, such as a {@link FaultProxy}'s. */
    public TestDatabase through(int port) {
        return new TestDatabase(new ServerAddress(
                "127.0.0.1", port, address.user(), address.password(), address.database(), address.settings()));
    }

    /** The same by another role, which the test has made. */
    public TestDatabase as(String user, String password) {
        return new TestDatabase(new ServerAddress(
                address.host(), address.port(), user, password, address.database(), address.settings()));
    }

    /** Another database of the same server, which the test has made. */
    public TestDatabase named(String name) {
        return new TestDatabase(address.database(name));
    }

    /** With one more setting of the driver, such as {@code ApplicationName}. */
    public TestDatabase with(String setting, String value) {
        Map<String, String> settings = new LinkedHashMap<>(address.settings());
        settings.put(setting, value);
        return new TestDatabase(new ServerAddress(
                address.host(), address.port(), address.user(), address.password(), address.database(), settings));
    }

    /** A new connection; the caller closes it. */
    public Connection connect() throws SQLException {
        return dataSource().getConnection();
    }

    /** A DataSource without a pool: each connection is a new one. */
    public DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl());
        return source;
    }

    @Override
    public String toString() {
        return "database " + name() + " at " + host() + ":" + port();
    }
}
