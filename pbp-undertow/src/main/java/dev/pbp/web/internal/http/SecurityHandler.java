package dev.pbp.web.internal.http;

import dev.pbp.push.http.Problem;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Protocols;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Protects all other handlers: the Host must be one of ours (else a foreign name could be pointed at this address and read
 * through a visitor's browser; only probes, which know no name, are answered under any), and every response has the security
 * headers.
 */
public final class SecurityHandler implements HttpHandler {
    private static final HttpString CONTENT_SECURITY = new HttpString("Content-Security-Policy");
    private static final HttpString CONTENT_TYPE_OPTIONS = new HttpString("X-Content-Type-Options");
    private static final HttpString REFERRER = new HttpString("Referrer-Policy");
    private static final HttpString RESOURCE = new HttpString("Cross-Origin-Resource-Policy");
    /** How many headers a request may have. */
    public static final int MAX_HEADERS = 100;

    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private final Set<String> hosts;
    private final int headerBytes;
    private final HttpHandler next;

    /**
     * Keeps the names.
     *
     * @param hosts lower case, without port, IPv6 addresses in brackets
     * @param headerBytes how long the URL may be, and how large the headers
     * @param next handles the requests that are passed on
     */
    public SecurityHandler(Set<String> hosts, int headerBytes, HttpHandler next) {
        this.hosts = Set.copyOf(hosts);
        this.headerBytes = headerBytes;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        HeaderMap answer = exchange.getResponseHeaders();
        answer.put(CONTENT_SECURITY, CONTENT_SECURITY_POLICY);
        answer.put(CONTENT_TYPE_OPTIONS, "nosniff");
        answer.put(REFERRER, "no-referrer");
        answer.put(RESOURCE, "same-origin");
        if ("https".equals(exchange.getRequestScheme())) {
            answer.put(Headers.STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
        Problem malformed = malformed(exchange);
        if (malformed != null) {
            Responses.fail(exchange, malformed);
            return;
        }
        if (HealthHandler.PROBES.contains(exchange.getRequestPath())) {
            pass(exchange);
            return;
        }
        String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
        String forwarded = ProxyHandler.forwardedHost(exchange);
        if (!isName(host) || (forwarded != null && !isName(forwarded))) {
            // Both: a proxy that passes on what clients send would let a page under a foreign name choose the second.
            String foreign = isName(host) ? "X-Forwarded-Host: " + forwarded : "Host: " + host;
            Responses.fail(
                    exchange,
                    new Problem(421, foreign + " is not a name of this site; its operator can add it (serve --hosts)"));
        } else {
            pass(exchange);
        }
    }

    private void pass(HttpServerExchange exchange) {
        try {
            next.handleRequest(exchange);
        } catch (Exception e) {
            Responses.fail(exchange, e);
        }
    }

    /**
     * Larger than anything that is needed here, or with an end that a proxy in front may see elsewhere. A length that can be read in
     * two ways Undertow rejects by itself.
     */
    private @Nullable Problem malformed(HttpServerExchange exchange) {
        HeaderMap headers = exchange.getRequestHeaders();
        HeaderValues codings = headers.get(Headers.TRANSFER_ENCODING);
        if (codings != null
                && (codings.size() != 1
                        || !codings.getFirst().equalsIgnoreCase("chunked")
                        || !exchange.getProtocol().equals(Protocols.HTTP_1_1))) {
            exchange.setPersistent(false);
            return new Problem(
                    400,
                    "Transfer-Encoding: expected chunked alone, in HTTP/1.1, got " + String.join(", ", codings) + " in "
                            + exchange.getProtocol());
        }
        if (exchange.getRequestURI().length() + exchange.getQueryString().length() > headerBytes) {
            return new Problem(414, "URL: longer than " + headerBytes + " characters");
        }
        long size = 0;
        int count = 0;
        for (HeaderValues values : headers) {
            for (String value : values) {
                size += values.getHeaderName().length() + value.length();
                count++;
            }
        }
        if (size > headerBytes || count > MAX_HEADERS) {
            return new Problem(431, "headers: more than " + MAX_HEADERS + ", or larger than " + headerBytes + " bytes");
        }
        return null;
    }

    private boolean isName(@Nullable String host) {
        return host != null && hosts.contains(nameOf(host));
    }

    private static String nameOf(String host) {
        int colon = host.lastIndexOf(':');
        boolean port = colon > host.lastIndexOf(']');
        return (port ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
    }
}
