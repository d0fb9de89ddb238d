package dev.pbp.bench.push;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** The process that asks over REST: so many connections on one thread, each asks again as soon as it has its answer. */
final class RestLoadProcess {
    private static final int CONNECTIONS = 32;
    private static final String HEADERS = "Host: 127.0.0.1\r\nAccept: application/json\r\n";
    private static final String BODY = "val=a+row+of+the+benchmark";

    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(16 << 10);
    private final byte[] request;
    private long answers;

    private RestLoadProcess(byte[] request) throws IOException {
        this.request = request;
    }

    /**
     * Answers each line "SERVER get|post SECONDS" by requests a second.
     *
     * @param ports of the servers
     */
    public static void main(String[] ports) throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = orders.readLine()) != null; ) {
            String[] order = line.split(" ");
            RestLoadProcess load = new RestLoadProcess(request(order[1]));
            System.out.println(
                    load.run(Integer.parseInt(ports[Integer.parseInt(order[0])]), Integer.parseInt(order[2])));
        }
    }

    private static byte[] request(String method) {
        String text = method.equals("get")
                ? "GET /api/testtype/0 HTTP/1.1\r\n" + HEADERS + "\r\n"
                : "POST /api/testtype HTTP/1.1\r\n" + HEADERS
                        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + BODY.length()
                        + "\r\n\r\n" + BODY;
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private double run(int port, int seconds) throws IOException {
        try (selector) {
            for (int i = 0; i < CONNECTIONS; i++) {
                SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ, new ResponseParser());
                channel.write(ByteBuffer.wrap(request)); // a new socket takes so little at once
            }
            long begin = System.nanoTime();
            long end = begin + TimeUnit.SECONDS.toNanos(seconds);
            long now;
            while ((now = System.nanoTime()) < end) {
                selector.select(100);
                for (SelectionKey key : selector.selectedKeys()) {
                    read((SocketChannel) key.channel(), (ResponseParser) key.attachment());
                }
                selector.selectedKeys().clear();
            }
            double rate = answers * 1e9 / (now - begin);
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            return rate;
        }
    }

    private void read(SocketChannel channel, ResponseParser incoming) throws IOException {
        buffer.clear();
        if (channel.read(buffer) < 0) {
            throw new IOException("REST: the server closed the connection");
        }
        incoming.take(buffer.flip(), new ResponseParser.Sink() {
            @Override
            public void status(int status) {
                if (status != 200 && status != 201) {
                    throw new IllegalStateException("REST: the server answered " + status);
                }
            }

            @Override
            public void message(String text) {
                answers++;
                try {
                    channel.write(ByteBuffer.wrap(request));
                } catch (IOException e) {
                    throw new IllegalStateException("REST: " + e.getMessage(), e);
                }
            }

            @Override
            public void ping() {
                throw new IllegalStateException("REST: a frame, though nobody asked for a WebSocket");
            }
        });
    }
}
