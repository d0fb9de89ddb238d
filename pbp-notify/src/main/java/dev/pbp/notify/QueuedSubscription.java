package dev.pbp.notify;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what arrives in a {@link Mailbox} and calls its listener on an executor: one task at a time, each taking a bounded
 * number of events, so that listeners on one executor take turns.
 */
final class QueuedSubscription extends HubSubscription implements Runnable, MailboxOwner {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");
    private static final int BATCH = 64;
    private static final int BATCHES_A_TURN = 16;
    private static final long FIRST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private final Executor executor;
    private final Mailbox mailbox;
    /** After the executor has refused, until it is asked again; 0 if it has not. */
    private volatile long pauseMillis;

    QueuedSubscription(
            SubscriptionHost host, String channel, NotificationListener listener, SubscriptionOptions options) {
        super(host, channel, listener);
        this.executor = options.executor() == null ? host.executor() : options.executor();
        this.mailbox = new Mailbox(this, options.capacity(), options.overflow());
    }

    @Override
    void offer(Notification notification) {
        mailbox.offer(notification);
    }

    @Override
    void offer(Gap gap) {
        mailbox.offer(gap);
    }

    /** Lets this many more events out; a subscription of which this is never asked lets out all. */
    void request(long events) {
        mailbox.request(events);
    }

    /** From the start: lets out only what is asked for. */
    void holdBack() {
        mailbox.holdBack();
    }

    @Override
    void end(@Nullable HubException cause, Runnable done) {
        mailbox.end(cause, done);
    }

    @Override
    int abandon() {
        return mailbox.abandon();
    }

    @Override
    public int queued() {
        return mailbox.size();
    }

    @Override
    public boolean isActive() {
        return !mailbox.isClosed();
    }

    @Override
    public void close() {
        if (mailbox.close()) {
            host.left(this);
        }
    }

    // ---- what the mailbox tells

    @Override
    public void turnDue() {
        try {
            executor.execute(this);
        } catch (RuntimeException | Error e) { // whatever an executor throws is its subscription's affair alone
            refused(e);
        }
    }

    /** The reader goes on; the executor is asked again after a while, and logged once until it accepts. */
    private void refused(Throwable thrown) {
        long pause = pauseMillis;
        if (pause == 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "hub " + host.name() + ": the executor of a listener of channel \"" + channel()
                            + "\" refuses its task; its notifications wait, and it is asked again",
                    thrown);
        }
        long next = pause == 0 ? FIRST_PAUSE_MILLIS : Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
        pauseMillis = next;
        if (mailbox.turnRefused()) {
            CompletableFuture.delayedExecutor(next, TimeUnit.MILLISECONDS, Runnable::run)
                    .execute(mailbox::tryAgain);
        }
    }

    @Override
    public void dropped(int notifications, boolean closes) {
        host.observer().onDropped(channel(), notifications);
        if (closes) {
            host.left(this);
        }
    }

    @Override
    public void ended(@Nullable HubException cause) {
        callEnd(cause);
    }

    @Override
    public HubException overflowed(int waiting) {
        return new HubException(
                "hub " + host.name() + ": the subscription of channel \"" + channel()
                        + "\" was closed by its overflow policy: " + waiting
                        + " notifications waited for its listener and one more came; make the listener faster or the queue larger");
    }

    @Override
    public HubException abandoned(int lost) {
        return new HubException("hub " + host.name() + ": closed with " + lost + " notifications of channel \""
                + channel() + "\" undelivered "
                + (pauseMillis == 0 ? "when its time was over" : "since the listener's executor refuses its task"));
    }

    // ---- a turn

    @Override
    public void run() {
        pauseMillis = 0;
        NotificationEvent[] batch = new NotificationEvent[BATCH];
        for (int turn = 0; turn < BATCHES_A_TURN; turn++) {
            int count = mailbox.take(batch);
            if (count == 0) {
                return;
            }
            deliver(batch, count);
        }
        turnDue();
    }

    private void deliver(NotificationEvent[] batch, int count) {
        Instant first = null;
        int notifications = 0;
        for (int i = 0; i < count; i++) {
            NotificationEvent event = batch[i];
            if (mailbox.isClosed()) {
                return;
            }
            if (event instanceof Notification notification) {
                notifications++;
                if (first == null) {
                    first = notification.at();
                }
            }
            call(event);
        }
        if (first != null && host.observer() != NoObserver.INSTANCE) {
            host.observer().onDelivered(channel(), notifications, queued(), Duration.between(first, Instant.now()));
        }
    }
}
