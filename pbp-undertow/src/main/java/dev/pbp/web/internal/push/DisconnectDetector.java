package dev.pbp.web.internal.push;

import dev.pbp.web.internal.http.Responses;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Detects at once that a client closes its connection while it waits for a response: Undertow reads nothing between the request
 * and the end of its response, and so would notice only on writing.
 */
public final class DisconnectDetector {
    private static final Logger LOG = System.getLogger(DisconnectDetector.class.getName());

    private final HttpServerExchange exchange;
    private final HttpServerConnection connection;
    /** Below the one that read the request's body, which is at its end and does nothing any more. */
    private final StreamSourceConduit source;

    private DisconnectDetector(HttpServerExchange exchange, HttpServerConnection connection) {
        this.exchange = exchange;
        this.connection = connection;
        this.source = connection.getOriginalSourceConduit();
    }

    /**
     * Watches until the response has been sent. Called on the I/O thread, once the request is read.
     *
     * @param exchange the request
     */
    public static void begin(HttpServerExchange exchange) {
        if (exchange.getConnection() instanceof HttpServerConnection connection
                && exchange.isRequestComplete()
                && connection.getExtraBytes() == null) {
            DisconnectDetector detector = new DisconnectDetector(exchange, connection);
            connection.getChannel().getSourceChannel().setReadListener(ready -> detector.check());
            detector.source.resumeReads();
        }
    }

    private void check() {
        PooledByteBuffer pooled = connection.getByteBufferPool().allocate();
        boolean kept = false;
        try {
            int read = source.read(pooled.getBuffer());
            if (read < 0) {
                LOG.log(Level.DEBUG, "client gone");
                Responses.abort(exchange);
            } else if (read > 0) {
                source.suspendReads(); // its next request, sent before it has the answer to this one
                pooled.getBuffer().flip();
                connection.ungetRequestBytes(pooled);
                kept = true;
            }
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "client gone: {0}", gone.getMessage());
            Responses.abort(exchange);
        } finally {
            if (!kept) {
                pooled.close();
            }
        }
    }
}
