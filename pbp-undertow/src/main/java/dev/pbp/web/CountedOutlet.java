package dev.pbp.web;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts what goes out. */
final class CountedOutlet implements Outlet {
    private final Outlet outlet;
    private final Statistics statistics;
    private final Way way;

    CountedOutlet(Outlet outlet, Statistics statistics, Way way) {
        this.outlet = outlet;
        this.statistics = statistics;
        this.way = way;
    }

    @Override
    public boolean stays() {
        return outlet.stays();
    }

    @Override
    public void send(Message message, Runnable then) {
        outlet.send(message, then);
        statistics.sent(way, message.json().remaining());
    }

    @Override
    public void sendSignOfLife(Runnable then) {
        outlet.sendSignOfLife(then);
    }

    @Override
    public int left() {
        return outlet.left();
    }

    @Override
    public void fail(Throwable failure) {
        outlet.fail(failure);
    }

    @Override
    public void leave(Duration after) {
        outlet.leave(after);
    }

    @Override
    public boolean probe() {
        return outlet.probe();
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return outlet.peer();
    }

    @Override
    public void drop() {
        statistics.cutOff(way, 1);
        outlet.drop();
    }

    @Override
    public void whenGone(Runnable action) {
        outlet.whenGone(action);
    }
}
