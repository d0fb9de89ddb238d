package dev.pbp.web.internal.http;

import io.undertow.Undertow;
import io.undertow.connector.ByteBufferPool;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import io.undertow.server.protocol.http.HttpOpenListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.ChannelListeners;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Sequence;
import org.xnio.StreamConnection;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * The HTTP server: Undertow's worker, and one listener. The listener is opened here, since Undertow's own would not let
 * {@link FoldGuard} see what a connection reads.
 */
public final class HttpServer {
    /** As Undertow chooses them. */
    private static final long SMALL_HEAP = 64 << 20;

    private static final long MIDDLE_HEAP = 128 << 20;
    private static final int CACHED_BUFFERS = 4;
    private static final int BACKLOG = 1000;
    private static final int CONNECTIONS = 2;

    private static final Sequence<String> TLS_VERSIONS = Sequence.of("TLSv1.3", "TLSv1.2");

    /** All of TLS 1.3, and of TLS 1.2 those with forward secrecy and authenticated encryption. */
    private static final List<String> TLS_SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private final Undertow undertow;
    private final OptionMap options;
    private final HttpHandler handler;
    private final @Nullable SSLContext tls;
    private final String host;
    private final int port;
    private @Nullable HttpOpenListener listener;
    private @Nullable AcceptingChannel<? extends StreamConnection> accepting;

    /**
     * Opens nothing yet.
     *
     * @param host the address to listen on
     * @param port 0 for a free one
     * @param tls for HTTPS; null for HTTP
     * @param options Undertow's for the server
     * @param handler handles all requests
     */
    public HttpServer(String host, int port, @Nullable SSLContext tls, OptionMap options, HttpHandler handler) {
        this.host = host;
        this.port = port;
        this.tls = tls;
        this.options = options;
        this.handler = handler;
        this.undertow = Undertow.builder().build();
    }

    /**
     * Starts threads and listens.
     *
     * @throws UncheckedIOException if the port is taken, or the address is unknown or not ours
     */
    public void start() {
        undertow.start();
        try {
            accepting = listen(undertow.getWorker());
        } catch (IOException e) {
            undertow.stop();
            throw new UncheckedIOException(e);
        }
        accepting.resumeAccepts();
    }

    private AcceptingChannel<? extends StreamConnection> listen(XnioWorker worker) throws IOException {
        ByteBufferPool buffers = buffers();
        HttpOpenListener http = new HttpOpenListener(buffers, options);
        http.setRootHandler(handler);
        listener = http;
        ChannelListener<StreamConnection> guarded = connection -> {
            ConduitStreamSourceChannel source = connection.getSourceChannel();
            source.setConduit(new FoldGuard(source.getConduit()));
            http.handleEvent(connection);
        };
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
        OptionMap sockets = OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, worker.getIoThreadCount())
                .set(Options.TCP_NODELAY, true)
                .set(Options.REUSE_ADDRESSES, true)
                .set(Options.BALANCING_TOKENS, 1)
                .set(Options.BALANCING_CONNECTIONS, CONNECTIONS)
                .set(Options.BACKLOG, BACKLOG)
                .set(Options.KEEP_ALIVE, true) // how soon and how often: KeepAlive
                .getMap();
        if (tls == null) {
            return worker.createStreamConnectionServer(address, ChannelListeners.openListenerAdapter(guarded), sockets);
        }
        OptionMap secured = OptionMap.builder()
                .addAll(sockets)
                .set(Options.SSL_ENABLED_PROTOCOLS, TLS_VERSIONS)
                .set(Options.SSL_ENABLED_CIPHER_SUITES, suites(tls))
                .getMap();
        return new UndertowXnioSsl(worker.getXnio(), OptionMap.EMPTY, buffers, tls)
                .createSslConnectionServer(worker, address, ChannelListeners.openListenerAdapter(guarded), secured);
    }

    /** Those that this Java has; a provider may lack one. */
    private static Sequence<String> suites(SSLContext tls) {
        List<String> there = List.of(tls.getSupportedSSLParameters().getCipherSuites());
        return Sequence.of(TLS_SUITES.stream().filter(there::contains).toList());
    }

    private static ByteBufferPool buffers() {
        long heap = Runtime.getRuntime().maxMemory();
        int size = heap < SMALL_HEAP ? 512 : heap < MIDDLE_HEAP ? 1024 : (16 << 10) - 20;
        return new DefaultByteBufferPool(heap >= SMALL_HEAP, size, -1, CACHED_BUFFERS);
    }

    /**
     * The channel that accepts connections.
     *
     * @return it
     * @throws IllegalStateException if the server has not started
     */
    AcceptingChannel<? extends StreamConnection> accepting() {
        AcceptingChannel<? extends StreamConnection> channel = accepting;
        if (channel == null) {
            throw new IllegalStateException("server: not started");
        }
        return channel;
    }

    /**
     * Where it listens.
     *
     * @return the address, with the port that was found if 0 was asked for
     */
    public InetSocketAddress address() {
        return accepting().getLocalAddress(InetSocketAddress.class);
    }

    /**
     * The threads.
     *
     * @return those of I/O, and those that may block
     */
    public XnioWorker getWorker() {
        return undertow.getWorker();
    }

    /** Closes all connections, and ends the threads. */
    public void stop() {
        IoUtils.safeClose(accepting);
        if (listener != null) {
            listener.closeConnections();
        }
        undertow.stop();
    }
}
