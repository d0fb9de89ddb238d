package dev.pbp.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on a free port of 127.0.0.1 that does to its connections what a bad network does.
 *
 * <p>One thread does all the work. Each fault is in effect when its method returns, for the connections that are open
 * and for those to come, until {@link #resume}.
 */
public final class FaultProxy implements AutoCloseable {

    /** The way the bytes go. */
    public enum Direction {
        /** From the client to the server. */
        TO_SERVER,
        /** From the server to the client. */
        TO_CLIENT
    }

    /** What becomes of a connection when its bytes are used up. */
    public enum Fault {
        /** Nothing is forwarded, the connections stay open, and the sender is held up in the end. */
        STALL,
        /** Everything is taken and thrown away: the sender notices nothing. */
        BLACK_HOLE,
        /** All connections are reset. */
        CUT
    }

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final InetSocketAddress target;
    private final Selector selector;
    private final int port;
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private final Traffic traffic = new Traffic(this::cutNow);
    private final List<Link> links = new ArrayList<>();
    private @Nullable ServerSocketChannel listener;
    private int accepted;
    private boolean running = true;

    private FaultProxy(InetSocketAddress target) throws IOException {
        this.target = target;
        this.selector = Selector.open();
        ServerSocketChannel first = listen(0);
        this.listener = first;
        this.port = ((InetSocketAddress) first.getLocalAddress()).getPort();
        this.thread = new Thread(this::run, "fault-proxy-" + port);
        thread.setDaemon(true);
    }

    /** A proxy that forwards to this host and port. */
    public static FaultProxy to(String host, int port) {
        try {
            FaultProxy proxy = new FaultProxy(new InetSocketAddress(host, port));
            proxy.thread.start();
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException("fault proxy to " + host + ":" + port + ": " + e.getMessage(), e);
        }
    }

    /** A proxy that forwards to the database's server; connect by {@code database.through(proxy.port())}. */
    public static FaultProxy to(TestDatabase database) {
        return to(database.host(), database.port());
    }

    /** The port of 127.0.0.1 to connect to. */
    public int port() {
        return port;
    }

    /** How many connections are open. */
    public int connections() {
        return call(links::size);
    }

    /** How many connections have been accepted so far. */
    public int accepted() {
        return call(() -> accepted);
    }

    /** How many bytes have been forwarded that way so far. */
    public long forwarded(Direction direction) {
        return call(() -> traffic.forwarded(direction));
    }

    /** Resets all open connections; new ones are accepted. */
    public void cut() {
        command(this::cutNow);
    }

    /** Closes the port: new connections are refused; the open ones go on. */
    public void refuse() {
        command(this::closeListener);
    }

    /** Forwards nothing, either way. */
    public void stall() {
        command(() -> traffic.apply(Fault.STALL));
    }

    /** Takes everything and forwards nothing, either way. */
    public void blackHole() {
        command(() -> traffic.apply(Fault.BLACK_HOLE));
    }

    /**
     * Forwards this many more bytes in this direction, then does that, in the middle of a message as it may be.
     *
     * @return completed when it has been done
     */
    public CompletableFuture<Void> after(long bytes, Direction direction, Fault fault) {
        return call(() -> traffic.after(bytes, direction, fault));
    }

    /** Forwards in pieces of 1 to 40 bytes each, both ways. */
    public void chop() {
        command(() -> traffic.chop(true));
    }

    /** Ends all faults: stalled bytes go on, and new connections are accepted. */
    public void resume() {
        command(() -> {
            traffic.clear();
            if (listener == null) {
                try {
                    listener = listen(port);
                } catch (IOException e) {
                    throw new UncheckedIOException("fault proxy: port " + port + " is taken: " + e.getMessage(), e);
                }
            }
        });
    }

    /** Cuts what is open and ends the proxy's thread. */
    @Override
    public void close() {
        if (!thread.isAlive()) {
            return;
        }
        command(() -> {
            cutNow();
            closeListener();
            running = false;
        });
        try {
            thread.join(Duration.ofSeconds(10).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ServerSocketChannel listen(int onPort) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.bind(new InetSocketAddress(LOOPBACK, onPort), 1024);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_ACCEPT);
        return channel;
    }

    private void closeListener() {
        ServerSocketChannel open = listener;
        listener = null;
        if (open != null) {
            try {
                open.close();
                selector.selectNow(); // a closed channel lets go of its port only when its key is gone
            } catch (IOException e) {
                throw new UncheckedIOException("fault proxy: port " + port + " cannot be closed", e);
            }
        }
    }

    private void cutNow() {
        List.copyOf(links).forEach(Link::reset);
        links.clear();
    }

    private void command(Runnable command) {
        call(() -> {
            command.run();
            return true;
        });
    }

    private <T> T call(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        commands.add(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        selector.wakeup();
        try {
            return answer.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("fault proxy on port " + port + " does not answer (closed?)", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("fault proxy on port " + port + ": interrupted", e);
        }
    }

    private void run() {
        try (selector) {
            while (running) {
                links.forEach(Link::updateInterest);
                selector.select();
                for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
                    command.run();
                }
                for (SelectionKey key : List.copyOf(selector.selectedKeys())) {
                    serve(key);
                }
                selector.selectedKeys().clear();
                links.removeIf(Link::isClosed);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("fault proxy on port " + port + ": " + e.getMessage(), e);
        }
    }

    private void serve(SelectionKey key) throws IOException {
        if (!key.isValid()) {
            return;
        }
        if (key.channel() instanceof ServerSocketChannel server) {
            SocketChannel client = server.accept();
            if (client != null) {
                accepted++;
                links.add(Link.open(client, target, selector, traffic));
            }
        } else if (key.attachment() instanceof Link link) {
            link.serve();
        }
    }
}
