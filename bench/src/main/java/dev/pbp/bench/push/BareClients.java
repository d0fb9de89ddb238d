package dev.pbp.bench.push;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.XnioIoThread;
import org.xnio.channels.StreamSinkChannel;

/**
 * The waiting clients of bare Undertow: each gets every message, and heartbeats as our clients do. Streams: at a random moment of the
 * first 12 s and then every 12 s a message without changes, a WebSocket also a ping. A long poll ends empty after 25 to 30 s.
 *
 * <p>A message is written by one task on each I/O thread, to all of that thread's clients.
 */
final class BareClients implements AutoCloseable {
    private static final HttpString CURSOR_HEADER = new HttpString("PBP-Cursor");
    private static final int TICK_MILLIS = 100;
    private static final int BEAT_TICKS = 120;
    private static final int WAIT_TICKS = 300;

    private final Map<XnioIoThread, Set<Client>> clients = new ConcurrentHashMap<>(); // each set is its thread's own
    private final List<Set<Client>> ring = new ArrayList<>();
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "bare-heartbeats"));
    private volatile Message last;
    private volatile int tick;

    /** What all clients get. */
    private record Message(String cursor, ByteBuffer json, ByteBuffer event) {
        static Message of(String cursor, String json) {
            return new Message(cursor, bytes(json), bytes("id: " + cursor + "\ndata: " + json + "\n\n"));
        }

        private static ByteBuffer bytes(String text) {
            return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
        }

        Message withoutChanges() {
            return of(cursor, "{\"cursor\":\"" + cursor + "\",\"changes\":[]}");
        }
    }

    private volatile Message heartbeat;

    /** Begins at a cursor. */
    BareClients(String cursor) {
        heartbeat = new Message(cursor, ByteBuffer.allocate(0), ByteBuffer.allocate(0)).withoutChanges();
        last = heartbeat;
        for (int i = 0; i <= WAIT_TICKS; i++) {
            ring.add(ConcurrentHashMap.newKeySet());
        }
        ticker.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** One client. All but {@code slot} belongs to its I/O thread. */
    private abstract class Client {
        final XnioIoThread thread;
        private volatile int slot = -1;

        Client(XnioIoThread thread) {
            this.thread = thread;
        }

        abstract void send(Message message);

        abstract void beat();

        abstract void drop();

        final void add() {
            clients.computeIfAbsent(thread, each -> new HashSet<>()).add(this);
        }

        final void schedule(int ticks) {
            slot = (tick + Math.max(1, ticks)) % ring.size();
            ring.get(slot).add(this);
        }

        final void remove() {
            try {
                thread.execute(() -> {
                    clients.getOrDefault(thread, Set.of()).remove(this);
                    if (slot >= 0) {
                        ring.get(slot).remove(this);
                    }
                });
            } catch (RejectedExecutionException stopping) {
                slot = -1; // the server ends with all of them
            }
        }
    }

    /** An event stream. What the socket does not take at once is written when it does. */
    private final class Stream extends Client {
        private final StreamSinkChannel channel;
        private final Queue<ByteBuffer> waiting = new ArrayDeque<>();

        Stream(XnioIoThread thread, StreamSinkChannel channel) {
            super(thread);
            this.channel = channel;
            channel.getWriteSetter().set((ChannelListener<StreamSinkChannel>) writable -> write());
        }

        @Override
        void send(Message message) {
            waiting.add(message.event().duplicate());
            if (waiting.size() == 1) {
                write();
            }
        }

        private void write() {
            try {
                for (ByteBuffer next; (next = waiting.peek()) != null; waiting.remove()) {
                    while (next.hasRemaining()) {
                        if (channel.write(next) == 0) {
                            channel.resumeWrites();
                            return;
                        }
                    }
                }
                if (channel.flush()) {
                    channel.suspendWrites();
                } else {
                    channel.resumeWrites();
                }
            } catch (IOException gone) {
                drop();
            }
        }

        @Override
        void beat() {
            send(heartbeat);
            schedule(BEAT_TICKS);
        }

        @Override
        void drop() {
            IoUtils.safeClose(channel);
        }
    }

    private final class Socket extends Client {
        private final WebSocketChannel channel;

        Socket(WebSocketChannel channel) {
            super((XnioIoThread) channel.getIoThread());
            this.channel = channel;
        }

        @Override
        void send(Message message) {
            WebSockets.sendText(message.json().duplicate(), channel, null);
        }

        @Override
        void beat() {
            WebSockets.sendPing(ByteBuffer.allocate(0), channel, null);
            send(heartbeat);
            schedule(BEAT_TICKS);
        }

        @Override
        void drop() {
            IoUtils.safeClose(channel);
        }
    }

    private final class Poll extends Client {
        private final HttpServerExchange exchange;
        private boolean answered;

        Poll(HttpServerExchange exchange) {
            super(exchange.getIoThread());
            this.exchange = exchange;
        }

        @Override
        void send(Message message) {
            if (!answered) {
                answered = true;
                exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
                exchange.getResponseHeaders().put(CURSOR_HEADER, message.cursor());
                exchange.getResponseSender().send(message.json().duplicate());
            }
        }

        @Override
        void beat() {
            send(heartbeat);
        }

        @Override
        void drop() {
            IoUtils.safeClose(exchange.getConnection());
        }
    }

    /** Holds an event stream. Called on its I/O thread, as the others. */
    void stream(HttpServerExchange exchange) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        Stream stream = new Stream(exchange.getIoThread(), exchange.getResponseChannel());
        exchange.addExchangeCompleteListener((ended, next) -> {
            stream.remove();
            next.proceed();
        });
        stream.add();
        stream.schedule(ThreadLocalRandom.current().nextInt(BEAT_TICKS));
        stream.send(heartbeat);
    }

    /** Holds a WebSocket. */
    void socket(WebSocketChannel channel) {
        Socket socket = new Socket(channel);
        channel.addCloseTask(closed -> socket.remove());
        socket.thread.execute(() -> {
            socket.add();
            socket.schedule(ThreadLocalRandom.current().nextInt(BEAT_TICKS));
            socket.send(heartbeat);
        });
    }

    /** Holds a long poll, or answers it if its cursor is not the newest. */
    void poll(HttpServerExchange exchange, String cursor) {
        Poll poll = new Poll(exchange);
        if (!cursor.equals(last.cursor())) {
            poll.send(last);
            return;
        }
        exchange.addExchangeCompleteListener((ended, next) -> {
            poll.remove();
            next.proceed();
        });
        poll.add();
        poll.schedule(WAIT_TICKS - ThreadLocalRandom.current().nextInt(WAIT_TICKS / 6));
    }

    /** Sends a message to all. */
    void send(String cursor, String json) {
        Message message = Message.of(cursor, json);
        last = message;
        heartbeat = message.withoutChanges();
        clients.forEach(
                (thread, all) -> thread.execute(() -> List.copyOf(all).forEach(client -> client.send(message))));
    }

    private void tick() {
        int now = (tick + 1) % ring.size();
        tick = now;
        Set<Client> due = ring.get(now);
        for (Client client : due) {
            due.remove(client);
            client.thread.execute(client::beat);
        }
    }

    /** Cuts off all, and returns how many. */
    int drop() {
        int count = 0;
        for (Set<Client> slot : ring) {
            for (Client client : slot) {
                client.thread.execute(client::drop);
                count++;
            }
        }
        return count;
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
