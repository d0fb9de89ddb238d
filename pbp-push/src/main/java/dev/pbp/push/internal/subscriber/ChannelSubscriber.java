package dev.pbp.push.internal.subscriber;

import dev.pbp.push.access.PushStatistics;
import dev.pbp.push.connection.ClientConnection;
import dev.pbp.push.connection.PushMessage;
import dev.pbp.push.http.Problem;
import dev.pbp.push.timer.TimerWheel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A client that subscribes to channels. */
public final class ChannelSubscriber extends Subscriber implements ChannelHistory.Waiter {
    private final ChannelHistory history;
    private final Set<String> channels;
    private final Queue<PushMessage> pending = new ConcurrentLinkedQueue<>();
    private volatile ChannelCursor cursor;

    /**
     * Creates one that has not begun.
     *
     * @param connection to the client
     * @param timers heartbeats for all
     * @param statistics counts what is sent
     * @param history the notifications
     * @param from where it begins
     * @param channels the channels whose notifications it receives
     * @param revocation gives the reason once the client's credentials do not hold any more
     */
    public ChannelSubscriber(
            ClientConnection connection,
            TimerWheel timers,
            PushStatistics statistics,
            ChannelHistory history,
            ChannelCursor from,
            Set<String> channels,
            Supplier<@Nullable Problem> revocation) {
        super(connection, timers, statistics, revocation);
        this.history = history;
        this.cursor = from;
        this.channels = channels;
    }

    @Override
    public Set<String> channels() {
        return channels;
    }

    @Override
    void greet() {
        sendHeartbeat();
    }

    @Override
    void next() {
        PushMessage message = pending.poll();
        if (message == null) {
            ChannelHistory.Page found = history.read(this, cursor);
            cursor = found.cursor();
            if (found.messages().isEmpty()) {
                if (isClosed()) {
                    history.cancel(this);
                }
                return;
            }
            if (!isStream()) {
                send(array(found.messages()));
                return;
            }
            pending.addAll(found.messages());
            message = pending.remove();
        }
        send(message);
        if (isClosed()) {
            releasePending();
        }
    }

    /** One response with all of it, which is little more than a page of the history. */
    private PushMessage array(List<PushMessage> messages) {
        String json = messages.stream().map(PushMessage::text).collect(Collectors.joining(",", "[", "]"));
        messages.forEach(PushMessage::release);
        history.memory().add(json.length());
        return new PushMessage(
                cursor.value(), () -> StandardCharsets.UTF_8.encode(json), history.memory(), json.length());
    }

    private void releasePending() {
        for (PushMessage message = pending.poll(); message != null; message = pending.poll()) {
            message.release();
        }
    }

    @Override
    public void wake() {
        next();
    }

    @Override
    void endWait() {
        if (!history.cancel(this)) {
            return; // a message is on its way to it
        }
        if (isStream()) {
            sendHeartbeat();
        } else {
            send(array(List.of()));
        }
    }

    @Override
    void cancel() {
        history.cancel(this);
        releasePending();
    }
}
