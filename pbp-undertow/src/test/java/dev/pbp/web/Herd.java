package dev.pbp.web;

import dev.pbp.push.http.Json;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * Thousands of clients of the event stream, on one thread. Each keeps a replica of the table, as one number: the sum of its
 * rows' hashes. Whoever is cut off comes back to the same port from its cursor, soon and at a random time.
 */
final class Herd implements AutoCloseable {
    private static final int COME_BACK_MILLIS = 3000;
    private static final int CONNECTING_AT_ONCE = 200;

    private final int port;
    private final List<Client> clients = new ArrayList<>();
    private final PriorityQueue<Client> away = new PriorityQueue<>((a, b) -> Long.compare(a.due, b.due));
    private final Selector selector = Selector.open();
    private final Random random = new Random(7);
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    private final Thread thread = new Thread(this::run, "herd");
    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicInteger reconnects = new AtomicInteger();
    private int connecting;
    private volatile boolean closed;
    private volatile String failure = "";

    /** One client. Of the herd's thread, but for the sum. */
    private final class Client {
        private final StringBuilder line = new StringBuilder();
        private String cursor;
        private String event = "";
        private long due;
        private boolean open;
        private volatile long sum;

        Client(String cursor) {
            this.cursor = cursor;
        }

        private void take(String text) {
            if (text.startsWith("id: ")) {
                cursor = text.substring(4);
            } else if (text.startsWith("event: ")) {
                event = text;
            } else if (text.startsWith("data: ")) {
                if (!event.isEmpty()) {
                    throw new IllegalStateException(event + " " + text);
                }
                apply(text.substring("data: ".length()));
            } else if (text.startsWith("HTTP/1") && !text.contains(" 200 ")) {
                throw new IllegalStateException(text);
            }
        }

        private void apply(String data) {
            JsonNode changes = Json.read(data.getBytes(StandardCharsets.UTF_8)).get("changes");
            long next = sum;
            for (JsonNode change : changes) {
                next += hash(change.get("new")) - hash(change.get("old"));
            }
            sum = next;
        }
    }

    private static long hash(JsonNode row) {
        return row.isNull() ? 0 : hash(row.get("id").asLong(), row.get("val").asString());
    }

    /** What a row adds to a replica's number. */
    static long hash(long id, String val) {
        long mixed = (id * 31 + val.hashCode() + 1) * 0x9E3779B97F4A7C15L;
        return mixed ^ (mixed >>> 29);
    }

    Herd(int port, int size, String cursor) throws IOException {
        this.port = port;
        for (int i = 0; i < size; i++) {
            clients.add(new Client(cursor));
        }
        away.addAll(clients);
        thread.start();
    }

    int connected() {
        return connected.get();
    }

    int reconnects() {
        return reconnects.get();
    }

    /** How many replicas are what they should be. */
    long right(long sum) {
        if (!failure.isEmpty()) {
            throw new AssertionError(failure);
        }
        return clients.stream().filter(client -> client.sum == sum).count();
    }

    private void run() {
        try {
            while (!closed) {
                connectThoseDue();
                selector.select(20);
                for (SelectionKey key : selector.selectedKeys()) {
                    serve(key);
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException | RuntimeException e) {
            failure = e.toString();
        }
    }

    private void connectThoseDue() throws IOException {
        long now = System.nanoTime();
        while (connecting < CONNECTING_AT_ONCE && !away.isEmpty() && away.peek().due - now <= 0) {
            Client client = away.remove();
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            connecting++;
            channel.connect(new InetSocketAddress("127.0.0.1", port));
            channel.register(selector, SelectionKey.OP_CONNECT, client);
        }
    }

    private void serve(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        Client client = (Client) key.attachment();
        try {
            if (key.isConnectable()) {
                connecting--;
                channel.finishConnect();
                // HTTP/1.0, so that the body is not chunked.
                String request = "GET /api/_changes?table=testtype HTTP/1.0\r\nHost: localhost\r\n"
                        + "Accept: text/event-stream\r\nLast-Event-ID: " + client.cursor + "\r\n\r\n";
                channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
                key.interestOps(SelectionKey.OP_READ);
            } else if (!read(channel, client)) {
                comeBack(key, client);
            }
        } catch (IOException gone) {
            comeBack(key, client);
        }
    }

    private boolean read(SocketChannel channel, Client client) throws IOException {
        buffer.clear();
        int read = channel.read(buffer);
        if (read > 0 && !client.open) {
            client.open = true;
            connected.incrementAndGet();
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
            char next = (char) buffer.get();
            if (next == '\n') {
                client.take(client.line.toString());
                client.line.setLength(0);
            } else if (next != '\r') {
                client.line.append(next);
            }
        }
        return read >= 0;
    }

    private void comeBack(SelectionKey key, Client client) throws IOException {
        key.channel().close();
        client.line.setLength(0);
        if (client.open) {
            client.open = false;
            connected.decrementAndGet();
        }
        reconnects.incrementAndGet();
        client.due = System.nanoTime() + random.nextInt(COME_BACK_MILLIS) * 1_000_000L;
        away.add(client);
    }

    @Override
    public void close() throws Exception {
        closed = true;
        thread.join();
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
