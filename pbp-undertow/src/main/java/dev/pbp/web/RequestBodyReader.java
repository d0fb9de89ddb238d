package dev.pbp.web;

import io.undertow.io.DefaultIoCallback;
import io.undertow.io.Receiver;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import io.undertow.server.protocol.http.HttpContinue;
import io.undertow.util.StatusCodes;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads bodies, on the I/O threads, up to the limits: how large one may be, and how many requests may be at it or at what
 * follows.
 */
final class RequestBodyReader {
    private static final Logger LOG = System.getLogger(RequestBodyReader.class.getName());

    private final Limits.Requests limits;
    private final TimerWheel timers;
    private final AtomicInteger underWay = new AtomicInteger();

    RequestBodyReader(Limits.Requests limits, TimerWheel timers) {
        this.limits = limits;
        this.timers = timers;
    }

    /** Reads a body for a request that is answered at once. What it needs is bounded by {@code atOnce}. */
    void forWork(HttpServerExchange exchange, Receiver.FullBytesCallback then) {
        if (underWay.incrementAndGet() > limits.atOnce()) {
            underWay.decrementAndGet();
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
        forWaiting(exchange, (read, body) -> {
            ResponseTimeout.over(read, timers);
            then.handle(read, body);
        });
    }

    /**
     * Reads a body for a request that waits, and is watched over by others once it does. One that is too large is refused,
     * whether it says so or not; a client that asks first, by {@code Expect: 100-continue}, then sends none of it.
     */
    void forWaiting(HttpServerExchange exchange, Receiver.FullBytesCallback then) {
        Problem tooLarge =
                new Problem(StatusCodes.REQUEST_ENTITY_TOO_LARGE, "body: larger than " + limits.bodyBytes() + " bytes");
        if (exchange.getRequestContentLength() > limits.bodyBytes()) {
            tooLarge.send(exchange);
        } else if (HttpContinue.requiresContinueResponse(exchange)) {
            HttpContinue.sendContinueResponse(exchange, new DefaultIoCallback() {
                @Override
                public void onComplete(HttpServerExchange told, Sender sender) {
                    receive(told, tooLarge, then);
                }
            });
        } else {
            receive(exchange, tooLarge, then);
        }
    }

    private void receive(HttpServerExchange exchange, Problem tooLarge, Receiver.FullBytesCallback then) {
        Receiver receiver = exchange.getRequestReceiver();
        receiver.setMaxBufferSize((int) Math.min(limits.bodyBytes(), Integer.MAX_VALUE));
        receiver.receiveFullBytes(then, (failed, e) -> {
            if (e instanceof Receiver.RequestToLargeException || e instanceof RequestTooBigException) {
                tooLarge.send(failed);
            } else {
                LOG.log(Level.DEBUG, "client gone while sending: {0}", e.getMessage());
                failed.endExchange();
            }
        });
    }
}
