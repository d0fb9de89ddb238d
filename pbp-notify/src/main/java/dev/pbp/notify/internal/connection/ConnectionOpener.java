package dev.pbp.notify.internal.connection;

import dev.pbp.notify.internal.socket.NotificationSink;
import dev.pbp.notify.internal.socket.SocketHandle;
import dev.pbp.notify.internal.socket.WakeableSocketFactory;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.core.SocketFactoryFactory;
import org.postgresql.hostchooser.HostRequirement;
import org.postgresql.jdbc.SslMode;
import org.postgresql.util.PSQLException;

/** Opens connections that can listen, and rejects those that cannot, with the reason. */
public final class ConnectionOpener {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");
    private static final Duration LOGIN_LIMIT = Duration.ofSeconds(10);

    /** Ports are numbers, a slash follows the hosts, and special characters in names are percent-encoded. */
    private static final Pattern ADDRESS =
            Pattern.compile("jdbc:postgresql:(//(\\[[0-9A-Fa-f:.%]+]|[^/:@,\\[\\]]*)(:[0-9]{1,5})?"
                    + "(,(\\[[0-9A-Fa-f:.%]+]|[^/:@,\\[\\]]*)(:[0-9]{1,5})?)*/|/)?[^:@/]*");

    private final ConnectionSettings settings;
    private final String base;
    private final Properties merged;
    private volatile @Nullable String unsuited;
    private volatile @Nullable SocketHandle opening;
    private volatile boolean aborted;

    public ConnectionOpener(ConnectionSettings settings) {
        this.settings = settings;
        requireNoCredentials(settings);
        Properties parsed = isAddress(settings.url()) ? Driver.parseURL(settings.url(), settings.properties()) : null;
        if (parsed == null) {
            throw new IllegalArgumentException("hub " + settings.name()
                    + ": its address is not one of PostgreSQL's: needs jdbc:postgresql://host:port/database");
        }
        // What stands in the address would win over properties, and ours have to win.
        int query = settings.url().indexOf('?');
        base = query < 0 ? settings.url() : settings.url().substring(0, query);
        merged = new Properties();
        for (String name : parsed.stringPropertyNames()) {
            merged.setProperty(name, parsed.getProperty(name));
        }
        requireKnown();
        preset(PGProperty.APPLICATION_NAME, settings.name());
        preset(PGProperty.HOST_RECHECK_SECONDS, "0"); // after a failover yesterday's standby is today's primary
        preset(PGProperty.TCP_KEEP_ALIVE, "true");
        PGProperty.PREFER_QUERY_MODE.set(merged, "simple"); // a batch of LISTENs is one message
        unsuited = reasonAgainstOurSocket();
        if (unsuited != null) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "hub " + settings.name() + ": polls the driver every 10 ms instead of being woken, since "
                            + unsuited);
        }
    }

    /** Checked here first: the driver logs the part of an address that it cannot read, which may belong to a password. */
    private static boolean isAddress(String url) {
        int query = url.indexOf('?');
        try {
            URLDecoder.decode(url, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return false;
        }
        return ADDRESS.matcher(query < 0 ? url : url.substring(0, query)).matches();
    }

    /** Where other drivers take a password, this one takes it for a part of the host's name, and says it aloud. */
    private static void requireNoCredentials(ConnectionSettings settings) {
        String url = settings.url();
        int begin = url.indexOf("//");
        if (begin >= 0 && url.substring(begin + 2).split("[/?]", 2)[0].contains("@")) {
            throw new IllegalArgumentException("hub " + settings.name()
                    + ": its address has a user or a password before the host, which JDBC addresses have not;"
                    + " give them by user() and password(), or as ?user=…&password=…");
        }
    }

    /** What the driver itself would take for a server that is away. */
    private void requireKnown() {
        String targetServerType = PGProperty.TARGET_SERVER_TYPE.getOrDefault(merged);
        try {
            SslMode.of(merged);
            if (targetServerType != null) {
                HostRequirement.getTargetServerType(targetServerType);
            }
        } catch (PSQLException e) {
            throw new IllegalArgumentException("hub " + settings.name() + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "hub " + settings.name() + ": Invalid targetServerType value: " + targetServerType, e);
        }
    }

    private void preset(PGProperty property, String value) {
        if (!merged.containsKey(property.getName())) {
            property.set(merged, value);
        }
    }

    private @Nullable String reasonAgainstOurSocket() {
        String factory = PGProperty.SOCKET_FACTORY.getOrDefault(merged);
        if (factory != null) {
            return "the setting socketFactory asks for " + factory;
        }
        if (System.getProperty("socksProxyHost") != null) {
            return "the system property socksProxyHost asks for a SOCKS proxy";
        }
        Properties trial = copy();
        try (SocketHandle handle =
                new SocketHandle((pid, buffer, channel, length, payload, bytes) -> {}, LOGIN_LIMIT)) {
            handle.install(trial);
            if (SocketFactoryFactory.getSocketFactory(trial) instanceof WakeableSocketFactory) {
                return null;
            }
            return "the driver's class loader finds another copy of our classes";
        } catch (PSQLException e) {
            return "the driver cannot make our socket (is it in a class loader that does not see ours?): "
                    + (e.getCause() == null ? e : e.getCause());
        }
    }

    public boolean isWakeable() {
        return unsuited == null;
    }

    Properties copy() {
        Properties copy = new Properties();
        copy.putAll(merged);
        return copy;
    }

    /** Ends an attempt under way, and all later ones. Any thread. */
    public void abort() {
        aborted = true;
        SocketHandle handle = opening;
        if (handle != null) {
            handle.close();
        }
    }

    /** A connection that listens to nothing yet and delivers to the sink. */
    public ListenConnection open(NotificationSink sink) throws SQLException {
        PoolerProbe probe = new PoolerProbe();
        JdbcListenConnection opened = unsuited == null ? openWakeable(probe) : openPolled(probe);
        boolean fit = false;
        try {
            opened.identify();
            if (opened.isStandby()) {
                throw new Unfit(opened.description() + " is a standby, and LISTEN works on a primary only; name all"
                        + " servers in the address and add targetServerType=primary");
            }
            if (opened.connection.unwrap(PGConnection.class).getBackendPID() != opened.pid()) {
                probe.run(opened, this, settings);
            }
            opened.deliverTo(sink);
            fit = true;
            return opened;
        } finally {
            opening = null;
            if (!fit) {
                opened.abort();
            }
        }
    }

    private JdbcListenConnection openWakeable(NotificationSink sink) throws SQLException {
        Properties properties = copy();
        SocketHandle handle = new SocketHandle(sink, LOGIN_LIMIT);
        opening = handle;
        if (aborted) {
            handle.close();
        }
        boolean opened = false;
        try {
            handle.install(properties);
            Connection connection = connect(properties);
            handle.seal();
            handle.limitSilence(settings.heartbeatLimit());
            opened = true;
            if (handle.isEffective()) {
                return new JdbcListenConnection.Wakeable(connection, handle);
            }
            unsuited = "the connection is encrypted by GSSAPI";
            LOG.log(
                    System.Logger.Level.WARNING,
                    "hub " + settings.name() + ": polls the driver every 10 ms instead of being woken, since "
                            + unsuited + "; gssEncMode=disable turns that off");
            return new PolledListenConnection(connection, sink);
        } finally {
            if (!opened) {
                handle.close();
            }
        }
    }

    private JdbcListenConnection openPolled(NotificationSink sink) throws SQLException {
        Properties properties = copy();
        if (!properties.containsKey(PGProperty.LOGIN_TIMEOUT.getName())) {
            PGProperty.LOGIN_TIMEOUT.set(properties, (int) LOGIN_LIMIT.toSeconds());
        }
        Connection connection = connect(properties);
        connection.setNetworkTimeout(
                Runnable::run, (int) Math.max(1, settings.heartbeatLimit().toMillis())); // 0 would be for ever
        return new PolledListenConnection(connection, sink);
    }

    /** As the hub does, but for a socket of ours unless the properties have one. */
    Connection connect(Properties properties) throws SQLException {
        Connection connection = new Driver().connect(base, properties);
        if (connection == null) {
            throw new SQLException("the driver does not take the address " + base, "08001");
        }
        return connection;
    }

    /**
     * Whether waiting alone cannot help: a wrong or missing password, a setting or database that is not there, a server without
     * TLS or with another certificate, a missing privilege, a standby, a pooler.
     */
    public static boolean isLasting(Throwable thrown) {
        return thrown instanceof Unfit
                || thrown instanceof SQLException e && (isLasting(e.getSQLState()) || isCertificate(e));
    }

    private static boolean isLasting(@Nullable String state) {
        return state != null
                && (state.startsWith("28")
                        || state.startsWith("22")
                        || state.startsWith("3D")
                        || state.startsWith("42")
                        || state.equals(
                                "08004")); // what the driver itself refuses: no password given, no TLS on the server
    }

    private static boolean isCertificate(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof GeneralSecurityException) {
                return true;
            }
        }
        return false;
    }

    /** A server that answers but cannot serve: waiting a little will hardly help. */
    static final class Unfit extends SQLException {
        private static final long serialVersionUID = 1L;

        Unfit(String message) {
            super(message, "0A000");
        }
    }
}
