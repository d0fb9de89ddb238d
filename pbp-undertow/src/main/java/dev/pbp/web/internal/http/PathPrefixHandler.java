package dev.pbp.web.internal.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

/**
 * Removes the path under which a reverse proxy shows the site from the paths of requests. Requests without it are passed on as
 * they are, since some proxies remove it themselves.
 */
public final class PathPrefixHandler implements HttpHandler {
    private final String prefix;
    private final HttpHandler next;

    /**
     * Keeps its parts.
     *
     * @param prefix such as {@code /live}, without a slash at its end
     * @param next handles the requests
     */
    public PathPrefixHandler(String prefix, HttpHandler next) {
        this.prefix = prefix;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String path = exchange.getRequestPath();
        if (path.equals(prefix)) { // relative links of the page begin at the slash
            String query = exchange.getQueryString();
            exchange.getResponseHeaders().put(Headers.LOCATION, prefix + "/" + (query.isEmpty() ? "" : "?" + query));
            exchange.setStatusCode(StatusCodes.PERMANENT_REDIRECT).endExchange();
            return;
        }
        if (path.startsWith(prefix + "/")) {
            String rest = path.substring(prefix.length());
            exchange.setRequestPath(rest);
            exchange.setRelativePath(rest);
        }
        next.handleRequest(exchange);
    }
}
