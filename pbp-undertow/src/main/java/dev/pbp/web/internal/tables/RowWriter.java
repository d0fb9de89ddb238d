package dev.pbp.web.internal.tables;

import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.push.http.Problem;
import dev.pbp.web.internal.http.AddressBudgets;
import dev.pbp.web.internal.http.Responses;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.Protocols;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSinkChannel;

/**
 * A JSON array as a response, written while its rows are read. One thread adds rows, the connection's I/O thread sends them.
 *
 * <p>Pages of bytes lie between the two. As long as few pages hold all that was read, nothing is sent, so that a read that fails
 * is a whole error response. Beyond that the response begins, and what the socket does not take goes to a file: so the one who
 * reads never waits for the client. Where there is no room for a file it waits for a while, and then the connection is closed.
 */
final class RowWriter {
    /** A page of the response. */
    static final int PAGE_BYTES = 16 << 10;
    /** The one that is filled, and the one that is sent. */
    private static final int LEAST_PAGES = 2;
    /** With as many nothing has to be sent yet. */
    private static final int MOST_PAGES = 16;

    private static final Logger LOG = System.getLogger(RowWriter.class.getName());
    /** All of its waits together, and one of them. */
    private static final Duration LONGEST_WAITS = Duration.ofSeconds(10);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private final HttpServerExchange exchange;
    private final MemoryBudget memory; // for what is more than the least
    private final MemoryBudget.Reservation least;
    private final SpoolFile.Space space;
    private final boolean large;
    private final boolean isHead;
    private final boolean knowsEnd;

    private Runnable head = () -> {}; // of the thread that adds
    private boolean begun; // likewise
    private ByteBuffer filling = ByteBuffer.allocate(PAGE_BYTES); // likewise
    private long length; // likewise
    private long waited; // likewise, nanoseconds

    private final Object lock = new Object();
    private final Deque<ByteBuffer> full = new ArrayDeque<>(); // guarded by lock
    private final List<ByteBuffer> empty = new ArrayList<>(); // guarded by lock
    private int pages = 1; // guarded by lock; those that there are
    private int reserved; // guarded by lock; those that are counted besides the least
    private @Nullable SpoolFile file; // guarded by lock; what comes after the full pages
    private @Nullable ByteBuffer last; // guarded by lock; what comes after the file
    private boolean started; // guarded by lock
    private long taken; // guarded by lock; pages that were sent
    private boolean idle; // guarded by lock
    private boolean ended; // guarded by lock
    private boolean closed; // guarded by lock

    private @Nullable StreamSinkChannel channel; // of the I/O thread
    private @Nullable ByteBuffer sending; // likewise

    /** Thrown to end a read: there are more rows than memory is for, and it has not been its turn. */
    static final class TooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLargeException() {
            super("the read has to wait for its turn", null, false, false);
        }
    }

    /** Thrown to end a read whose rows need not be known. */
    static final class NoMoreNeededException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoMoreNeededException(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * Begins.
     *
     * @param large whether it may be larger than memory is for
     * @throws Problem 429 or 503 if there is no room
     */
    RowWriter(HttpServerExchange exchange, AddressBudgets memory, SpoolFile.Space space, boolean large) {
        this.exchange = exchange;
        this.memory = memory.all();
        this.space = space;
        this.large = large;
        this.isHead = exchange.getRequestMethod().equals(Methods.HEAD);
        this.knowsEnd = exchange.getProtocol().equals(Protocols.HTTP_1_1);
        this.least = memory.hold(exchange, (long) LEAST_PAGES * PAGE_BYTES);
        exchange.addExchangeCompleteListener((complete, next) -> {
            close();
            next.proceed();
        });
    }

    /**
     * Begins the array; again if the read had to begin anew.
     *
     * @param headers sets the response's headers; runs before it begins
     */
    void begin(Runnable headers) {
        synchronized (lock) {
            if (started) {
                throw new IllegalStateException("the read began anew after a part of it had been sent");
            }
            for (ByteBuffer page : full) {
                empty.add(page.clear());
            }
            full.clear();
            if (file != null) {
                file.close();
                file = null;
            }
        }
        filling.clear();
        length = 0;
        head = headers;
        begun = true;
        add((byte) '[');
    }

    /**
     * Adds a row.
     *
     * @param json an object, in UTF-8
     * @throws TooLargeException if there are too many rows for now
     * @throws NoMoreNeededException if no further rows are needed
     */
    void add(byte[] json) {
        if (length > 1) {
            add((byte) ',');
        }
        for (int at = 0; at < json.length; ) {
            int bytes = Math.min(room(), json.length - at);
            filling.put(json, at, bytes);
            at += bytes;
        }
        length += json.length;
    }

    private void add(byte character) {
        room();
        filling.put(character);
        length++;
    }

    /** Ends the array; what is left is sent by the I/O thread. */
    void end() {
        if (!begun) {
            throw new IllegalStateException("the read has not begun");
        }
        add((byte) ']');
        boolean whole = !isStarted();
        if (whole) {
            head.run();
            exchange.setResponseContentLength(length);
        }
        end(filling.flip(), whole);
    }

    /** Ends the response to HEAD, whose length is not known. */
    private void endHead() {
        head.run();
        putChunked();
        synchronized (lock) {
            full.clear();
        }
        end(ByteBuffer.allocate(0), true);
    }

    private void end(ByteBuffer page, boolean first) {
        synchronized (lock) {
            requireOpen();
            last = page;
            ended = true;
        }
        if (first) {
            start();
        } else {
            wake();
        }
    }

    /** Whether there were more rows than memory is for. */
    boolean isLarge() {
        return large && length > (long) MOST_PAGES * PAGE_BYTES;
    }

    /** Also where the connection is closed afterwards: else its end would be that of the response, whatever is missing. */
    private void putChunked() {
        exchange.getResponseHeaders().put(Headers.TRANSFER_ENCODING, "chunked");
    }

    private boolean isStarted() {
        synchronized (lock) {
            return started;
        }
    }

    /**
     * Ends without the rest, after what has ended the read: with an error response or, where a part is sent already, by closing the
     * connection, from which the client sees that something is missing.
     */
    void fail(Throwable failure) {
        boolean partly = isStarted();
        if (failure instanceof NoMoreNeededException && isHead && !partly) {
            endHead();
            return;
        }
        close();
        if (exchange.isComplete()) {
            LOG.log(Level.DEBUG, "{0}: the client is gone", exchange.getRequestPath());
        } else if (!partly) {
            Responses.fail(exchange, failure);
        } else {
            boolean byClient = failure instanceof NoMoreNeededException;
            LOG.log(byClient ? Level.DEBUG : Level.WARNING, exchange.getRequestPath() + ": cut off", failure);
            exchange.getIoThread().execute(() -> Responses.abort(exchange));
        }
    }

    private int room() {
        if (!filling.hasRemaining()) {
            turnPage();
        }
        return filling.remaining();
    }

    /** Hands on the page that is full, and takes an empty one. */
    private void turnPage() {
        filling.flip();
        if (!handOn()) {
            if (!large) {
                throw new TooLargeException();
            }
            if (isHead) {
                throw new NoMoreNeededException("the response to HEAD has no rows");
            }
            if (knowsEnd) {
                startAndHandOn();
            } else if (!spool()) { // HTTP/1.0 shows the end by the length alone
                throw new Problem(503, "the site: no room for a response of this size to HTTP/1.0; use HTTP/1.1");
            }
        }
    }

    private void startAndHandOn() {
        if (!isStarted()) {
            head.run();
            putChunked();
            start();
        }
        if (!spool()) {
            awaitRoom();
        }
    }

    /** To memory; false if there is none, or something is in the file already. */
    private boolean handOn() {
        synchronized (lock) {
            requireOpen();
            if (file != null && file.hasMore()) {
                return toFile(file);
            }
            ByteBuffer next = emptyPage();
            if (next == null) {
                return false;
            }
            full.addLast(filling);
            filling = next;
        }
        wake();
        return true;
    }

    private @Nullable ByteBuffer emptyPage() {
        if (!empty.isEmpty()) {
            return empty.remove(empty.size() - 1);
        }
        if (pages == reserved + LEAST_PAGES) {
            if (pages >= MOST_PAGES || !memory.reserveSpare(PAGE_BYTES)) {
                return null;
            }
            reserved++;
        }
        pages++;
        return ByteBuffer.allocate(PAGE_BYTES);
    }

    private boolean spool() {
        synchronized (lock) {
            requireOpen();
            SpoolFile to = file;
            if (to == null) {
                to = space.open();
                file = to;
            }
            if (to == null || !toFile(to)) {
                return false;
            }
        }
        wake();
        return true;
    }

    private boolean toFile(SpoolFile to) {
        if (!to.append(filling)) {
            return false;
        }
        filling.clear();
        return true;
    }

    /** Until the client has taken enough. The read is open meanwhile, so not for long. */
    private void awaitRoom() {
        try {
            while (!handOn()) {
                long begin = System.nanoTime();
                synchronized (lock) {
                    long before = taken;
                    if (!closed && (empty.isEmpty() || (file != null && file.hasMore()))) {
                        lock.wait(LONGEST_WAIT.toMillis());
                    }
                    waited += System.nanoTime() - begin;
                    boolean stalls = taken == before && System.nanoTime() - begin >= LONGEST_WAIT.toNanos();
                    if (stalls || waited > LONGEST_WAITS.toNanos()) {
                        throw new NoMoreNeededException("no room in files, and the client takes too little");
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoMoreNeededException("interrupted");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new NoMoreNeededException("the client is gone");
        }
    }

    private void start() {
        synchronized (lock) {
            requireOpen();
            started = true;
        }
        exchange.getIoThread().execute(() -> {
            StreamSinkChannel response = exchange.getResponseChannel();
            channel = response;
            response.getWriteSetter().set(ready -> pump(response));
            pump(response);
        });
    }

    private void wake() {
        synchronized (lock) {
            if (!idle) {
                return;
            }
            idle = false;
        }
        exchange.getIoThread().execute(() -> pump(Objects.requireNonNull(channel)));
    }

    private void pump(StreamSinkChannel response) {
        try {
            for (ByteBuffer page = sending; ; page = sending) {
                if (page == null || !page.hasRemaining()) {
                    sending = next(page);
                    if (sending == null) {
                        pause(response);
                        return;
                    }
                } else if (response.write(page) == 0) {
                    response.resumeWrites();
                    return;
                }
            }
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "client gone: {0}", gone.getMessage());
            Responses.abort(exchange);
        }
    }

    /** What is to be sent next, in order; null if there is nothing now. */
    private @Nullable ByteBuffer next(@Nullable ByteBuffer sent) throws IOException {
        synchronized (lock) {
            if (sent != null) {
                empty.add(sent.clear());
                taken++;
                lock.notifyAll();
            }
            ByteBuffer page = full.poll();
            if (page == null && file != null && file.hasMore() && !closed) {
                page = empty.isEmpty() ? ByteBuffer.allocate(PAGE_BYTES) : empty.remove(empty.size() - 1);
                file.read(page);
            } else if (page == null) {
                page = last;
                last = null;
            }
            if (ended) { // no page is filled any more
                empty.clear();
                shrinkTo(full.size());
            }
            return page;
        }
    }

    private void shrinkTo(int needed) {
        if (needed < reserved) {
            memory.release((long) (reserved - needed) * PAGE_BYTES);
            reserved = needed;
        }
    }

    /** Gives back all that it holds. Idempotent; also without this at the end of the exchange. */
    void close() {
        synchronized (lock) {
            closed = true;
            full.clear();
            empty.clear();
            last = null;
            shrinkTo(0);
            least.close();
            if (file != null) {
                file.close();
                file = null;
            }
            lock.notifyAll();
        }
    }

    /** All is sent that there is. */
    private void pause(StreamSinkChannel response) throws IOException {
        boolean over;
        synchronized (lock) {
            over = ended || closed; // else more is to come
            idle = !over;
        }
        if (over) {
            response.getWriteSetter().set(null);
            exchange.endExchange();
        } else if (response.flush()) {
            response.suspendWrites();
        } else {
            response.resumeWrites();
        }
    }
}
