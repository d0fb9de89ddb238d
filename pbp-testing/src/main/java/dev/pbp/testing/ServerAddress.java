package dev.pbp.testing;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a PostgreSQL is and who may create databases there; {@code settings} are further driver properties. */
record ServerAddress(
        String host, int port, String user, String password, String database, Map<String, String> settings) {

    static final int DEFAULT_PORT = 5432;

    ServerAddress {
        settings = Map.copyOf(settings);
    }

    static ServerAddress parse(String url) {
        String plain = url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url;
        if (!plain.startsWith("postgresql://") && !plain.startsWith("postgres://")) {
            throw unreadable(url, null);
        }
        URI uri;
        try {
            uri = URI.create(plain);
        } catch (IllegalArgumentException e) {
            throw unreadable(url, e);
        }
        if (uri.getHost() == null) {
            throw unreadable(url, null);
        }
        Map<String, String> settings = new LinkedHashMap<>();
        String query = uri.getRawQuery();
        if (query != null) {
            for (String pair : query.split("&", 0)) {
                int equals = pair.indexOf('=');
                settings.put(
                        decode(equals < 0 ? pair : pair.substring(0, equals)),
                        equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
        }
        String user = settings.remove("user");
        String password = settings.remove("password");
        String login = uri.getRawUserInfo();
        if (login != null) {
            int colon = login.indexOf(':');
            user = decode(colon < 0 ? login : login.substring(0, colon));
            password = colon < 0 ? password : decode(login.substring(colon + 1));
        }
        String path = uri.getPath() == null ? "" : uri.getPath();
        return new ServerAddress(
                uri.getHost(),
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                user == null ? "postgres" : user,
                password == null ? "" : password,
                path.length() > 1 ? path.substring(1) : "postgres",
                settings);
    }

    private static IllegalArgumentException unreadable(String url, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "PBP_TEST_URL: expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE or its jdbc: form, got " + url,
                cause);
    }

    ServerAddress database(String name) {
        return new ServerAddress(host, port, user, password, name, settings);
    }

    String jdbcUrl() {
        StringBuilder url = new StringBuilder("jdbc:postgresql://")
                .append(host)
                .append(':')
                .append(port)
                .append('/')
                .append(encode(database))
                .append("?user=")
                .append(encode(user))
                .append("&password=")
                .append(encode(password));
        settings.forEach(
                (name, value) -> url.append('&').append(name).append('=').append(encode(value)));
        return url.toString();
    }

    String libpqUrl() {
        StringBuilder url = new StringBuilder("postgresql://").append(encode(user));
        if (!password.isEmpty()) {
            url.append(':').append(encode(password));
        }
        url.append('@').append(host).append(':').append(port).append('/').append(encode(database));
        String sslmode = settings.get("sslmode");
        return sslmode == null ? url.toString() : url + "?sslmode=" + sslmode;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
