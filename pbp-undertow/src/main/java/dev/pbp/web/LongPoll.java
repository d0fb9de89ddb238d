package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.time.Duration;
import org.xnio.IoUtils;

/** A request that waits for its answer. Waiting holds neither a thread nor a connection to the database. */
final class LongPoll implements Outlet {
    private final HttpServerExchange exchange;

    LongPoll(HttpServerExchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public boolean stays() {
        return false;
    }

    @Override
    public void send(Message message, Runnable then) {
        exchange.getIoThread().execute(() -> {
            if (exchange.isResponseStarted()) {
                return;
            }
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
            exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
            exchange.getResponseSender().send(message.json());
        });
    }

    @Override
    public void sendSignOfLife(Runnable then) {
        throw new UnsupportedOperationException("a long poll has one answer");
    }

    @Override
    public void fail(Throwable failure) {
        exchange.getIoThread().execute(() -> Problem.of(failure).send(exchange));
    }

    @Override
    public void leave(Duration after) {
        throw new UnsupportedOperationException("a long poll is answered");
    }

    @Override
    public boolean probe() {
        return true;
    }

    @Override
    public void drop() {
        exchange.getIoThread().execute(() -> IoUtils.safeClose(exchange.getConnection()));
    }

    @Override
    public void whenGone(Runnable action) {
        exchange.addExchangeCompleteListener((ended, next) -> {
            action.run();
            next.proceed();
        });
    }
}
