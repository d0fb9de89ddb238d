package dev.pbp.testing;

import dev.pbp.testing.FaultProxy.Direction;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One connection through a {@link FaultProxy}; used by its thread alone. */
final class Link {
    private final SocketChannel client;
    private final SocketChannel server;
    private final SelectionKey clientKey;
    private final SelectionKey serverKey;
    private final Traffic traffic;
    private final Pipe toServer;
    private final Pipe toClient;
    private boolean closed;

    private Link(SocketChannel client, SocketChannel server, Selector selector, Traffic traffic) throws IOException {
        this.client = client;
        this.server = server;
        this.traffic = traffic;
        this.toServer = new Pipe(client, server, Direction.TO_SERVER);
        this.toClient = new Pipe(server, client, Direction.TO_CLIENT);
        this.clientKey = client.register(selector, 0, this);
        this.serverKey = server.register(selector, 0, this);
    }

    static Link open(SocketChannel client, InetSocketAddress target, Selector selector, Traffic traffic)
            throws IOException {
        SocketChannel server = SocketChannel.open();
        for (SocketChannel channel : new SocketChannel[] {client, server}) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        Link link = new Link(client, server, selector, traffic);
        try {
            server.connect(target);
        } catch (IOException e) {
            link.reset(); // the client is to see what a dead server looks like
        }
        return link;
    }

    boolean isClosed() {
        return closed;
    }

    /** Both ends see a reset, not an orderly end. */
    void reset() {
        closed = true;
        for (SocketChannel channel : new SocketChannel[] {client, server}) {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                // Closed by the other side already: then there is nothing left to reset.
            }
            try {
                channel.close();
            } catch (IOException e) {
                // As above.
            }
        }
    }

    void updateInterest() {
        if (closed) {
            return;
        }
        if (server.isConnectionPending()) {
            serverKey.interestOps(SelectionKey.OP_CONNECT);
            return;
        }
        clientKey.interestOps(toServer.readInterest() | toClient.writeInterest());
        serverKey.interestOps(toClient.readInterest() | toServer.writeInterest());
    }

    void serve() {
        if (closed) {
            return;
        }
        try {
            if (server.isConnectionPending() && !server.finishConnect()) {
                return;
            }
            toServer.move();
            toClient.move();
            if (!closed && toServer.ended && toClient.ended) {
                closed = true;
                client.close();
                server.close();
            }
        } catch (IOException e) {
            reset(); // one side is gone without an orderly end: so it is for the other
        }
    }

    /** The bytes of one direction. */
    private final class Pipe {
        private final SocketChannel from;
        private final SocketChannel to;
        private final Direction direction;
        private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024).flip();
        private boolean endRead;
        private boolean ended;

        private Pipe(SocketChannel from, SocketChannel to, Direction direction) {
            this.from = from;
            this.to = to;
            this.direction = direction;
        }

        int readInterest() {
            return traffic.reads() && !endRead && !buffer.hasRemaining() ? SelectionKey.OP_READ : 0;
        }

        int writeInterest() {
            boolean endIsDue = endRead && !ended && !traffic.discards();
            return traffic.reads() && (buffer.hasRemaining() || endIsDue) ? SelectionKey.OP_WRITE : 0;
        }

        void move() throws IOException {
            if (closed || !traffic.reads()) {
                return;
            }
            if (!buffer.hasRemaining() && !endRead) {
                buffer.clear();
                endRead = from.read(buffer) < 0;
                buffer.flip();
            }
            if (traffic.discards()) {
                buffer.position(buffer.limit());
            }
            if (buffer.hasRemaining()) {
                ByteBuffer piece = buffer.slice(buffer.position(), traffic.allowed(direction, buffer.remaining()));
                int written = to.write(piece);
                buffer.position(buffer.position() + written);
                if (written > 0) {
                    traffic.passed(direction, written);
                }
            }
            if (!closed && endRead && !ended && !buffer.hasRemaining() && !traffic.discards()) {
                to.shutdownOutput();
                ended = true;
            }
        }
    }
}
