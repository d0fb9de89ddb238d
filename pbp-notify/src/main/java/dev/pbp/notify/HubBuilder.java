package dev.pbp.notify;

import dev.pbp.notify.internal.connection.ConnectionSettings;
import dev.pbp.notify.internal.delivery.GuardedObserver;
import dev.pbp.notify.internal.delivery.NoObserver;
import dev.pbp.notify.internal.hub.HubSettings;
import dev.pbp.notify.internal.payload.PayloadEncoding;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/** Configures and starts a {@link NotificationHub}. A setting that cannot work is refused at once. */
public final class HubBuilder {
    private static final Duration LONGEST = Duration.ofDays(1);

    private final String url;
    private final Properties properties = new Properties();
    private String name = "pbp-notify";
    private Duration heartbeatInterval = Duration.ofSeconds(5);
    private Duration heartbeatLimit = Duration.ofSeconds(5);
    private Backoff backoff = Backoff.defaults();
    private HubObserver observer = NoObserver.INSTANCE;
    private @Nullable Executor executor;
    private int maxPayload = PayloadEncoding.DEFAULT_MAX_PAYLOAD;

    HubBuilder(String url) {
        this.url = url;
    }

    /** Takes the settings out of a data source, if it is one that makes connections and keeps none. */
    HubBuilder(DataSource source) {
        if (!(source instanceof PGSimpleDataSource simple)) {
            throw new IllegalArgumentException(
                    "data source " + source.getClass().getName()
                            + ": a hub keeps its connection for good and makes it by itself, so it takes no pool and no wrapper;"
                            + " give it a PGSimpleDataSource or the JDBC address");
        }
        this.url = simple.getUrl();
        String user = simple.getUser();
        if (user != null) {
            PGProperty.USER.set(properties, user);
        }
        String password = simple.getPassword();
        if (password != null) {
            PGProperty.PASSWORD.set(properties, password);
        }
    }

    /**
     * The hub's name: in its messages, its threads' names, and as application_name on the server.
     *
     * @param hub not blank; {@code pbp-notify} if never set
     * @return this
     */
    public HubBuilder name(String hub) {
        if (hub.isBlank()) {
            throw new IllegalArgumentException("hub name is blank: give it one that tells it from others");
        }
        name = hub;
        return this;
    }

    /**
     * Adds settings of the driver. What the address sets counts more.
     *
     * @param more the driver's
     * @return this
     */
    public HubBuilder properties(Properties more) {
        for (String key : more.stringPropertyNames()) {
            properties.setProperty(key, more.getProperty(key));
        }
        return this;
    }

    /**
     * The role to connect as.
     *
     * @param role its name
     * @return this
     */
    public HubBuilder user(String role) {
        PGProperty.USER.set(properties, role);
        return this;
    }

    /**
     * The role's password.
     *
     * @param secret in plain text
     * @return this
     */
    public HubBuilder password(String secret) {
        PGProperty.PASSWORD.set(properties, secret);
        return this;
    }

    /**
     * How a silent connection is found out.
     *
     * @param interval after so much silence the server is asked whether it is still there; 5 s if never set, at most a day
     * @param limit if it says nothing for so long when asked anything, the connection counts as lost; 5 s if never set, at most
     *     a day
     * @return this
     */
    public HubBuilder heartbeat(Duration interval, Duration limit) {
        heartbeatInterval = DurationLimits.require("heartbeat interval", interval, LONGEST);
        heartbeatLimit = DurationLimits.require("heartbeat limit", limit, LONGEST);
        return this;
    }

    /**
     * How long to wait between attempts to connect, and how often to try.
     *
     * @param waits {@link Backoff#defaults()} if never set
     * @return this
     */
    public HubBuilder backoff(Backoff waits) {
        backoff = waits;
        return this;
    }

    /**
     * Who is told what the hub does.
     *
     * @param watcher nobody if never set
     * @return this
     */
    public HubBuilder observer(HubObserver watcher) {
        observer = watcher instanceof NoObserver ? watcher : new GuardedObserver(name, watcher);
        return this;
    }

    /**
     * Where listeners without an executor of their own are called, and futures completed. The hub does not shut it down.
     *
     * @param where threads of the hub's own if never set
     * @return this
     */
    public HubBuilder executor(Executor where) {
        executor = where;
        return this;
    }

    /**
     * The largest payload that is put together from parts; a larger one is told as a gap. Four times as much may be kept
     * of payloads whose parts have not all come.
     *
     * @param bytes more than 0; 1,048,576 if never set
     * @return this
     */
    public HubBuilder maxPayload(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("largest payload of " + bytes + " bytes: must be more than 0");
        }
        maxPayload = bytes;
        return this;
    }

    /**
     * Starts the hub; it connects in the background.
     *
     * @return the running hub
     * @throws IllegalArgumentException the address is not one of PostgreSQL's, or asks for an sslmode or targetServerType that
     *     there is not
     */
    public NotificationHub start() {
        return new NotificationHub(new HubSettings(
                new ConnectionSettings(
                        name, url, properties, heartbeatInterval, heartbeatLimit, InstantSource.system()),
                backoff,
                observer,
                executor,
                new SplittableRandom(),
                maxPayload));
    }
}
