package dev.pbp.web.internal.http;

import dev.pbp.push.http.Problem;
import dev.pbp.push.timer.TimerWheel;
import dev.pbp.web.Limits;
import io.undertow.io.DefaultIoCallback;
import io.undertow.io.Receiver;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import io.undertow.server.protocol.http.HttpContinue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads the bodies of requests, on the I/O threads, within the limits: their size, and the number of requests under way. */
public final class RequestBodyReader {
    private static final Logger LOG = System.getLogger(RequestBodyReader.class.getName());

    private final Limits.Requests limits;
    private final TimerWheel timers;
    private final AtomicInteger underWay = new AtomicInteger();

    /**
     * Reads nothing yet.
     *
     * @param limits for each request
     * @param timers of the site
     */
    public RequestBodyReader(Limits.Requests limits, TimerWheel timers) {
        this.limits = limits;
        this.timers = timers;
    }

    /**
     * Reads a body for a request that is answered at once. Their number is limited by {@code atOnce}.
     *
     * @param exchange the request
     * @param then receives the body, on the I/O thread
     */
    public void forWork(HttpServerExchange exchange, Receiver.FullBytesCallback then) {
        if (underWay.incrementAndGet() > limits.atOnce()) {
            underWay.decrementAndGet();
            Responses.fail(
                    exchange,
                    new Problem(503, "the site: " + limits.atOnce() + " requests are under way already; try again"));
            return;
        }
        exchange.addExchangeCompleteListener((ended, next) -> {
            underWay.decrementAndGet();
            next.proceed();
        });
        forWaiting(exchange, (read, body) -> {
            ResponseTimeout.start(read, timers);
            then.handle(read, body);
        });
    }

    /**
     * Reads a body for a request that waits, and has a timer of its own once it does. One that is too large is rejected, whether
     * its length is declared or not; a client that asks first, by {@code Expect: 100-continue}, then sends none of it.
     *
     * @param exchange the request
     * @param then receives the body, on the I/O thread
     */
    public void forWaiting(HttpServerExchange exchange, Receiver.FullBytesCallback then) {
        Problem tooLarge = new Problem(413, "body: larger than " + limits.bodyBytes() + " bytes");
        if (exchange.getRequestContentLength() > limits.bodyBytes()) {
            Responses.fail(exchange, tooLarge);
        } else if (HttpContinue.requiresContinueResponse(exchange)) {
            HttpContinue.sendContinueResponse(exchange, new DefaultIoCallback() {
                @Override
                public void onComplete(HttpServerExchange asked, Sender sender) {
                    receive(asked, tooLarge, then);
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
                Responses.fail(failed, tooLarge);
            } else {
                LOG.log(Level.DEBUG, "client gone while sending: {0}", e.getMessage());
                failed.endExchange();
            }
        });
    }
}
