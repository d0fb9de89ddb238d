package dev.pbp.web;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts what goes out. */
final class CountedConnection implements ClientConnection {
    private final ClientConnection connection;
    private final PushStatistics statistics;
    private final Way way;

    CountedConnection(ClientConnection connection, PushStatistics statistics, Way way) {
        this.connection = connection;
        this.statistics = statistics;
        this.way = way;
    }

    @Override
    public boolean stays() {
        return connection.stays();
    }

    @Override
    public void send(PushMessage message, Runnable then) {
        connection.send(message, then);
        statistics.sent(way, message.json().remaining());
    }

    @Override
    public void sendSignOfLife(Runnable then) {
        connection.sendSignOfLife(then);
    }

    @Override
    public int left() {
        return connection.left();
    }

    @Override
    public void fail(Throwable failure) {
        connection.fail(failure);
    }

    @Override
    public void leave(Duration after) {
        connection.leave(after);
    }

    @Override
    public boolean probe() {
        return connection.probe();
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return connection.peer();
    }

    @Override
    public void drop() {
        statistics.cutOff(way, 1);
        connection.drop();
    }

    @Override
    public void whenGone(Runnable action) {
        connection.whenGone(action);
    }
}
