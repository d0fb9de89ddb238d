package dev.pbp.web.internal.http;

import dev.pbp.push.timer.TimerWheel;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A document or one of its assets, plain and gzipped: sent to clients whose cache does not have it. */
public final class StaticFile {
    /** A Cache-Control: it may be kept, and is validated each time. */
    public static final String REVALIDATE = "no-cache";

    private final String type;
    private final byte[] bytes;
    private final Form gzipped;
    private volatile @Nullable Form plain; // made once asked for

    /**
     * Keeps the file.
     *
     * @param type its Content-Type
     * @param bytes its content
     */
    public StaticFile(String type, byte[] bytes) {
        this.type = type;
        this.bytes = bytes;
        gzipped = Form.of(gzip(bytes));
    }

    /**
     * What it takes in memory.
     *
     * @return bytes
     */
    public long size() {
        return (long) bytes.length + gzipped.bytes.length;
    }

    private record Form(byte[] bytes, String etag) {
        static Form of(byte[] bytes) {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
                return new Form(bytes, '"' + HexFormat.of().formatHex(hash, 0, 16) + '"');
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }
    }

    /**
     * Responses a GET or HEAD.
     *
     * @param exchange the request
     * @param timers of the site
     * @param keeping its Cache-Control
     */
    public void send(HttpServerExchange exchange, TimerWheel timers, String keeping) {
        boolean zip = takesGzip(exchange.getRequestHeaders().get(Headers.ACCEPT_ENCODING));
        Form form = zip ? gzipped : plain();
        exchange.getResponseHeaders().put(Headers.ETAG, form.etag);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, keeping);
        Responses.vary(exchange, "Accept-Encoding");
        if (form.etag.equals(exchange.getRequestHeaders().getFirst(Headers.IF_NONE_MATCH))) {
            exchange.setStatusCode(StatusCodes.NOT_MODIFIED).endExchange();
            return;
        }
        ResponseTimeout.start(exchange, timers);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
        if (zip) {
            exchange.getResponseHeaders().put(Headers.CONTENT_ENCODING, "gzip");
        }
        Responses.send(exchange, ByteBuffer.wrap(form.bytes));
    }

    private Form plain() {
        Form form = plain;
        if (form == null) {
            form = Form.of(bytes);
            plain = form;
        }
        return form;
    }

    private static boolean takesGzip(@Nullable HeaderValues accepted) {
        return accepted != null
                && accepted.stream()
                        .flatMap(header -> Stream.of(header.split(",")))
                        .map(coding -> coding.replace(" ", "").toLowerCase(Locale.ROOT))
                        .anyMatch(coding -> coding.matches("gzip(;q=(0\\.0*[1-9]\\d*|1(\\.0*)?))?"));
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(gzipped)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing but memory is written to
        }
        return gzipped.toByteArray();
    }
}
