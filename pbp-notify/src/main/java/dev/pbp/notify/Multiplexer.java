package dev.pbp.notify;

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
final class Multiplexer implements Runnable, SubscriptionHost {
    private final Settings settings;
    private final StateBoard board;
    private final Executor executor;
    private final Consumer<Boolean> whenOver;
    private final SessionOpener opener;
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final ListenPlan plan;
    private final Incoming incoming;
    private final Acknowledgements acknowledgements;
    private final Heartbeat heartbeat;
    final Thread thread;

    private volatile @Nullable Session session;
    private volatile boolean closing;
    private volatile boolean over;
    private volatile long closeBy;

    // The reader's own.
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
        this.incoming = new Incoming(settings, plan);
        this.acknowledgements = new Acknowledgements(executor);
        this.heartbeat = new Heartbeat(settings);
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

    /** Makes what its thread does end: a call of the driver fails, a listener or a wait for room is interrupted. */
    void abort() {
        thread.interrupt();
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
            boolean inTime =
                    new Closing(settings, board, plan, incoming, acknowledgements).run(session, cause, closeBy);
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
            opened = opener.open(incoming);
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

    /** Until the hub closes; throws when the connection is lost. */
    void serve(Session current) throws SQLException, IOException {
        session = current;
        heartbeat.start();
        boolean listening = false;
        while (!closing) {
            current.heard();
            runCommands();
            if (plan.advance(current, acknowledgements)) {
                acknowledgements.flush();
                incoming.routesChanged();
                continue;
            }
            if (!listening) {
                listening = true;
                connected();
            }
            long untilBeat = heartbeat.beat(current, plan.isListening());
            incoming.expire();
            if (incoming.pump(current, untilBeat)) {
                current.check(plan.isListening());
            }
        }
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
        Thread.interrupted(); // a listener on this thread may have left it behind: nothing here could wait any more
        if (away == null) {
            away = heartbeat.lastAlive();
        }
        plan.disconnected(heartbeat.lastAlive());
        incoming.clear();
        boolean worked = board.state() == HubState.LISTENING;
        failures = worked ? 0 : failures + 1;
        if (settings.backoff().isSpent(failures)) {
            return board.gaveUp(failures, thrown);
        }
        Duration delay = settings.backoff().delay(Math.max(1, failures), settings.random());
        HubException explained = board.backingOff(failures, delay, thrown);
        if (SessionOpener.isLasting(thrown)) {
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

    private void runCommands() {
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
        }
    }
}
