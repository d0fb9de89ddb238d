package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.Backoff;
import dev.pbp.notify.Gap;
import dev.pbp.notify.HubException;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationEvent;
import dev.pbp.notify.NotificationListener;
import dev.pbp.notify.OverflowPolicy;
import dev.pbp.notify.SubscriptionOptions;
import dev.pbp.notify.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what arrives in a {@link SubscriptionQueue} and calls its listener on an executor: one task at a time, each taking a
 * bounded number of events, so that listeners on one executor take turns. Safe for several threads.
 */
final class QueuedSubscription extends HubSubscription implements Runnable {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");
    private static final int BATCH = 64;
    private static final int BATCHES_PER_TASK = 16;
    /** A batch ends where it has so much: what a listener hangs with is no longer in its queue, to be dropped. */
    private static final int BATCH_BYTES = 64 * 1024;
    /** Between the attempts to hand a task to an executor that rejects it. */
    private static final Backoff RETRIES = new Backoff(Duration.ofMillis(10), Duration.ofSeconds(5), 0, 0);

    /** The one task of this subscription. */
    private enum Task {
        NONE,
        /** With the executor, or running. */
        SUBMITTED,
        /** The executor rejected it: none is submitted before the next retry. */
        REJECTED
    }

    private final Executor executor;
    private final boolean closesWhenFull;
    private final ReentrantLock lock = new ReentrantLock();
    /** Completes once the listener's last call has returned, or when there will be none. */
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    /** How often in a row the executor has rejected the task. */
    private volatile int rejections;

    private volatile boolean closed;

    /** What the batch that is being delivered takes, in bytes. The task's own. */
    private long taken;

    // The lock guards all below, and writes of "closed".
    private final SubscriptionQueue queue;
    /** Since when the listener has taken nothing, though it could. */
    private long taking;

    private Task task = Task.NONE;
    private long demand = Long.MAX_VALUE;
    private boolean ending;
    /** Whether it was the hub that ended it, and not its policy. */
    private boolean endedByHub;

    private @Nullable HubException endCause;

    QueuedSubscription(
            SubscriptionHost host,
            String channel,
            @Nullable Topic topic,
            NotificationListener listener,
            SubscriptionOptions options) {
        super(host, channel, topic, listener);
        this.executor = options.executor() == null ? host.executor() : options.executor();
        this.closesWhenFull = options.overflow() instanceof OverflowPolicy.Close;
        this.queue = new SubscriptionQueue(options, host.memory(), lock);
    }

    // ---- what comes in

    @Override
    public void offer(Notification notification) {
        long size = QueueMemory.sizeOf(notification);
        boolean reserved = host.memory().reserve(size);
        int dropped = 0;
        boolean due;
        lock.lock();
        try {
            if (closed || ending || queue.merges(notification)) {
                return;
            }
            if (!reserved || !queue.hasRoomFor(size)) {
                dropped = reserved ? makeRoom(notification, size) : refuse(notification);
                if (closed) { // while it waited
                    return;
                }
            }
            if (reserved && !ending) {
                if (task == Task.NONE && demand > 0) {
                    taking = host.memory().now();
                }
                queue.add(notification, size);
                reserved = false; // it is the queue's now
            }
            due = claimTask();
        } finally {
            lock.unlock();
            if (reserved) {
                host.memory().release(size);
            }
        }
        afterwards(dropped, due);
    }

    /** Does as the policy says; how many are lost. */
    private int makeRoom(Notification notification, long size) {
        if (closesWhenFull) {
            queue.add(new Gap(Gap.Reason.OVERFLOW, notification.at(), OptionalLong.of(1)));
            closeByPolicy();
            return 1;
        }
        int dropped = 0;
        while (!queue.awaitRoom(size)) {
            queue.dropOldest();
            dropped++;
        }
        return dropped;
    }

    /** There is no memory for it, and nothing to drop. */
    private int refuse(Notification notification) {
        queue.drop(notification);
        if (closesWhenFull) {
            closeByPolicy();
        }
        return 1;
    }

    @Override
    void shed() {
        int dropped = 0;
        boolean due;
        lock.lock();
        try {
            long most = queue.bytes() / 2;
            while (queue.bytes() > most) {
                queue.dropOldest();
                dropped++;
            }
            if (closesWhenFull && dropped > 0 && !ending) {
                closeByPolicy();
            }
            due = claimTask();
        } finally {
            lock.unlock();
        }
        afterwards(dropped, due);
    }

    private void afterwards(int dropped, boolean due) {
        if (dropped > 0) {
            host.observer().onDropped(channel(), dropped);
            if (closesWhenFull) {
                host.left(this);
            }
        }
        if (due) {
            host.call(this::submit);
        }
    }

    @Override
    public void offer(Gap gap) {
        change(() -> {
            if (closed || ending) {
                return false;
            }
            queue.add(gap);
            return claimTask();
        });
    }

    private void closeByPolicy() {
        ending = true;
        endCause = new HubException("hub " + host.name() + ": the subscription of channel \"" + channel()
                + "\" was closed by its overflow policy: " + queue.size() + " notifications of " + queue.bytes()
                + " bytes wait for its listener, and more do not fit; make the listener faster, or its queue or the"
                + " hub's memory larger");
    }

    /** Makes a change under the lock; it returns whether a task is due. */
    private void change(BooleanSupplier change) {
        boolean due;
        lock.lock();
        try {
            due = change.getAsBoolean();
        } finally {
            lock.unlock();
        }
        if (due) {
            host.call(this::submit);
        }
    }

    /** Lets this many more events out; a subscription of which this is never asked lets out all. */
    void request(long events) {
        change(() -> {
            demand = demand + events < 0 ? Long.MAX_VALUE : demand + events;
            return !queue.isEmpty() && claimTask();
        });
    }

    /** From the start: lets out only what is asked for. */
    void holdBack() {
        change(() -> {
            demand = 0;
            return false;
        });
    }

    // ---- the task

    private boolean claimTask() {
        if (task != Task.NONE || demand == 0 && !(ending && queue.isEmpty())) {
            return false;
        }
        task = Task.SUBMITTED;
        return true;
    }

    private void submit() {
        try {
            executor.execute(this);
        } catch (RuntimeException | Error e) { // whatever an executor throws is its subscription's affair alone
            rejected(e);
        }
    }

    /** The reader goes on; the executor is asked again after a while, and logged once until it accepts. */
    private void rejected(Throwable thrown) {
        int times = rejections + 1;
        rejections = times;
        if (times == 1) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "hub " + host.name() + ": the executor of a listener of channel \"" + channel()
                            + "\" refuses its task; its notifications wait, and it is asked again",
                    thrown);
        }
        if (!endsRejected()) {
            Duration delay = RETRIES.delay(times, ThreadLocalRandom.current());
            CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
                    .execute(this::retry);
        }
    }

    /** Whether there is no later in which to retry: then what waits is lost, and the end is reported here. */
    private boolean endsRejected() {
        int lost;
        HubException cause;
        lock.lock();
        try {
            if (closed) {
                return true;
            }
            if (!endedByHub) {
                task = Task.REJECTED;
                return false;
            }
            lost = dropAll();
            closed = true;
            cause = endCause;
        } finally {
            lock.unlock();
        }
        if (lost > 0) {
            host.observer().onDropped(channel(), lost);
        }
        reportEnd(cause);
        return true;
    }

    private void retry() {
        change(() -> !closed && withdrawRejected() && claimTask());
    }

    private boolean withdrawRejected() {
        if (task != Task.REJECTED) {
            return false;
        }
        task = Task.NONE;
        return true;
    }

    @Override
    public void run() {
        rejections = 0;
        NotificationEvent[] batch = new NotificationEvent[BATCH];
        for (int i = 0; i < BATCHES_PER_TASK; i++) {
            int count = take(batch);
            if (count == 0) {
                return;
            }
            try {
                deliver(batch, count);
            } finally {
                host.memory().release(taken);
            }
        }
        submit();
    }

    /** Fills the batch; 0 if there is nothing to deliver, and then the task is over. */
    private int take(NotificationEvent[] batch) {
        HubException cause;
        lock.lock();
        try {
            int count = 0;
            taken = 0;
            taking = host.memory().now();
            while (count < batch.length && demand > 0 && taken < BATCH_BYTES) {
                NotificationEvent event = queue.poll();
                if (event == null) {
                    break;
                }
                taken += event instanceof Notification notification ? QueueMemory.sizeOf(notification) : 0;
                batch[count++] = event;
                demand -= demand == Long.MAX_VALUE ? 0 : 1;
            }
            if (count > 0) {
                return count;
            }
            task = Task.NONE;
            if (!ending || closed || !queue.isEmpty()) {
                return 0;
            }
            closed = true; // nothing may follow the end
            cause = endCause;
        } finally {
            lock.unlock();
        }
        reportEnd(cause);
        return 0;
    }

    private void deliver(NotificationEvent[] batch, int count) {
        Instant first = null;
        int notifications = 0;
        for (int i = 0; i < count; i++) {
            if (closed) {
                return;
            }
            if (batch[i] instanceof Notification notification) {
                notifications++;
                if (first == null) {
                    first = notification.at();
                }
                listener.onNotification(notification);
            } else {
                listener.onGap((Gap) batch[i]);
            }
        }
        if (first != null && host.observer() != NoObserver.INSTANCE) {
            host.observer().onDelivered(channel(), notifications, queued(), Duration.between(first, Instant.now()));
        }
    }

    // ---- the end

    @Override
    public void end(@Nullable HubException cause, Runnable whenDone) {
        ended.thenRun(whenDone);
        change(() -> {
            if (closed) {
                return false;
            }
            endedByHub = true;
            if (!ending) {
                ending = true;
                endCause = cause;
            }
            withdrawRejected();
            return claimTask();
        });
    }

    private void reportEnd(@Nullable HubException cause) {
        listener.onEnd(cause);
        ended.complete(null);
    }

    @Override
    public int abandon() {
        int lost;
        lock.lock();
        try {
            lost = dropAll();
        } finally {
            lock.unlock();
        }
        change(this::claimTask);
        return lost;
    }

    private int dropAll() {
        int lost = queue.clear();
        if (lost > 0 && endCause == null) {
            endCause = new HubException("hub " + host.name() + ": closed with " + lost + " notifications of channel \""
                    + channel() + "\" undelivered "
                    + (rejections == 0 ? "when its time was over" : "since the listener's executor refuses its task"));
        }
        return lost;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            queue.clear();
        } finally {
            lock.unlock();
        }
        ended.complete(null);
        host.left(this);
    }

    @Override
    double backlog(long nanoTime) {
        lock.lock();
        try {
            return queue.bytes() * Math.max(1e-9, (nanoTime - taking) / 1e9);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int queued() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isActive() {
        return !closed;
    }
}
