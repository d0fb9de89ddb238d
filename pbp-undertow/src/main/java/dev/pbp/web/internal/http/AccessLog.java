package dev.pbp.web.internal.http;

import dev.pbp.push.http.Json;
import dev.pbp.web.Identity;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writes a line of JSON for each request, once it has been answered. It contains neither query nor headers nor body, since they
 * may hold secrets.
 *
 * <p>A thread of its own writes. Requests never wait for it: when more than a bounded number of lines wait to be written,
 * further ones are left out, and a line gives their number.
 */
public final class AccessLog implements HttpHandler, AutoCloseable {
    private static final Logger LOG = System.getLogger(AccessLog.class.getName());
    private static final int MAX_WAITING = 10_000;
    private static final int MAX_PATH = 500;
    private static final String END = "";

    private final Writer out;
    private final Clock clock;
    private final HttpHandler next;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(MAX_WAITING);
    private final LongAdder leftOut = new LongAdder();
    private final Thread thread = new Thread(this::write, "pbp-access-log");

    /**
     * Starts the thread that writes.
     *
     * @param out where to; closed with the log
     * @param clock gives the time of each line
     * @param next handles the requests
     */
    public AccessLog(Writer out, Clock clock, HttpHandler next) {
        this.out = out;
        this.clock = clock;
        this.next = next;
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        long begin = System.nanoTime();
        exchange.addExchangeCompleteListener((ended, proceed) -> {
            if (!lines.offer(line(ended, System.nanoTime() - begin))) {
                leftOut.increment();
            }
            proceed.proceed();
        });
        next.handleRequest(exchange);
    }

    private String line(HttpServerExchange exchange, long nanos) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("at", clock.instant().toString());
        InetSocketAddress peer = exchange.getSourceAddress();
        members.put(
                "peer",
                peer == null || peer.getAddress() == null
                        ? ""
                        : peer.getAddress().getHostAddress());
        Identity identity = RequestIdentity.of(exchange);
        if (identity != null) {
            members.put("user", identity.name());
        }
        String path = exchange.getRequestPath();
        members.put("method", exchange.getRequestMethod().toString());
        members.put("path", path.length() > MAX_PATH ? path.substring(0, MAX_PATH) + "…" : path);
        members.put("status", exchange.getStatusCode());
        members.put("bytes", exchange.getResponseBytesSent());
        members.put("ms", TimeUnit.NANOSECONDS.toMillis(nanos));
        return Json.write(members) + "\n";
    }

    private void write() {
        try {
            for (String line = lines.take(); !line.equals(END); line = lines.take()) {
                out.write(line);
                long missing = leftOut.sumThenReset();
                if (missing > 0) {
                    out.write(Json.write(Map.of("at", clock.instant().toString(), "leftOut", missing)) + "\n");
                }
                if (lines.isEmpty()) {
                    out.flush();
                }
            }
            out.flush();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "access log: cannot write, no more lines from now on: " + e.getMessage());
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "access log: stopped");
        }
    }

    /** Writes what waits, and closes the file. */
    @Override
    public void close() {
        try {
            if (lines.offer(END, 1, TimeUnit.SECONDS)) {
                thread.join(TimeUnit.SECONDS.toMillis(5));
            }
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException("access log: cannot close: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
