package dev.pbp.web.internal.http;

import dev.pbp.push.http.Problem;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which pages may use the site: its own, and those of the origins that it allows (CORS). Pages of other sites may neither
 * write nor open WebSockets, and a browser shows them no response.
 *
 * <p>A page is the site's own if the browser says so by {@code Sec-Fetch-Site: same-origin}, or if its {@code Origin} is that of
 * the request. The first holds also behind a proxy that changed Host; scripts can set neither.
 */
public final class OriginHandler implements HttpHandler {
    private static final HttpString FETCH_SITE = new HttpString("Sec-Fetch-Site");
    private static final HttpString ASKED_METHOD = new HttpString("Access-Control-Request-Method");
    private static final HttpString ALLOW_ORIGIN = new HttpString("Access-Control-Allow-Origin");
    private static final HttpString ALLOW_CREDENTIALS = new HttpString("Access-Control-Allow-Credentials");
    private static final HttpString ALLOW_METHODS = new HttpString("Access-Control-Allow-Methods");
    private static final HttpString ALLOW_HEADERS = new HttpString("Access-Control-Allow-Headers");
    private static final HttpString EXPOSE_HEADERS = new HttpString("Access-Control-Expose-Headers");
    private static final HttpString MAX_AGE = new HttpString("Access-Control-Max-Age");

    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
    private static final String REQUEST_HEADERS =
            "Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, X-Requested-With";
    private static final String RESPONSE_HEADERS = "ETag, Location, PBP-Cursor, PBP-Txid, Retry-After";
    /** How long a browser keeps the answer to a preflight: an origin that is taken away may ask for so long. */
    private static final String KEEP_SECONDS = "600";

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private final Set<String> allowed;
    private final HttpHandler next;

    /**
     * Keeps its parts.
     *
     * @param allowed origins as browsers send them
     * @param next handles the requests that are passed on
     */
    public OriginHandler(Set<String> allowed, HttpHandler next) {
        this.allowed = Set.copyOf(allowed);
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        HeaderValues origins = exchange.getRequestHeaders().get(Headers.ORIGIN);
        String origin = origins == null ? null : origins.size() == 1 ? origins.getFirst() : "null";
        boolean isAllowed = origin != null && allowed.contains(origin);
        if (!allowed.isEmpty()) {
            Responses.vary(exchange, Headers.ORIGIN_STRING);
        }
        if (isAllowed) {
            HeaderMap answer = exchange.getResponseHeaders();
            answer.put(ALLOW_ORIGIN, origin);
            answer.put(ALLOW_CREDENTIALS, "true");
            answer.put(EXPOSE_HEADERS, RESPONSE_HEADERS);
        }
        if (isPreflight(exchange, origin)) {
            preflight(exchange, String.valueOf(origin), isAllowed);
        } else if (!isAllowed && changes(exchange) && isForeign(exchange, origin)) {
            throw refusal(exchange, String.valueOf(origin));
        } else {
            next.handleRequest(exchange);
        }
    }

    /** It comes without credentials, so it is answered before they are asked for. */
    private static boolean isPreflight(HttpServerExchange exchange, @Nullable String origin) {
        return origin != null
                && exchange.getRequestMethod().equalToString("OPTIONS")
                && exchange.getRequestHeaders().contains(ASKED_METHOD);
    }

    private static void preflight(HttpServerExchange exchange, String origin, boolean isAllowed) {
        if (!isAllowed) {
            throw refusal(exchange, origin);
        }
        HeaderMap answer = exchange.getResponseHeaders();
        answer.put(ALLOW_METHODS, METHODS);
        answer.put(ALLOW_HEADERS, REQUEST_HEADERS);
        answer.put(MAX_AGE, KEEP_SECONDS);
        exchange.setStatusCode(StatusCodes.NO_CONTENT).endExchange();
    }

    private static Problem refusal(HttpServerExchange exchange, String origin) {
        return new Problem(
                403,
                "Origin: " + origin + " is another site than this one, which the request names as "
                        + ProxyHandler.host(exchange)
                        + ": its pages may not write here or open WebSockets. The operator can allow it (serve --origins), or"
                        + " have the proxy pass on Host as the browser sent it");
    }

    private static boolean changes(HttpServerExchange exchange) {
        return !SAFE.contains(exchange.getRequestMethod().toString())
                || exchange.getRequestHeaders().contains(Headers.UPGRADE);
    }

    /** Without either header it is no browser's request. */
    private static boolean isForeign(HttpServerExchange exchange, @Nullable String origin) {
        String site = exchange.getRequestHeaders().getFirst(FETCH_SITE);
        if ("same-origin".equals(site)) {
            return false;
        }
        return "cross-site".equals(site) || (origin != null && !isOwn(exchange, origin));
    }

    private static boolean isOwn(HttpServerExchange exchange, String origin) {
        String host = ProxyHandler.host(exchange);
        try {
            URI page = URI.create(origin);
            String scheme = page.getScheme();
            String authority = page.getRawAuthority();
            // Where TLS ends at a proxy that is not trusted, the scheme of this request is not the browser's.
            boolean isScheme = !"https".equals(exchange.getRequestScheme()) || "https".equals(scheme);
            return scheme != null
                    && authority != null
                    && host != null
                    && isScheme
                    && withoutUsualPort(authority, scheme).equals(withoutUsualPort(host, scheme));
        } catch (IllegalArgumentException notAnOrigin) {
            return false; // "null", or nonsense
        }
    }

    private static String withoutUsualPort(String authority, String scheme) {
        String usual = scheme.equals("https") ? ":443" : ":80";
        String lower = authority.toLowerCase(Locale.ROOT);
        return lower.endsWith(usual) ? lower.substring(0, lower.length() - usual.length()) : lower;
    }
}
