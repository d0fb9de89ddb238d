package dev.pbp.web;

import io.undertow.io.Receiver;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import io.undertow.util.StatusCodes;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads bodies, on the I/O threads, up to the limits: how large one may be, how long it may take to arrive, and how many
 * requests may be at it or at what follows.
 */
final class Bodies {
    private static final Logger LOG = System.getLogger(Bodies.class.getName());

    private final Limits.Requests limits;
    private final Deadlines deadlines;
    private final AtomicInteger underWay = new AtomicInteger();

    Bodies(Limits.Requests limits, Deadlines deadlines) {
        this.limits = limits;
        this.deadlines = deadlines;
    }

    /** Reads a body for a request that is answered at once. What it needs is bounded by {@code atOnce}. */
    void forWork(HttpServerExchange exchange, Receiver.FullBytesCallback then) {
        if (underWay.incrementAndGet() > limits.atOnce()) {
            underWay.decrementAndGet();
            exchange.setPersistent(false); // what is still to come is not read
            new Problem(
                            StatusCodes.SERVICE_UNAVAILABLE,
                            "the site: " + limits.atOnce() + " requests are under way already; try again")
                    .send(exchange);
            return;
        }
        exchange.addExchangeCompleteListener((ended, next) -> {
            underWay.decrementAndGet();
            next.proceed();
        });
        RequestWatch watch = RequestWatch.begin(exchange, deadlines, limits.toArrive());
        receive(exchange, (read, body) -> {
            watch.arrived();
            then.handle(read, body);
        });
    }

    /** Reads a body for a request that waits, and is watched over by others once it does. */
    void forWaiting(HttpServerExchange exchange, Receiver.FullBytesCallback then) {
        RequestWatch watch = RequestWatch.begin(exchange, deadlines, limits.toArrive());
        receive(exchange, (read, body) -> {
            watch.end();
            then.handle(read, body);
        });
    }

    /** One that is too large is refused, whether it says so or not. */
    private void receive(HttpServerExchange exchange, Receiver.FullBytesCallback then) {
        Problem tooLarge =
                new Problem(StatusCodes.REQUEST_ENTITY_TOO_LARGE, "body: larger than " + limits.bodyBytes() + " bytes");
        if (exchange.getRequestContentLength() > limits.bodyBytes()) {
            exchange.setPersistent(false);
            tooLarge.send(exchange);
            return;
        }
        Receiver receiver = exchange.getRequestReceiver();
        receiver.setMaxBufferSize((int) Math.min(limits.bodyBytes(), Integer.MAX_VALUE));
        receiver.receiveFullBytes(then, (failed, e) -> {
            if (e instanceof Receiver.RequestToLargeException || e instanceof RequestTooBigException) {
                failed.setPersistent(false);
                tooLarge.send(failed);
            } else {
                LOG.log(Level.DEBUG, "client gone while sending: {0}", e.getMessage());
                failed.endExchange();
            }
        });
    }
}
