package dev.pbp.web.internal.tables;

import dev.pbp.web.BadFieldException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code If-Match} demands (RFC 9110, 13.1.1).
 *
 * @param versions one of them has to be the row's; weak tags, which never match, are left out
 * @param isAny whether any will do
 */
record IfMatch(Set<String> versions, boolean isAny) {
    private static final Pattern TAG = Pattern.compile("\\s*(W/)?\"([^\"\\x00-\\x20]*)\"\\s*(?:,|$)|\\s*,");

    /**
     * The versions that a request allows.
     *
     * @return null if it allows any
     * @throws BadFieldException as {@link #parse} does
     */
    static @Nullable Set<String> versions(HttpServerExchange exchange) {
        HeaderValues values = exchange.getRequestHeaders().get(Headers.IF_MATCH);
        IfMatch condition = values == null ? null : parse(String.join(",", values));
        return condition == null || condition.isAny() ? null : condition.versions();
    }

    /**
     * Reads the header.
     *
     * @throws BadFieldException if it is neither {@code *} nor a list of tags
     */
    static IfMatch parse(String header) {
        if (header.strip().equals("*")) {
            return new IfMatch(Set.of(), true);
        }
        Set<String> versions = new HashSet<>();
        Matcher tags = TAG.matcher(header);
        int end = 0;
        boolean found = false;
        while (end < header.length() && tags.find(end) && tags.start() == end) {
            end = tags.end();
            found |= tags.group(2) != null;
            if (tags.group(1) == null && tags.group(2) != null) {
                versions.add(tags.group(2));
            }
        }
        if (end < header.length() || !found) {
            throw new BadFieldException("If-Match", "expected ETags as this server gave them, or *");
        }
        return new IfMatch(versions, false);
    }
}
