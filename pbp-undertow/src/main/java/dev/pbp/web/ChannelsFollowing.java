package dev.pbp.web;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;

/** A client that follows raw channels. */
final class ChannelsFollowing extends Following implements ChannelNews.Waiting {
    private final ChannelNews news;
    private final Set<String> channels;
    private final Queue<Message> pending = new ArrayDeque<>(0); // of whoever sends at the moment
    private volatile ChannelPlace place;

    ChannelsFollowing(Outlet outlet, Deadlines deadlines, ChannelNews news, ChannelPlace from, Set<String> channels) {
        super(outlet, deadlines);
        this.news = news;
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
        Message message = pending.poll();
        if (message == null) {
            ChannelNews.News found = news.take(this, place);
            place = found.place();
            if (found.messages().isEmpty()) {
                if (isGone()) {
                    news.forget(this);
                }
                return;
            }
            if (!outlet().stays()) {
                send(array(found.messages()));
                return;
            }
            pending.addAll(found.messages());
            message = pending.remove();
        }
        send(message);
    }

    /** One answer with all of it. */
    private Message array(List<Message> messages) {
        return new Message(
                place.cursor(), () -> messages.stream().map(Message::text).collect(Collectors.joining(",", "[", "]")));
    }

    @Override
    public void wake() {
        next();
    }

    @Override
    void settle() {
        if (!news.forget(this)) {
            return; // something is on its way to it
        }
        if (outlet().stays()) {
            sendSignOfLife();
        } else {
            send(array(List.of()));
        }
    }

    @Override
    void cancel() {
        news.forget(this);
    }
}
