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

/** Configures and starts a {@link NotificationHub}. A setting that cannot work is rejected at once. */
public final class HubBuilder {
    static final long DEFAULT_QUEUED_BYTES = 32L * 1024 * 1024;

    private static final Duration LONGEST = Duration.ofDays(1);

    private final String url;
    private final Properties properties = new Properties();
    private String name = "pbp-notify";
    private Duration heartbeatInterval = Duration.ofSeconds(5);
    private Duration heartbeatLimit = Duration.ofSeconds(5);
    private Backoff backoff = Backoff.defaults();
    private HubObserver observer = NoObserver.INSTANCE;
    private @Nullable Executor executor;
    private long maxQueuedBytes = DEFAULT_QUEUED_BYTES;
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
     * Sets the hub's name, which appears in its messages and threads and as application_name on the server.
     *
     * @param hub not blank; {@code pbp-notify} if never set
     * @return this
     */
    public HubBuilder name(String hub) {
        if (hub.isBlank()) {
            throw new IllegalArgumentException("hub name is blank: give it one that distinguishes it from other hubs");
        }
        name = hub;
        return this;
    }

    /**
     * Adds settings of the driver. Settings in the address take precedence.
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
     * Sets the role to connect as.
     *
     * @param role its name
     * @return this
     */
    public HubBuilder user(String role) {
        PGProperty.USER.set(properties, role);
        return this;
    }

    /**
     * Sets the role's password.
     *
     * @param secret in plain text
     * @return this
     */
    public HubBuilder password(String secret) {
        PGProperty.PASSWORD.set(properties, secret);
        return this;
    }

    /**
     * Sets how a dead connection is detected.
     *
     * @param interval silence after which the server is checked; 5 s if never set, at most a day
     * @param limit time without an answer after which the connection counts as lost; 5 s if never set, at most a day
     * @return this
     */
    public HubBuilder heartbeat(Duration interval, Duration limit) {
        heartbeatInterval = DurationLimits.require("heartbeat interval", interval, LONGEST);
        heartbeatLimit = DurationLimits.require("heartbeat limit", limit, LONGEST);
        return this;
    }

    /**
     * Sets the waits between attempts to connect, and their number.
     *
     * @param waits {@link Backoff#defaults()} if never set
     * @return this
     */
    public HubBuilder backoff(Backoff waits) {
        backoff = waits;
        return this;
    }

    /**
     * Sets the observer of what the hub does.
     *
     * @param watcher receives the hub's events; none if never set
     * @return this
     */
    public HubBuilder observer(HubObserver watcher) {
        observer = watcher instanceof NoObserver ? watcher : new GuardedObserver(name, watcher);
        return this;
    }

    /**
     * Sets the executor that calls listeners without one of their own and completes futures. The hub does not shut it down.
     *
     * @param where the executor; threads of the hub if never set
     * @return this
     */
    public HubBuilder executor(Executor where) {
        executor = where;
        return this;
    }

    /**
     * Sets how much memory notifications may take until listeners have had them, in all queues together, incomplete payloads
     * included. Where it is used up, queues that hold much and have not been read for long lose their oldest notifications, which a
     * gap reports; a listener that hangs so costs others nothing. A notification counts once for each queue it waits in, as two bytes a character of payload and
     * 128.
     *
     * @param bytes at least 65,536; 33,554,432 if never set
     * @return this
     */
    public HubBuilder maxQueuedBytes(long bytes) {
        if (bytes < 65_536) {
            throw new IllegalArgumentException("memory of " + bytes + " bytes for queues: must be at least 65,536");
        }
        maxQueuedBytes = bytes;
        return this;
    }

    /**
     * Sets the largest payload that is assembled from parts; a larger one is reported as a gap. Incomplete payloads may take
     * four times as much memory.
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
                maxPayload,
                maxQueuedBytes));
    }
}
