package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A listener that keeps what it gets, for a test to take. */
public final class Recorder implements NotificationListener {
    /** Much longer than anything here takes, so that only what never comes fails by it. */
    private static final int LIMIT_SECONDS = 20;

    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

    private record End(@Nullable HubException cause) {}

    @Override
    public void onNotification(Notification notification) {
        events.add(notification);
    }

    @Override
    public void onGap(Gap gap) {
        events.add(gap);
    }

    @Override
    public void onEnd(@Nullable HubException cause) {
        events.add(new End(cause));
    }

    private Object next() throws InterruptedException {
        Object event = events.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(event).as("an event within %s s", LIMIT_SECONDS).isNotNull();
        return java.util.Objects.requireNonNull(event);
    }

    public Notification notification() throws InterruptedException {
        Object event = next();
        assertThat(event).isInstanceOf(Notification.class);
        return (Notification) event;
    }

    public Gap gap() throws InterruptedException {
        Object event = next();
        assertThat(event).isInstanceOf(Gap.class);
        return (Gap) event;
    }

    public @Nullable HubException end() throws InterruptedException {
        Object event = next();
        assertThat(event).isInstanceOf(End.class);
        return ((End) event).cause();
    }

    public List<String> payloads(int count) throws InterruptedException {
        List<String> payloads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            payloads.add(notification().payload());
        }
        return payloads;
    }

    /** What has come and was not taken. */
    public List<Object> rest() {
        return new ArrayList<>(events);
    }
}
