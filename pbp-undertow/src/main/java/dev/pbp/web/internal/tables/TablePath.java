package dev.pbp.web.internal.tables;

import dev.pbp.push.http.Problem;
import io.undertow.server.HttpServerExchange;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code TABLE} or {@code TABLE/KEY}, behind {@code /api/} or {@code /tables/}. In the key there are commas between the values; each is percent-encoded.
 *
 * @param table the table's name
 * @param key the key's values; null if the path is that of the whole table
 */
record TablePath(String table, @Nullable List<String> key) {
    /** The path below which each table has its own. */
    static final String PREFIX = "/api/";

    private static final int SEGMENTS = 2;

    /**
     * Parses the path of a request. A slash or a comma that is encoded does not separate.
     *
     * @param basePath what may stand before the site's own paths; may be empty
     * @param prefix what stands before the table's name
     * @throws Problem 400 if it is not encoded so, 404 if it is longer
     */
    static TablePath of(HttpServerExchange exchange, String basePath, String prefix) {
        String[] segments = segments(exchange, basePath, prefix);
        String table = decoded(segments[0]);
        if (segments.length > SEGMENTS) {
            throw Problem.notOffered(table);
        }
        return new TablePath(
                table,
                segments.length < SEGMENTS
                        ? null
                        : Arrays.stream(segments[1].split(",", -1))
                                .map(TablePath::decoded)
                                .toList());
    }

    /**
     * The key as one text, in which commas mean nothing.
     *
     * @param basePath as above
     * @return null if the path is that of the whole table
     * @throws Problem as above
     */
    static @Nullable String key(HttpServerExchange exchange, String basePath) {
        String[] segments = segments(exchange, basePath, PREFIX);
        if (segments.length > SEGMENTS) {
            throw new Problem(404, exchange.getRequestPath() + ": nothing is here");
        }
        return segments.length < SEGMENTS ? null : decoded(segments[1]);
    }

    private static String[] segments(HttpServerExchange exchange, String basePath, String prefix) {
        String path = exchange.getRequestURI();
        if (exchange.isHostIncludedInRequestURI()) {
            path = path.substring(Math.max(0, path.indexOf('/', path.indexOf("://") + 3)));
        }
        if (path.startsWith(basePath + prefix)) {
            path = path.substring(basePath.length());
        }
        if (!path.startsWith(prefix)) { // parts of the prefix are encoded
            throw new Problem(404, exchange.getRequestPath() + ": not found");
        }
        return path.substring(prefix.length()).split("/", -1);
    }

    /**
     * The path of a row.
     *
     * @param table the table's name
     * @param key the key's values
     * @return the path, without a base path
     */
    static String row(String table, List<String> key) {
        return PREFIX + encoded(table) + "/"
                + key.stream().map(TablePath::encoded).collect(Collectors.joining(","));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A");
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, "path: \"" + segment + "\" is not percent-encoded: " + e.getMessage());
        }
    }
}
