package dev.pbp.web;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A client that follows something, whatever the way to it. What is to be sent is asked for only once the message before is
 * in the socket, so that a client that does not read holds one message, and holds up nobody.
 *
 * <p>Every beat something is sent; a client that has taken nothing of a message from one to the next, or is asked for a
 * sign of life and gives none, is cut off.
 */
abstract class Subscriber extends TimerWheel.Timer {
    private final ClientConnection connection;
    private final TimerWheel timers;
    private volatile boolean gone;
    private volatile boolean leaving;
    private volatile boolean sending;
    private volatile int begun;
    private int begunBefore; // of the thread that calls due()
    private int leftBefore; // likewise

    Subscriber(ClientConnection connection, TimerWheel timers) {
        this.connection = connection;
        this.timers = timers;
    }

    /**
     * Begins.
     *
     * @param wait how long a client waits that wants one answer
     */
    final void start(Duration wait) {
        connection.whenGone(this::leftAlone);
        if (connection.stays()) {
            timers.set(this, random(timers.beat())); // thousands who came together do not all beat together
            greet();
        } else {
            timers.set(this, wait);
            next();
        }
        if (gone) {
            timers.remove(this);
        }
    }

    /** Sends the first message at once to a client that stays: it knows then that it is connected. */
    abstract void greet();

    /** Looks for what to send next. The message before is in the socket. */
    abstract void next();

    /** Ends the waiting with what there is, which may be nothing. */
    abstract void settle();

    /** The client is gone: nothing will be sent any more. */
    abstract void cancel();

    final ClientConnection connection() {
        return connection;
    }

    final boolean isGone() {
        return gone;
    }

    final void send(PushMessage message) {
        begin();
        connection.send(message, this::sent);
    }

    final void sendSignOfLife() {
        begin();
        connection.sendSignOfLife(this::sent);
    }

    /** Tells what went wrong, as the last thing. */
    final void fail(Throwable failure) {
        begin();
        connection.fail(failure);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one message at a time, so one thread at a time
    private void begin() {
        begun++;
        sending = true;
        if (!connection.stays()) {
            beatSoon(timers.beat()); // its wait is over; now it has to take the answer
        }
    }

    private void sent() {
        sending = false;
        if (leaving) {
            connection.leave(comeBack());
            return;
        }
        next();
        if (leaving) {
            settle(); // told just now, when there was nothing to settle yet
        }
    }

    /** Beats earlier than it would. */
    final void beatSoon(Duration after) {
        timers.set(this, after);
        if (gone) {
            timers.remove(this);
        }
    }

    @Override
    final void due() {
        if (gone) {
            return;
        }
        int left = connection.left();
        boolean stalled = sending && begun == begunBefore && left == leftBefore;
        begunBefore = begun;
        leftBefore = left;
        // A ping would wait behind the message that is being sent, and its answer with it.
        if (stalled || !sending && !connection.probe()) {
            connection.drop();
            return;
        }
        if (leaving && !connection.stays()) {
            connection.leave(comeBack());
        }
        settle();
        beatSoon(timers.beat());
    }

    @Override
    final void leave(Duration within) {
        leaving = true;
        beatSoon(random(within));
    }

    @Override
    final void dropIfAmong(Set<InetSocketAddress> peers) {
        InetSocketAddress peer = connection.peer();
        if (peer != null && peers.contains(peer)) {
            connection.drop();
        }
    }

    /** One second at least, so that the server that comes after this one is there. */
    static Duration comeBack() {
        return Duration.ofSeconds(1).plus(random(Duration.ofSeconds(4)));
    }

    private void leftAlone() {
        gone = true;
        timers.remove(this);
        cancel();
    }

    static Duration random(Duration most) {
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(most.toMillis() + 1));
    }
}
