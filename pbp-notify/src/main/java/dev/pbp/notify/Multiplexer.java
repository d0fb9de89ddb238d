package dev.pbp.notify;

import dev.pbp.notify.wire.NotificationSink;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The hub's one thread: it owns the connection and everything about channels. Others hand it commands and wake it.
 */
final class Multiplexer implements Runnable, SubscriptionHost, NotificationSink {
    private static final int SAME_TIME = 256;

    private final Settings settings;
    private final StateBoard board;
    private final Executor executor;
    private final Consumer<Boolean> whenOver;
    private final SessionOpener opener;
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final ListenPlan plan;
    private final Incoming incoming;
    private final Acknowledgements acknowledgements;
    final Thread thread;

    private volatile @Nullable Session session;
    private volatile boolean closing;
    private volatile boolean over;
    private volatile long closeBy;

    // The reader's own.
    private @Nullable Route lastRoute;
    private @Nullable Instant now;
    private int received;
    private Instant lastAlive;
    private int failures;
    private @Nullable Instant away;

    /** {@code whenOver} is the last thing its thread does, and hears whether all listeners had finished. */
    Multiplexer(Settings settings, StateBoard board, Executor executor, Consumer<Boolean> whenOver) {
        this.settings = settings;
        this.board = board;
        this.executor = executor;
        this.whenOver = whenOver;
        this.opener = new SessionOpener(settings);
        this.plan = new ListenPlan(settings.name(), settings.observer());
        this.incoming = new Incoming(settings.maxPayload(), settings.clock(), System::nanoTime);
        this.acknowledgements = new Acknowledgements(executor);
        this.lastAlive = settings.clock().instant();
        this.thread = new Thread(this, "pbp-notify-" + settings.name());
        thread.setDaemon(true);
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public HubObserver observer() {
        return settings.observer();
    }

    @Override
    public Executor executor() {
        return executor;
    }

    // ---- for any thread

    @Override
    public void subscribe(HubSubscription subscription, byte[] channel, CompletableFuture<Subscription> promise) {
        subscription.promise = promise;
        submit(() -> {
            if (closing || over) {
                acknowledgements.fail(promise, board.refusal());
            } else {
                plan.add(subscription, channel);
            }
        });
    }

    @Override
    public void left(HubSubscription subscription) {
        submit(() -> {
            if (!over) {
                plan.remove(subscription);
            }
        });
    }

    boolean isWakeable() {
        return opener.isWakeable();
    }

    private void submit(Runnable command) {
        commands.add(command);
        Session current = session;
        if (current != null) {
            current.wake();
        } else {
            LockSupport.unpark(thread);
        }
        if (over) {
            runCommands();
            acknowledgements.drain();
        }
    }

    /** Begins the end: what has arrived is delivered until the deadline. */
    void close(Duration limit) {
        closeBy = System.nanoTime() + limit.toNanos();
        closing = true;
        opener.abort();
        Session current = session;
        if (current != null) {
            current.wake();
        }
        LockSupport.unpark(thread);
    }

    /** Makes a call of the driver that is under way fail. */
    void abort() {
        Session current = session;
        if (current != null) {
            current.abort();
        }
    }

    // ---- the reader

    @Override
    public void run() {
        HubException cause = null;
        try {
            while (!closing && cause == null) {
                cause = connectAndServe();
            }
        } catch (RuntimeException | Error e) {
            cause = board.broken(e);
        } finally {
            boolean inTime = new Closing(settings, board, plan, acknowledgements, this).run(session, cause, closeBy);
            session = null;
            over = true;
            runCommands();
            acknowledgements.drain();
            whenOver.accept(inTime);
        }
    }

    /** One connection's life; a cause if there is to be no other. */
    private @Nullable HubException connectAndServe() {
        Session opened = null;
        try {
            board.move(HubState.CONNECTING, null);
            opened = opener.open(this);
            session = opened;
            serve(opened);
            return null;
        } catch (SQLException | IOException e) {
            if (closing) {
                return null;
            }
            if (opened != null) {
                session = null;
                opened.abort();
                opened.close();
            }
            return lost(e);
        }
    }

    private void serve(Session current) throws SQLException, IOException {
        long interval = settings.heartbeatInterval().toNanos();
        long checkAt = System.nanoTime() + interval;
        long seen = -1;
        boolean listening = false;
        while (!closing) {
            current.heard();
            runCommands();
            if (plan.advance(current, acknowledgements)) {
                acknowledgements.flush();
                lastRoute = null;
                continue;
            }
            if (!listening) {
                listening = true;
                connected();
            }
            long time = System.nanoTime();
            if (current.bytesReceived() != seen) {
                lastAlive = settings.clock().instant();
                checkAt = time + interval;
            } else if (time - checkAt >= 0) {
                current.check(plan.isListening());
                lastAlive = settings.clock().instant();
                checkAt = System.nanoTime() + interval;
            }
            seen = current.bytesReceived();
            incoming.expire();
            if (pump(current, Math.max(0, checkAt - time))) {
                current.check(plan.isListening());
            }
        }
    }

    /** As {@link Session#pump}, and counts. */
    boolean pump(Session current, long nanos) throws SQLException, IOException {
        now = null;
        received = 0;
        boolean unread = current.pump(nanos);
        if (received > 0) {
            settings.observer().onReceived(received);
        }
        return unread;
    }

    private void connected() {
        Instant since = away;
        if (since != null) {
            away = null;
            settings.observer()
                    .onReconnect(Duration.between(since, settings.clock().instant()), failures);
        }
        failures = 0;
        board.move(HubState.LISTENING, null);
        acknowledgements.succeed(board.ready());
        acknowledgements.flush();
    }

    private @Nullable HubException lost(Exception thrown) {
        if (away == null) {
            away = lastAlive;
        }
        plan.disconnected(lastAlive);
        incoming.clear();
        lastRoute = null;
        boolean worked = board.state() == HubState.LISTENING;
        failures = worked ? 0 : failures + 1;
        if (settings.backoff().isSpent(failures)) {
            return board.gaveUp(failures, thrown);
        }
        Duration delay = settings.backoff().delay(Math.max(1, failures), settings.random());
        HubException explained = board.backingOff(failures, delay, thrown);
        if (isLasting(thrown)) {
            plan.withdrawUnacknowledged().forEach(promise -> acknowledgements.fail(promise, explained));
            acknowledgements.flush();
        }
        long until = System.nanoTime() + delay.toNanos();
        for (long left = delay.toNanos(); left > 0 && !closing; left = until - System.nanoTime()) {
            runCommands();
            LockSupport.parkNanos(this, left);
        }
        return null;
    }

    /** Whether somebody has to do something about it: bad password, no such database, no right, a standby, a pooler. */
    private static boolean isLasting(Exception thrown) {
        return thrown instanceof SessionOpener.Unfit
                || thrown instanceof SQLException e
                        && e.getSQLState() != null
                        && (e.getSQLState().startsWith("28")
                                || e.getSQLState().startsWith("3D")
                                || e.getSQLState().startsWith("42"));
    }

    private void runCommands() {
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
        }
    }

    @Override
    public void accept(int pid, byte[] buffer, int channel, int channelLength, int payload, int payloadLength) {
        Route route = lastRoute;
        if (route == null || !route.is(buffer, channel, channelLength)) {
            route = plan.find(buffer, channel, channelLength);
            if (route == null) {
                return; // unsubscribed a moment ago
            }
            lastRoute = route;
        }
        received++;
        Instant at = now;
        if (at == null || received % SAME_TIME == 0) {
            at = settings.clock().instant();
            now = at;
        }
        incoming.accept(route, pid, at, buffer, payload, payloadLength);
    }
}
