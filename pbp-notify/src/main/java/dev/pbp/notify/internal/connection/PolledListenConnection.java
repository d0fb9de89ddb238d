package dev.pbp.notify.internal.connection;

import dev.pbp.notify.internal.socket.NotificationSink;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Where the driver cannot use our socket: asks the driver every few milliseconds.
 *
 * <p>Correct but slower: up to 10 ms later, some CPU when idle, and, as the driver does not return while more than about 900
 * notifications a second arrive, not bounded in memory in a flood. A request from another thread need not wait for it.
 */
final class PolledListenConnection extends JdbcListenConnection {
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int LOOK_MILLIS = 1; // the driver takes 0 for ever

    private NotificationSink sink;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wakened = lock.newCondition();
    private boolean woken;
    private volatile boolean aborted;
    private long received;
    private long receivedAt = System.nanoTime();

    PolledListenConnection(Connection connection, NotificationSink sink) {
        super(connection);
        this.sink = sink;
    }

    @Override
    void deliverTo(NotificationSink newSink) {
        sink = newSink;
    }

    @Override
    public boolean pump(long nanos) throws SQLException {
        if (aborted) {
            throw new SQLException("the connection was closed by the hub", "08003");
        }
        PGNotification[] arrived = connection.unwrap(PGConnection.class).getNotifications(LOOK_MILLIS);
        if (arrived != null && arrived.length > 0) {
            receivedAt = System.nanoTime();
            for (PGNotification notification : arrived) {
                hand(notification);
            }
        } else if (nanos > 0) {
            pause(Math.min(nanos, PAUSE));
        }
        return false;
    }

    private void hand(PGNotification notification) {
        byte[] channel = notification.getName().getBytes(StandardCharsets.UTF_8);
        byte[] payload = notification.getParameter().getBytes(StandardCharsets.UTF_8);
        byte[] both = new byte[channel.length + payload.length];
        System.arraycopy(channel, 0, both, 0, channel.length);
        System.arraycopy(payload, 0, both, channel.length, payload.length);
        received += both.length;
        sink.accept(notification.getPID(), both, 0, channel.length, channel.length, payload.length);
    }

    private void pause(long nanos) throws SQLException {
        lock.lock();
        try {
            long left = nanos;
            while (!woken && left > 0) {
                left = wakened.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", "08003", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void wake() {
        lock.lock();
        try {
            woken = true;
            wakened.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void clearWake() {
        lock.lock();
        try {
            woken = false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long bytesReceived() {
        return received;
    }

    @Override
    public long receivedAt() {
        return receivedAt;
    }

    @Override
    public void abort() {
        aborted = true;
        wake();
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // Being closed already is what was wanted.
            System.getLogger("dev.pbp.notify").log(System.Logger.Level.DEBUG, "aborting " + description(), e);
        }
    }
}
