package dev.pbp.web.internal.http;

import dev.pbp.push.http.AcceptHeader;
import dev.pbp.push.http.Problem;
import dev.pbp.web.BadFieldException;
import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.xnio.IoUtils;

/** Sends responses: what all handlers have in common. */
public final class Responses {
    private static final int FIRST_PIECE = 4096;
    private static final Logger LOG = System.getLogger(Responses.class.getName());

    private Responses() {}

    /**
     * Handles a request on a worker thread. Whatever is thrown becomes an error response. If an error of the process, such as a
     * full heap, prevents even that, the connection is closed.
     *
     * @param exchange the request
     * @param handler sends the response; may block
     */
    public static void onWorker(HttpServerExchange exchange, Runnable handler) {
        exchange.dispatch(() -> {
            try {
                handler.run();
            } catch (RuntimeException | Error e) {
                failOrAbort(exchange, e);
            }
        });
    }

    private static void failOrAbort(HttpServerExchange exchange, Throwable failure) {
        boolean sent = false;
        try {
            fail(exchange, failure);
            sent = true;
        } finally {
            if (!sent) {
                abort(exchange);
            }
        }
    }

    /**
     * Adds a header of the request to those on which the response depends.
     *
     * @param exchange the request
     * @param name the header's name
     */
    public static void vary(HttpServerExchange exchange, String name) {
        String others = exchange.getResponseHeaders().getFirst(Headers.VARY);
        exchange.getResponseHeaders().put(Headers.VARY, others == null ? name : others + ", " + name);
    }

    /**
     * Sends a body that must not be cached: it is out of date at once.
     *
     * @param exchange the request
     * @param type the Content-Type
     * @param body the content
     */
    public static void send(HttpServerExchange exchange, String type, String body) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        send(exchange, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Sends a body; what is still to come of the request is read then, and ignored.
     *
     * @param exchange the request
     * @param body the content
     */
    public static void send(HttpServerExchange exchange, ByteBuffer body) {
        onIoThread(exchange, () -> sendNow(exchange, body));
    }

    /**
     * Sends a response without a body.
     *
     * @param exchange the request
     */
    public static void sendNoContent(HttpServerExchange exchange) {
        exchange.setStatusCode(StatusCodes.NO_CONTENT);
        onIoThread(exchange, exchange::endExchange);
    }

    /** An exchange that ends on another thread makes Undertow's listener ask for the next request again and again meanwhile. */
    private static void onIoThread(HttpServerExchange exchange, Runnable end) {
        if (exchange.isInIoThread()) {
            end.run();
        } else {
            exchange.dispatch(exchange.getIoThread(), end);
        }
    }

    private static void sendNow(HttpServerExchange exchange, ByteBuffer body) {
        exchange.setResponseContentLength(body.remaining());
        if (body.remaining() <= FIRST_PIECE) {
            exchange.getResponseSender().send(body, RequestDrainer.INSTANCE);
            return;
        }
        // Undertow's connection keeps what it sends with the headers until the next response: a copy, not all of the
        // body.
        byte[] first = new byte[FIRST_PIECE];
        body.get(first);
        exchange.getResponseSender().send(ByteBuffer.wrap(first), new IoCallback() {
            @Override
            public void onComplete(HttpServerExchange begun, Sender sender) {
                sender.send(body, RequestDrainer.INSTANCE);
            }

            @Override
            public void onException(HttpServerExchange begun, Sender sender, IOException failure) {
                RequestDrainer.INSTANCE.onException(begun, sender, failure);
            }
        });
    }

    /**
     * Sends an error response. If a response has begun, it ends.
     *
     * @param exchange the request
     * @param failure a {@link BadFieldException}, or as for {@link Problem#of}
     */
    public static void fail(HttpServerExchange exchange, Throwable failure) {
        Problem problem = failure instanceof BadFieldException bad
                ? new Problem(400, String.valueOf(bad.getMessage())).with("field", bad.field())
                : Problem.of(failure);
        if (exchange.isResponseStarted()) {
            LOG.log(Level.DEBUG, "too late to answer {0}: {1}", problem.status(), problem.getMessage());
            exchange.endExchange();
            return;
        }
        exchange.setStatusCode(problem.status());
        problem.headers().forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        send(exchange, Problem.CONTENT_TYPE, problem.json());
    }

    /**
     * Closes the connection, on its I/O thread. It is not to be kept for another request: else Undertow, at the end of this one,
     * would begin its timer for idle connections, which holds in memory for a minute what has been closed.
     *
     * @param exchange the request
     */
    public static void abort(HttpServerExchange exchange) {
        exchange.setPersistent(false);
        IoUtils.safeClose(exchange.getConnection());
    }

    /**
     * Checks that the request only reads.
     *
     * @param exchange the request
     * @throws Problem 405 if it does not
     */
    public static void requireReads(HttpServerExchange exchange) {
        String method = exchange.getRequestMethod().toString();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw Problem.notAllowed(method, "GET, HEAD");
        }
    }

    /**
     * Checks that the client accepts a type.
     *
     * @param exchange the request
     * @param type the media type
     * @throws Problem 406 if it does not
     */
    public static void requireAccepts(HttpServerExchange exchange, String type) {
        HeaderValues accepts = exchange.getRequestHeaders().get(Headers.ACCEPT);
        AcceptHeader.require(accepts == null ? List.of() : accepts, type);
    }
}
