package dev.pbp.web;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;

/** A client that follows raw channels. */
final class ChannelSubscriber extends Subscriber implements ChannelHistory.Waiter {
    private final ChannelHistory history;
    private final Set<String> channels;
    private final Queue<PushMessage> pending = new ArrayDeque<>(0); // of whoever sends at the moment
    private volatile ChannelCursor place;

    ChannelSubscriber(
            ClientConnection connection,
            TimerWheel timers,
            ChannelHistory history,
            ChannelCursor from,
            Set<String> channels) {
        super(connection, timers);
        this.history = history;
        this.place = from;
        this.channels = channels;
    }

    @Override
    public Set<String> channels() {
        return channels;
    }

    @Override
    void greet() {
        sendSignOfLife();
    }

    @Override
    void next() {
        PushMessage message = pending.poll();
        if (message == null) {
            ChannelHistory.Page found = history.take(this, place);
            place = found.place();
            if (found.messages().isEmpty()) {
                if (isGone()) {
                    history.forget(this);
                }
                return;
            }
            if (!connection().stays()) {
                send(array(found.messages()));
                return;
            }
            pending.addAll(found.messages());
            message = pending.remove();
        }
        send(message);
    }

    /** One answer with all of it. */
    private PushMessage array(List<PushMessage> messages) {
        return new PushMessage(
                place.cursor(),
                () -> messages.stream().map(PushMessage::text).collect(Collectors.joining(",", "[", "]")));
    }

    @Override
    public void wake() {
        next();
    }

    @Override
    void settle() {
        if (!history.forget(this)) {
            return; // something is on its way to it
        }
        if (connection().stays()) {
            sendSignOfLife();
        } else {
            send(array(List.of()));
        }
    }

    @Override
    void cancel() {
        history.forget(this);
    }
}
