package dev.pbp.push.internal.subscriber;

import dev.pbp.push.access.PushStatistics;
import dev.pbp.push.connection.ClientConnection;
import dev.pbp.push.connection.PushMessage;
import dev.pbp.push.http.Problem;
import dev.pbp.push.timer.TimerWheel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client that subscribes to something, by any transport. The next message is asked for only once the last one is in the
 * socket, so that a client that does not read holds one message, and delays no other.
 *
 * <p>At each heartbeat something is sent; the connection of a client that has taken nothing of a message from one to the next, or
 * does not answer a ping, is closed.
 */
public abstract class Subscriber extends TimerWheel.Timer {
    /** Who has not taken a message for so long may be cut off where memory is short. */
    private static final Duration STALL = Duration.ofSeconds(1);

    private final ClientConnection connection;
    private final TimerWheel timers;
    private final PushStatistics statistics;
    private final Supplier<@Nullable Problem> revocation;
    private volatile boolean closed;
    private volatile boolean shuttingDown;
    private volatile boolean sending;
    private volatile boolean refused;
    private volatile boolean reports;
    private volatile long begunAt; // nanoseconds
    private final AtomicReference<@Nullable PushMessage> held = new AtomicReference<>();
    private volatile int begun;
    private int begunBefore; // of the timers' thread
    private int pendingBefore; // likewise

    Subscriber(
            ClientConnection connection,
            TimerWheel timers,
            PushStatistics statistics,
            Supplier<@Nullable Problem> revocation) {
        this.connection = connection;
        this.timers = timers;
        this.statistics = statistics;
        this.revocation = revocation;
    }

    /**
     * Begins.
     *
     * @param wait how long a long poll waits
     */
    public final void start(Duration wait) {
        connection.onClose(this::closed);
        if (isStream()) {
            timers.schedule(this, random(timers.heartbeat())); // spreads the heartbeats of thousands that came together
            greet();
        } else {
            timers.schedule(this, wait);
            next();
        }
        if (closed) {
            timers.cancel(this);
        }
        recheckAccess(); // since the request
    }

    /** Sends the first message of a stream at once: the client knows then that it is connected. */
    abstract void greet();

    /** Looks for the next message. The last one is in the socket. */
    abstract void next();

    /** Ends the wait for a message with what there is, which may be nothing. */
    abstract void endWait();

    /** The client is gone: nothing will be sent any more. */
    abstract void cancel();

    final boolean isStream() {
        return connection.transport().isStream();
    }

    final boolean isClosed() {
        return closed;
    }

    /** Sends a message, and releases it once the socket has taken it. */
    final void send(PushMessage message) {
        if (refuse()) {
            message.release();
            return;
        }
        begin();
        held.set(message);
        if (closed) {
            releaseHeld();
            return;
        }
        statistics.sent(connection.transport(), message.size());
        connection.send(message, this::sent);
    }

    private void releaseHeld() {
        PushMessage message = held.getAndSet(null);
        if (message != null) {
            message.release();
        }
    }

    /** What it holds of a message that it has not taken, times for how long; 0 while that is not long. */
    final double backlog(long now) {
        PushMessage message = held.get();
        long nanos = now - begunAt;
        return message == null || !sending || nanos < STALL.toNanos() ? 0 : (double) message.shareOfHolder() * nanos;
    }

    final void sendHeartbeat() {
        if (refuse()) {
            return;
        }
        begin();
        connection.sendHeartbeat(this::sent);
    }

    /** Sends the reason in place of a message, as the last thing, if the client's credentials do not hold any more. */
    private boolean refuse() {
        Problem reason = revocation.get();
        if (reason != null) {
            fail(reason);
        }
        return reason != null;
    }

    /** Sends the failure, as the last thing. */
    final void fail(Throwable failure) {
        begin();
        connection.fail(failure);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one message at a time, so one thread at a time
    private void begin() {
        begun++;
        begunAt = System.nanoTime();
        sending = true;
        if (!isStream()) {
            schedule(timers.heartbeat()); // its wait is over; now it has to take the response
        }
    }

    private void sent() {
        sending = false;
        releaseHeld();
        if (shuttingDown) {
            connection.shutDown(retryDelay());
            return;
        }
        if (refuse()) {
            return;
        }
        next();
        if (shuttingDown || refused) {
            endWait(); // the shutdown began just now, when there was no wait to end yet
        }
    }

    /** Lets the timer expire earlier than it would. */
    final void schedule(Duration after) {
        timers.schedule(this, after);
        if (closed) {
            timers.cancel(this);
        }
    }

    @Override
    public final void expired() {
        if (closed) {
            return;
        }
        if (revocation.get() != null) {
            endRefused();
            return;
        }
        if (reports) { // no heartbeat: a ping may have been sent just now
            reports = false;
            endWait();
            schedule(timers.heartbeat());
            return;
        }
        int pending = connection.pendingBytes();
        boolean stalled = sending && begun == begunBefore && pending == pendingBefore;
        begunBefore = begun;
        pendingBefore = pending;
        // A ping would wait behind the message that is being sent, and its answer with it.
        if (stalled || !sending && !connection.ping()) {
            abort();
            return;
        }
        if (shuttingDown && !isStream()) {
            connection.shutDown(retryDelay());
        }
        endWait();
        schedule(timers.heartbeat());
    }

    /** Within a tick, on the timers' thread, which alone ends waits. */
    @Override
    public final void recheckAccess() {
        if (!closed && revocation.get() != null) {
            schedule(Duration.ZERO);
        }
    }

    /** Sends a message soon, with changes or not, unless one is being sent: something about the feed has changed. */
    final void reportSoon(Duration within) {
        if (isStream() && !sending && !closed) {
            reports = true;
            schedule(random(within));
        }
    }

    /** What is being sent is finished first, within one interval of heartbeats; then the reason is sent. */
    private void endRefused() {
        if (sending && refused) {
            abort();
            return;
        }
        boolean idle = !sending;
        refused = true;
        if (idle) {
            endWait();
        }
        schedule(timers.heartbeat());
    }

    @Override
    public final void shutDown(Duration within) {
        shuttingDown = true;
        reports = isStream(); // a ping may have been sent just now: that it is unanswered means nothing yet
        schedule(random(within));
    }

    @Override
    public final void abortIfPeerIn(Set<InetSocketAddress> peers) {
        @Nullable InetSocketAddress peer = connection.peer();
        if (peer != null && peers.contains(peer)) {
            abort();
        }
    }

    final void abort() {
        statistics.countCutOff(connection.transport());
        connection.abort();
    }

    /**
     * When a client should reconnect: in one second at least, so that the server that comes after this one is there.
     *
     * @return one to five seconds, at random
     */
    public static Duration retryDelay() {
        return Duration.ofSeconds(1).plus(random(Duration.ofSeconds(4)));
    }

    private void closed() {
        closed = true;
        releaseHeld();
        timers.cancel(this);
        cancel();
    }

    static Duration random(Duration limit) {
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(limit.toMillis() + 1));
    }
}
