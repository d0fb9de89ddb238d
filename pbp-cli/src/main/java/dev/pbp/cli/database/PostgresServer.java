package dev.pbp.cli.database;

import dev.pbp.cli.embedded.EmbeddedServer;
import dev.pbp.cli.settings.HostPort;
import dev.pbp.cli.settings.PostgresAddress;
import dev.pbp.cli.settings.ServerChoice;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.Prompt;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.NotificationHub;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

/** The server that a command works on: one that runs anyway, or the embedded one for as long as this is open. */
public final class PostgresServer implements AutoCloseable {
    private static final int OLDEST_VERSION = 13;

    private static final String REJECTED = "08004";

    private final Console console;
    private final @Nullable EmbeddedServer embedded;
    private PostgresAddress address;

    private PostgresServer(PostgresAddress address, @Nullable EmbeddedServer embedded, Console console) {
        this.address = address;
        this.embedded = embedded;
        this.console = console;
    }

    /**
     * Chooses a server, and starts the embedded one if it is that.
     *
     * @param settings where passwords are found
     * @param choice the server to use
     * @param console to ask for a password, and for messages about the embedded server
     * @param shutdown waits for the embedded server's end
     * @return to be closed by the caller
     * @throws CommandException if it cannot be used
     */
    public static PostgresServer open(Settings settings, ServerChoice choice, Console console, Shutdown shutdown) {
        if (choice instanceof ServerChoice.External external) {
            return new PostgresServer(withPassword(external.address(), external.source(), settings), null, console);
        }
        ServerChoice.Embedded wanted = (ServerChoice.Embedded) choice;
        shutdown.needsOrder();
        EmbeddedServer embedded = EmbeddedServer.use(wanted.data(), wanted.source(), console::say);
        try {
            PostgresAddress address = embeddedAddress(wanted, embedded.port());
            return new PostgresServer(withPassword(address, wanted.source(), settings), embedded, console);
        } catch (RuntimeException e) {
            embedded.close();
            throw e;
        }
    }

    /**
     * Returns the embedded server's address, with the file that holds its password in place of the password.
     *
     * @param choice its directory and the database
     * @param port where it listens
     * @return its address
     */
    public static PostgresAddress embeddedAddress(ServerChoice.Embedded choice, int port) {
        return new PostgresAddress(
                List.of(new HostPort("127.0.0.1", port)),
                choice.database(),
                "postgres",
                null,
                EmbeddedServer.passFile(choice.data()),
                new TreeMap<>());
    }

    private static PostgresAddress withPassword(PostgresAddress address, String source, Settings settings) {
        return settings.password(address, source).map(address::withPassword).orElse(address);
    }

    /**
     * Whether this is the embedded server.
     *
     * @return false for a server that runs anyway
     */
    public boolean isEmbedded() {
        return embedded != null;
    }

    /**
     * Returns the chosen database's address.
     *
     * @return with the password, if one was found
     */
    public PostgresAddress address() {
        return address;
    }

    /**
     * Returns the servers' names, for messages.
     *
     * @return hosts and ports with commas between
     */
    public String servers() {
        return DatabaseErrors.servers(address);
    }

    /**
     * Connects to the chosen database. The embedded server's default database is created if it is missing.
     *
     * @return a new connection in autocommit mode, to be closed by the caller
     * @throws SQLException if there is none to be had
     */
    public Connection connect() throws SQLException {
        try {
            return connect(address);
        } catch (SQLException e) {
            boolean usual = address.database().equals(Settings.DEFAULT_DATABASE);
            if (!isEmbedded() || !usual || !DatabaseErrors.isMissingDatabase(e)) {
                throw e;
            }
        }
        createDatabase();
        return connect(address);
    }

    /**
     * Connects to a database that every server has, to create and drop others from.
     *
     * @return a new connection in autocommit mode, to be closed by the caller
     * @throws SQLException if there is none to be had
     */
    public Connection connectForMaintenance() throws SQLException {
        try {
            return connect(address.withDatabase("postgres"));
        } catch (SQLException e) {
            if (DatabaseErrors.isMissingDatabase(e)) {
                return connect(address.withDatabase("template1"));
            }
            throw e;
        }
    }

    /**
     * Creates the chosen database if it is missing.
     *
     * @return whether it was missing
     * @throws CommandException if the server refuses
     */
    public boolean createDatabase() {
        try (Connection there = connect(address)) {
            return there.isClosed();
        } catch (SQLException e) {
            if (!DatabaseErrors.isMissingDatabase(e)) {
                throw DatabaseErrors.explain(e, address);
            }
        }
        try (Connection maintenance = connectForMaintenance()) {
            return DatabaseCreation.create(maintenance, address);
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, address.withDatabase("postgres"));
        }
    }

    /** Connections to the chosen database, each a new one. */
    DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(address.jdbcUrl());
        source.setUser(address.user());
        source.setPassword(address.password());
        source.setApplicationName("pbp-cli");
        source.setSslPassword(address.keyPassword());
        return source;
    }

    /**
     * Returns what the driver needs besides the URL.
     *
     * @param program the sessions' name on the server, unless the address gives another
     * @return user, password and name
     */
    public Properties properties(String program) {
        return properties(address, program);
    }

    /**
     * Starts a hub. The session's name lists what this one listens to, as far as there is room.
     *
     * @param command the command that listens
     * @param channels what it listens to
     * @param observer receives what the hub does
     * @return to be closed by the caller
     */
    public NotificationHub startHub(String command, Collection<String> channels, HubObserver observer) {
        return NotificationHub.builder(address.jdbcUrl())
                .name(program(command))
                .properties(properties(SessionName.of(program(command), channels)))
                .observer(observer)
                .start();
    }

    /**
     * Returns how the names of a command's sessions on the server begin.
     *
     * @param command the command's name
     * @return the {@code application_name}, or its beginning
     */
    public static String program(String command) {
        return SessionName.PREFIX + command;
    }

    private static Properties properties(PostgresAddress target, String program) {
        Properties properties = new Properties();
        properties.setProperty("user", target.user());
        if (target.password() != null) {
            properties.setProperty("password", target.password());
        }
        if (target.keyPassword() != null) {
            properties.setProperty("sslpassword", target.keyPassword());
        }
        if (!target.parameters().containsKey("ApplicationName")) {
            properties.setProperty("ApplicationName", program);
        }
        return properties;
    }

    /** If the server asks for a password and none was found, so do we. */
    private Connection connect(PostgresAddress target) throws SQLException {
        try {
            return open(target);
        } catch (SQLException e) {
            if (target.password() != null || !REJECTED.equals(e.getSQLState())) {
                throw e;
            }
            String password = new Prompt(console)
                    .password("Password for user " + target.user() + " on " + DatabaseErrors.servers(target) + ": ")
                    .orElseThrow(() -> e);
            Connection connection = open(target.withPassword(password));
            address = address.withPassword(password); // it was the right one: the pool and the hub need it too
            return connection;
        }
    }

    private static Connection open(PostgresAddress target) throws SQLException {
        Connection connection = new Driver().connect(target.jdbcUrl(), properties(target, "pbp-cli"));
        if (connection == null) {
            throw new CommandException("the JDBC driver does not take the address of " + target);
        }
        int version = connection.getMetaData().getDatabaseMajorVersion();
        if (version < OLDEST_VERSION) {
            try (Connection old = connection) {
                throw new CommandException(
                        target + ": PostgreSQL " + old.getMetaData().getDatabaseProductVersion()
                                + " is too old; version " + OLDEST_VERSION + " or newer is needed");
            }
        }
        return connection;
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
    }
}
