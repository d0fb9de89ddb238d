package dev.pbp.bench.push;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The process of one load generator: thousands of browsers on one thread. Its standard input tells it what to do, see {@link
 * #obey}; each line is answered by one.
 */
final class PushLoadProcess {
    private static final int CONNECTING_AT_ONCE = 200;
    private static final int ADDRESSES = 16;
    private static final long LIMIT_SECONDS = 60;

    private final ClientTransport transport;
    private final int node;
    private final boolean toNchan;
    private final int firstRoom;
    private final int rooms; // 0: each client follows the whole table
    private final InetSocketAddress server;
    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
    private final List<PushClient> clients = new ArrayList<>();
    private final Map<String, byte[]> requests = new HashMap<>();
    private String cursor = "";
    private String expected = "";
    private int connected;
    private int received;
    private int opened;
    private int lost;

    private PushLoadProcess(ClientTransport transport, int node, int port, boolean toNchan, int firstRoom, int rooms)
            throws IOException {
        this.transport = transport;
        this.node = node;
        this.toNchan = toNchan;
        this.firstRoom = firstRoom;
        this.rooms = rooms;
        this.server = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
    }

    /**
     * Obeys.
     *
     * @param arguments the transport, this generator's number, the server's port; "nchan" if it is that, or "rooms", the
     *     number of the first room and how many there are
     */
    public static void main(String[] arguments) throws IOException {
        boolean inRooms = arguments.length == 6;
        PushLoadProcess clients = new PushLoadProcess(
                ClientTransport.of(arguments[0]),
                Integer.parseInt(arguments[1]),
                Integer.parseInt(arguments[2]),
                arguments.length == 4,
                inRooms ? Integer.parseInt(arguments[4]) : 0,
                inRooms ? Integer.parseInt(arguments[5]) : 0);
        Thread input = new Thread(clients::readOrders, "orders");
        input.setDaemon(true);
        input.start();
        clients.run();
    }

    // The orders that the thread of standard input hands to ours, one at a time.
    private final java.util.concurrent.ConcurrentLinkedQueue<String> orders =
            new java.util.concurrent.ConcurrentLinkedQueue<>();
    private volatile boolean ended;

    private void readOrders() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line; (line = in.readLine()) != null; ) {
                orders.add(line);
                selector.wakeup();
            }
        } catch (IOException e) {
            throw new IllegalStateException("generator: standard input: " + e.getMessage(), e);
        } finally {
            ended = true;
            selector.wakeup();
        }
    }

    private void run() throws IOException {
        while (!ended) {
            turn(1000);
            String order = orders.poll();
            if (order != null) {
                System.out.println(obey(order.split(" ")));
            }
        }
    }

    private String obey(String[] order) throws IOException {
        return switch (order[0]) {
            // cursor C: from where long polls begin
            case "cursor" -> cursor = order[1];
            // connect N: so many clients in all
            case "connect" -> connect(Integer.parseInt(order[1]));
            // expect TEXT: look out for it from now on
            case "expect" -> {
                received = 0;
                yield expected = order[1];
            }
            // received [N]: waits until all or N clients have it; gives the nanoseconds of each, 0 for a client without
            // it
            case "received" -> await(order.length > 1 ? Integer.parseInt(order[1]) : clients.size());
            // churn RATE SECONDS: so many come and go each second
            case "churn" -> churn(Integer.parseInt(order[1]), Integer.parseInt(order[2]));
            case "close" -> close();
            default -> throw new IllegalArgumentException("generator: no order is called " + order[0]);
        };
    }

    private String connect(int count) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (connected + lost < count && System.nanoTime() < end) {
            while (clients.size() < count && clients.size() - connected - lost < CONNECTING_AT_ONCE) {
                clients.add(open());
            }
            turn(100);
        }
        return Integer.toString(connected);
    }

    private PushClient open() throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        // A source address has ports for 28,000 connections.
        channel.bind(new InetSocketAddress(
                InetAddress.getByAddress(new byte[] {127, 0, (byte) (node + 1), (byte) (1 + opened++ % ADDRESSES)}),
                0));
        channel.connect(server);
        String from = transport == ClientTransport.LONGPOLL ? cursor : "";
        byte[] request = rooms == 0 ? request(from) : transport.requestInRoom(firstRoom + clients.size() % rooms, from);
        PushClient client = new PushClient(channel, transport, this, request);
        channel.register(selector, SelectionKey.OP_CONNECT, client);
        return client;
    }

    private String await(int wanted) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (received + lost < wanted && System.nanoTime() < end) {
            turn(100);
        }
        StringBuilder nanos = new StringBuilder();
        for (PushClient client : clients) {
            nanos.append(client.received(expected)).append(' ');
        }
        return nanos.toString().strip();
    }

    /** Each leaves as soon as it has been greeted. */
    private String churn(int rate, int seconds) throws IOException {
        long begin = System.nanoTime();
        int all = rate * seconds;
        int begun = connected;
        for (int i = 0; connected - begun < all; ) {
            long due = (System.nanoTime() - begin) * rate / 1_000_000_000L;
            while (i < Math.min(due, all) && clients.size() < CONNECTING_AT_ONCE * 10) {
                clients.add(open());
                i++;
            }
            turn(1);
            for (java.util.Iterator<PushClient> each = clients.iterator(); each.hasNext(); ) {
                PushClient client = each.next();
                if (client.isReady()) {
                    client.channel.close();
                    each.remove();
                }
            }
            if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(seconds * 3L)) {
                break; // this machine cannot do it; the answer says how many it were
            }
        }
        return (connected - begun) + " " + (System.nanoTime() - begin);
    }

    private String close() throws IOException {
        for (PushClient client : clients) {
            client.channel.close();
        }
        int count = clients.size();
        clients.clear();
        connected = 0;
        selector.selectNow(); // lets go of the closed ones
        return Integer.toString(count);
    }

    private void turn(int millis) throws IOException {
        selector.select(millis);
        for (SelectionKey key : selector.selectedKeys()) {
            if (!key.isValid()) {
                continue;
            }
            PushClient client = (PushClient) key.attachment();
            try {
                client.proceed(key, buffer);
            } catch (IOException | RuntimeException e) {
                client.channel.close();
                if (lost++ == 0) {
                    System.err.println("bench: generator " + node + ": the first client lost: " + e.getMessage());
                }
            }
        }
        selector.selectedKeys().clear();
    }

    /** A request for this cursor; all who stand at the same one send the same bytes. */
    byte[] request(String from) {
        if (requests.size() > 1000) {
            requests.clear();
        }
        return requests.computeIfAbsent(from, toNchan ? transport::requestToNchan : transport::request);
    }

    boolean toNchan() {
        return toNchan;
    }

    String expected() {
        return expected;
    }

    void ready() {
        connected++;
    }

    void received() {
        received++;
    }
}
