package dev.pbp.web.internal.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes the client's address, the scheme and the Host of a request from the headers of trusted reverse proxies. Of a peer that is
 * not trusted these headers have no effect.
 *
 * <p>Each proxy adds the address of its peer at the right of {@code X-Forwarded-For}. So the client is the right-most address that
 * is no trusted proxy; what stands left of it the client may have invented. Of {@code X-Forwarded-Proto} and
 * {@code X-Forwarded-Host} the right-most value counts, which the trusted peer itself set.
 */
public final class ProxyHandler implements HttpHandler {
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile("((?:" + BYTE + "\\.){3}" + BYTE + ")(?::[0-9]{1,5})?");
    private static final Pattern IPV6 =
            Pattern.compile("\\[([0-9A-Fa-f:.]+)](?::[0-9]{1,5})?|([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)");

    private final Predicate<InetAddress> trusted;
    private final HttpHandler next;

    /**
     * Keeps its parts.
     *
     * @param trusted whether a proxy with an address is trusted
     * @param next handles the requests
     */
    public ProxyHandler(Predicate<InetAddress> trusted, HttpHandler next) {
        this.trusted = trusted;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        InetSocketAddress peer = exchange.getSourceAddress();
        if (peer != null && peer.getAddress() != null && trusted.test(peer.getAddress())) {
            InetAddress client = client(peer.getAddress(), values(exchange, Headers.X_FORWARDED_FOR));
            if (!client.equals(peer.getAddress())) {
                exchange.setSourceAddress(new InetSocketAddress(client, 0));
            }
            String scheme = scheme(last(exchange, Headers.X_FORWARDED_PROTO));
            if (scheme != null) {
                exchange.setRequestScheme(scheme);
            }
            String host = last(exchange, Headers.X_FORWARDED_HOST);
            if (host != null) {
                exchange.getRequestHeaders().put(Headers.X_FORWARDED_HOST, host);
            }
        } else {
            exchange.getRequestHeaders().remove(Headers.X_FORWARDED_HOST);
        }
        next.handleRequest(exchange);
    }

    /** What a trusted proxy says of the Host that the browser sent; null if there is no such proxy, or if it says nothing. */
    static @Nullable String forwardedHost(HttpServerExchange exchange) {
        return exchange.getRequestHeaders().getFirst(Headers.X_FORWARDED_HOST);
    }

    /** The Host that the browser sent, as far as it is known; null if there is none. */
    static @Nullable String host(HttpServerExchange exchange) {
        String forwarded = forwardedHost(exchange);
        return forwarded == null ? exchange.getRequestHeaders().getFirst(Headers.HOST) : forwarded;
    }

    /** What is no address ends the search: the proxy that passed it on is taken for the client. */
    private InetAddress client(InetAddress peer, List<String> forwarded) {
        InetAddress client = peer;
        for (int i = forwarded.size() - 1; i >= 0 && trusted.test(client); i--) {
            InetAddress before = address(forwarded.get(i));
            if (before == null) {
                return client;
            }
            client = before;
        }
        return client;
    }

    /** With or without a port; the forms are those of literals, so that no name is looked up. */
    private static @Nullable InetAddress address(String text) {
        Matcher ipv4 = IPV4.matcher(text);
        Matcher ipv6 = IPV6.matcher(text);
        try {
            if (ipv4.matches()) {
                return InetAddress.getByName(ipv4.group(1));
            }
            return ipv6.matches()
                    ? InetAddress.getByName("[" + (ipv6.group(1) == null ? ipv6.group(2) : ipv6.group(1)) + "]")
                    : null;
        } catch (UnknownHostException notAnAddress) {
            return null;
        }
    }

    /** Some proxies name the scheme of a WebSocket so. */
    private static @Nullable String scheme(@Nullable String forwarded) {
        return switch (forwarded == null ? "" : forwarded.toLowerCase(Locale.ROOT)) {
            case "https", "wss" -> "https";
            case "http", "ws" -> "http";
            default -> null;
        };
    }

    private static @Nullable String last(HttpServerExchange exchange, HttpString name) {
        List<String> values = values(exchange, name);
        return values.isEmpty() ? null : values.get(values.size() - 1);
    }

    /** The members of a list, in order, however many lines it has. */
    private static List<String> values(HttpServerExchange exchange, HttpString name) {
        HeaderValues lines = exchange.getRequestHeaders().get(name);
        List<String> values = new ArrayList<>();
        if (lines != null) {
            for (String line : lines) {
                for (String value : line.split(",", -1)) {
                    values.add(value.strip());
                }
            }
        }
        return values;
    }
}
