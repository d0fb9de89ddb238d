package dev.pbp.push.internal.subscriber;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.push.timer.TimerWheel;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Reports to streams soon, and not only at their next heartbeats, that the feed cannot be read any more, or can be again. */
public final class StaleFeedReporter implements AutoCloseable {
    private static final Duration SPREAD = Duration.ofSeconds(3);

    private final ChangeFeed feed;
    private final TimerWheel timers;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, task -> {
        Thread each = new Thread(task, "pbp-stale-feed");
        each.setDaemon(true);
        return each;
    });
    private boolean stale; // of the thread

    /**
     * Begins to look, each second.
     *
     * @param feed that is pushed
     * @param timers of all clients
     */
    public StaleFeedReporter(ChangeFeed feed, TimerWheel timers) {
        this.feed = feed;
        this.timers = timers;
        thread.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
    }

    private void look() {
        boolean now = feed.staleSince().isPresent();
        if (now != stale) {
            stale = now;
            for (TimerWheel.Timer timer : timers.all()) {
                if (timer instanceof ChangeSubscriber client) {
                    client.reportSoon(SPREAD);
                }
            }
        }
    }

    /** Ends the thread. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
