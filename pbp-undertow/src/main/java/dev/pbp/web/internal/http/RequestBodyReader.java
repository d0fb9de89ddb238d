package dev.pbp.web.internal.http;

import dev.pbp.core.internal.MemoryBudget;
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

/**
 * Reads the bodies of requests, on the I/O threads, within the limits: their size, the number of requests under way, and the memory
 * that a request may take from here to its response, which is reserved before anything is read.
 */
public final class RequestBodyReader {
    private static final Logger LOG = System.getLogger(RequestBodyReader.class.getName());
    /** A body as bytes, as text, as fields; and the row that comes of it, as the database sends it and as a response. */
    private static final int COPIES = 8;

    private static final long LENGTH_UNKNOWN = -1;

    private final Limits.Requests limits;
    private final AddressBudgets memory;
    private final TimerWheel timers;
    private final AtomicInteger underWay = new AtomicInteger();

    /**
     * Reads nothing yet.
     *
     * @param limits for each request
     * @param memory for the bodies
     * @param timers of the site
     */
    public RequestBodyReader(Limits.Requests limits, AddressBudgets memory, TimerWheel timers) {
        this.limits = limits;
        this.memory = memory;
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
        admit(exchange, limits.bodyBytes(), COPIES, (read, body) -> {
            ResponseTimeout.start(read, timers);
            then.handle(read, body);
        });
    }

    /**
     * Reads a body for a request that waits, and has a timer of its own once it does. It does not need the body then.
     *
     * @param exchange the request
     * @param most the largest body, in bytes, if the site's limit is not lower
     * @param then receives the body, on the I/O thread
     */
    public void forWaiting(HttpServerExchange exchange, long most, Receiver.FullBytesCallback then) {
        admit(exchange, Math.min(most, limits.bodyBytes()), 0, then);
    }

    /**
     * A body that is too large is rejected, whether its length is declared or not; a client that asks first, by
     * {@code Expect: 100-continue}, then sends none of it.
     */
    private void admit(HttpServerExchange exchange, long most, int copiesKept, Receiver.FullBytesCallback then) {
        Problem tooLarge = new Problem(413, "body: larger than " + most + " bytes");
        long length = exchange.isRequestComplete() ? 0 : exchange.getRequestContentLength();
        if (length > most) {
            Responses.fail(exchange, tooLarge);
            return;
        }
        MemoryBudget.Reservation room;
        try {
            room = memory.hold(exchange, COPIES * (length == LENGTH_UNKNOWN ? most : length));
        } catch (Problem full) {
            Responses.fail(exchange, full);
            return;
        }
        Receiver.FullBytesCallback admitted = (read, body) -> {
            room.shrinkTo((long) COPIES * body.length);
            then.handle(read, body);
            room.shrinkTo((long) copiesKept * body.length);
        };
        if (HttpContinue.requiresContinueResponse(exchange)) {
            HttpContinue.sendContinueResponse(exchange, new DefaultIoCallback() {
                @Override
                public void onComplete(HttpServerExchange asked, Sender sender) {
                    receive(asked, most, tooLarge, admitted);
                }
            });
        } else {
            receive(exchange, most, tooLarge, admitted);
        }
    }

    private static void receive(
            HttpServerExchange exchange, long most, Problem tooLarge, Receiver.FullBytesCallback then) {
        Receiver receiver = exchange.getRequestReceiver();
        receiver.setMaxBufferSize((int) Math.min(most, Integer.MAX_VALUE));
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
