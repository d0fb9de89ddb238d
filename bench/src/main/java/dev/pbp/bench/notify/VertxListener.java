package dev.pbp.bench.notify;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.pubsub.PgChannel;
import io.vertx.pgclient.pubsub.PgSubscriber;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Vert.x: its listeners run on the event loop that reads the connection. */
final class VertxListener implements BenchListener {
    private final Vertx vertx;
    private final PgSubscriber subscriber;

    private VertxListener(Vertx vertx, PgSubscriber subscriber) {
        this.vertx = vertx;
        this.subscriber = subscriber;
    }

    static VertxListener open(String libpqUrl) throws Exception {
        Vertx vertx = Vertx.vertx();
        PgSubscriber subscriber = PgSubscriber.subscriber(vertx, PgConnectOptions.fromUri(libpqUrl));
        subscriber.connect().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        return new VertxListener(vertx, subscriber);
    }

    @Override
    public CompletableFuture<?> listen(String channel, Consumer<String> listener) {
        CompletableFuture<Void> listening = new CompletableFuture<>();
        PgChannel pgChannel = subscriber.channel(channel);
        pgChannel.subscribeHandler(listening::complete);
        pgChannel.handler(listener::accept);
        return listening;
    }

    @Override
    public void close() {
        subscriber.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
