package dev.pbp.notify.internal.socket;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * Connects one JDBC connection's sockets with the hub that opens it.
 *
 * <p>The driver makes socket factories itself, from a class name and a string: the string is a key into the map here.
 * While a connection is being made the driver may open several sockets, one after the other (several hosts, TLS
 * refused); the last one is the one it stays with.
 */
public final class SocketHandle implements AutoCloseable {
    private static final Map<String, SocketHandle> OPEN = new ConcurrentHashMap<>();
    private static final AtomicLong NEXT = new AtomicLong();

    private final String key = "pbp-notify-" + NEXT.incrementAndGet();
    private NotificationSink sink;
    private volatile long silenceLimit;
    private @Nullable String tlsFactory;
    private @Nullable String tlsFactoryArgument;
    private volatile @Nullable WakeableSocket socket;
    private volatile @Nullable NotificationFilter filter;
    private volatile boolean closed;

    /**
     * For one connection.
     *
     * @param sink receives every notification, on the thread that reads
     * @param silenceLimit how long the server may send nothing while the driver waits for an answer
     */
    public SocketHandle(NotificationSink sink, Duration silenceLimit) {
        this.sink = sink;
        this.silenceLimit = silenceLimit.toNanos();
    }

    /**
     * Settings that make the driver use our sockets; a TLS factory that was set is used underneath ours.
     *
     * @param properties changed
     */
    public void install(Properties properties) {
        tlsFactory = PGProperty.SSL_FACTORY.getOrDefault(properties);
        tlsFactoryArgument = PGProperty.SSL_FACTORY_ARG.getOrDefault(properties);
        PGProperty.SSL_FACTORY.set(properties, FilteringTlsFactory.class.getName());
        PGProperty.SOCKET_FACTORY.set(properties, WakeableSocketFactory.class.getName());
        PGProperty.SOCKET_FACTORY_ARG.set(properties, key);
        OPEN.put(key, this);
    }

    /** The driver makes no further sockets for this connection. */
    public void seal() {
        OPEN.remove(key);
    }

    /**
     * Changes the limit from here on.
     *
     * @param limit how long the server may send nothing while the driver waits for an answer
     */
    public void limitSilence(Duration limit) {
        silenceLimit = limit.toNanos();
    }

    /**
     * Delivers to another sink from now on. For the reading thread, once the connection has been opened.
     *
     * @param newSink receives every notification, on the thread that reads
     */
    public void deliverTo(NotificationSink newSink) {
        sink = newSink;
        NotificationFilter current = filter;
        if (current != null) {
            current.deliverTo(newSink);
        }
    }

    long silenceLimit() {
        return silenceLimit;
    }

    static SocketHandle of(@Nullable String key) {
        SocketHandle handle = key == null ? null : OPEN.get(key);
        if (handle == null) {
            throw new IllegalStateException("no connection is being opened under the key " + key);
        }
        return handle;
    }

    /** The settings as they were for the TLS factory underneath. */
    Properties tlsProperties(Properties properties) {
        Properties original = new Properties();
        for (String name : properties.stringPropertyNames()) {
            original.setProperty(name, properties.getProperty(name));
        }
        PGProperty.SSL_FACTORY.set(original, tlsFactory);
        PGProperty.SSL_FACTORY_ARG.set(original, tlsFactoryArgument);
        return original;
    }

    WakeableSocket open() throws IOException {
        WakeableSocket opened = new WakeableSocket(this);
        socket = opened;
        if (closed) {
            opened.close();
        }
        return opened;
    }

    /** The stream nearest to the driver is the one that sees plain frames. */
    NotificationFilter filter(InputStream source, boolean clear) {
        NotificationFilter created = new NotificationFilter(source, sink, clear);
        filter = created;
        return created;
    }

    /**
     * Whether notifications are taken out of this connection's stream.
     *
     * @return false if the connection did not come about through our sockets, or is encrypted by GSSAPI
     */
    public boolean isEffective() {
        NotificationFilter current = filter;
        return socket != null && current != null && current.isFiltering();
    }

    /**
     * Reads what is there; if nothing is, waits until something is, or {@link #wake}, or the time is over.
     *
     * @param nanos how long at most; none if 0 or less
     * @return whether something was left for the driver to read: it is not at rest
     * @throws IOException the connection is lost
     */
    public boolean pump(long nanos) throws IOException {
        WakeableSocket current = socket;
        NotificationFilter stream = filter;
        if (current == null || stream == null) {
            throw new IOException("the connection has no socket of ours");
        }
        current.idleFor(nanos);
        try {
            return stream.pump();
        } finally {
            current.busy();
        }
    }

    /** Ends a wait in {@link #pump}, or the next one. */
    public void wake() {
        WakeableSocket current = socket;
        if (current != null) {
            current.wake();
        }
    }

    /**
     * Clears an earlier {@link #wake}: to be called before looking at what one was woken for.
     */
    public void clearWake() {
        WakeableSocket current = socket;
        if (current != null) {
            current.clearWake();
        }
    }

    /**
     * How much the server has sent on this connection. For the reading thread, as {@link #receivedAt}.
     *
     * @return bytes of messages, decrypted
     */
    public long bytesReceived() {
        NotificationFilter current = filter;
        return current == null ? 0 : current.bytesReceived();
    }

    /**
     * When the last of them were read.
     *
     * @return by {@code System.nanoTime}
     */
    public long receivedAt() {
        NotificationFilter current = filter;
        return current == null ? System.nanoTime() : current.receivedAt();
    }

    /** Closes the socket, whatever the driver is doing with it: its call fails. */
    @Override
    public void close() {
        closed = true;
        seal();
        WakeableSocket current = socket;
        if (current != null) {
            current.close();
        }
    }
}
