package dev.pbp.notify.internal.hub;

import dev.pbp.notify.HubException;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.HubState;
import dev.pbp.notify.Subscription;
import dev.pbp.notify.internal.connection.ConnectionOpener;
import dev.pbp.notify.internal.connection.Heartbeat;
import dev.pbp.notify.internal.connection.ListenConnection;
import dev.pbp.notify.internal.delivery.HubSubscription;
import dev.pbp.notify.internal.delivery.QueueMemory;
import dev.pbp.notify.internal.delivery.SubscriptionHost;
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
public final class HubLoop implements Runnable, SubscriptionHost {
    private final HubSettings settings;
    private final HubStatus status;
    private final Executor executor;
    private final Consumer<Boolean> whenOver;
    private final ConnectionOpener opener;
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final ChannelRegistry registry;
    private final ListenSender sender;
    private final QueueMemory memory;
    private final Dispatcher dispatcher;
    private final FutureCompleter futures;
    private final Heartbeat heartbeat;
    private final QueueWatch queueWatch;
    private final Thread thread;
    /** Made in advance, for when there is no memory to make one. */
    private final HubException lastResort;

    private volatile @Nullable ListenConnection connection;
    private volatile boolean closing;
    private volatile boolean over;
    private volatile long closeBy;

    // The reader's own.
    private int failures;
    /** How often in a row the session was given up for an error of this process, not of the server's or the network's. */
    private int errors;
    /** Why the hub cannot connect, if waiting does not help; while it is there, requests fail at once. */
    private @Nullable HubException lasting;

    private @Nullable Instant away;

    /** {@code whenOver} is the last thing its thread does, and hears whether all listeners had finished. */
    public HubLoop(HubSettings settings, HubStatus status, Executor executor, Consumer<Boolean> whenOver) {
        this.settings = settings;
        this.status = status;
        this.executor = executor;
        this.whenOver = whenOver;
        this.opener = new ConnectionOpener(settings.connection());
        this.registry = new ChannelRegistry();
        this.sender = new ListenSender(settings.name(), settings.observer(), registry);
        this.memory = new QueueMemory(settings.maxQueuedBytes(), registry::forEachSubscription, System::nanoTime);
        this.dispatcher = new Dispatcher(settings, registry, memory);
        this.futures = new FutureCompleter(executor);
        this.heartbeat = new Heartbeat(settings.connection());
        this.queueWatch = new QueueWatch(settings);
        this.thread = new Thread(this, "pbp-notify-" + settings.name());
        thread.setDaemon(true);
        this.lastResort = new HubException("hub " + settings.name()
                + ": its thread ended by an error that could not be reported (state=FAILED); start a new hub");
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
    public QueueMemory memory() {
        return memory;
    }

    @Override
    public Executor executor() {
        return executor;
    }

    // ---- for any thread

    @Override
    public void subscribe(HubSubscription subscription, byte[] channel, CompletableFuture<Subscription> promise) {
        subscription.future(promise);
        submit(() -> {
            HubException unmet = lasting;
            if (closing || over) {
                futures.fail(promise, status.refusal());
            } else if (unmet != null) {
                futures.fail(promise, unmet);
            } else {
                registry.add(subscription, channel);
            }
        });
    }

    @Override
    public void left(HubSubscription subscription) {
        submit(() -> {
            if (!over) {
                registry.remove(subscription);
            }
        });
    }

    /** The thread that runs this; not started. */
    public Thread thread() {
        return thread;
    }

    public boolean isWakeable() {
        return opener.isWakeable();
    }

    private void submit(Runnable command) {
        commands.add(command);
        ListenConnection current = connection;
        if (current != null) {
            current.wake();
        } else {
            LockSupport.unpark(thread);
        }
        if (over) {
            runCommands();
            futures.drain();
        }
    }

    /** Begins the end: what has arrived is delivered until the deadline. */
    public void close(Duration limit) {
        closeBy = System.nanoTime() + limit.toNanos();
        closing = true;
        opener.abort();
        ListenConnection current = connection;
        if (current != null) {
            current.wake();
        }
        LockSupport.unpark(thread);
    }

    /** Makes what its thread does end: a call of the driver fails, a listener or a wait for room is interrupted. */
    public void abort() {
        thread.interrupt();
        ListenConnection current = connection;
        if (current != null) {
            current.abort();
        }
    }

    // ---- the reader

    @Override
    public void run() {
        HubException cause = null;
        boolean inTime = false;
        try {
            while (!closing && cause == null) {
                cause = connectAndServe();
            }
        } catch (RuntimeException | Error e) {
            cause = broken(e);
        }
        try {
            inTime = new HubShutdown(settings, status, registry, dispatcher, futures).run(connection, cause, closeBy);
        } catch (RuntimeException | Error e) {
            HubException failure = broken(e);
            registry.withdrawUnacknowledged().forEach(promise -> futures.fail(promise, failure));
        } finally {
            connection = null;
            over = true;
            runCommands();
            futures.drain();
            whenOver.accept(inTime);
        }
    }

    /** Where there is no memory even to report an error, everything that waits has to end all the same. */
    private HubException broken(Throwable thrown) {
        try {
            return status.broken(thrown);
        } catch (RuntimeException | Error e) {
            return lastResort;
        }
    }

    /** One connection's life; a cause if there is to be no other. */
    private @Nullable HubException connectAndServe() {
        ListenConnection opened = null;
        try {
            status.move(HubState.CONNECTING, null);
            opened = opener.open(dispatcher);
            serve(opened);
            return null;
        } catch (SQLException | IOException e) {
            errors = 0;
            return closing ? null : lost(opened, e);
        } catch (RuntimeException | Error e) {
            if (closing || status.state() != HubState.LISTENING && !(e instanceof OutOfMemoryError)) {
                throw e;
            }
            errors++; // a new session starts from nothing, which may be what it takes
            status.reportError(e);
            return lost(opened, e);
        }
    }

    /** Until the hub closes; throws when the connection is lost. */
    void serve(ListenConnection current) throws SQLException, IOException {
        connection = current;
        heartbeat.start();
        boolean listening = false;
        while (!closing) {
            current.clearWake();
            runCommands();
            if (sender.advance(current, futures)) {
                futures.flush();
                dispatcher.routesChanged();
                continue;
            }
            if (!listening) {
                listening = true;
                connected();
            }
            long untilBeat = heartbeat.beat(current, sender.isListening());
            queueWatch.look(current);
            dispatcher.expire();
            if (dispatcher.pump(current, untilBeat)) {
                current.check(sender.isListening());
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
        if (lasting != null) {
            lasting = null;
            status.renewReady();
        }
        status.move(HubState.LISTENING, null);
        futures.succeed(status.ready());
        futures.flush();
    }

    private @Nullable HubException lost(@Nullable ListenConnection broken, Throwable thrown) {
        if (broken != null) {
            connection = null;
            broken.abort();
            broken.close();
        }
        Thread.interrupted(); // a listener on this thread may have left it behind: nothing here could wait any more
        if (away == null) {
            away = heartbeat.lastAlive();
        }
        sender.disconnected();
        registry.disconnected(heartbeat.lastAlive());
        dispatcher.clear();
        boolean worked = status.state() == HubState.LISTENING;
        failures = worked ? 0 : failures + 1;
        if (settings.backoff().isSpent(failures)) {
            return status.gaveUp(failures, thrown);
        }
        Duration delay = settings.backoff().delay(Math.max(1, Math.max(failures, errors)), settings.random());
        HubException explained = status.backingOff(failures, delay, thrown);
        if (ConnectionOpener.isLasting(thrown)) {
            lasting = explained;
            futures.fail(status.ready(), explained);
            registry.withdrawUnacknowledged().forEach(promise -> futures.fail(promise, explained));
            futures.flush();
        }
        long until = System.nanoTime() + delay.toNanos();
        for (long left = delay.toNanos(); left > 0 && !closing; left = until - System.nanoTime()) {
            runCommands();
            futures.flush();
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
