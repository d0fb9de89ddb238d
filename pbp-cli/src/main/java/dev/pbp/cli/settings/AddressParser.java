package dev.pbp.cli.settings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads {@code postgres://}, {@code postgresql://} and {@code jdbc:postgresql:} addresses. */
final class AddressParser {
    private static final String JDBC = "jdbc:postgresql:";

    private final SettingValue given;
    private final String defaultUser;
    private final boolean jdbc;
    private final SortedMap<String, String> parameters = new TreeMap<>();
    private String hosts = "";
    private String database = "";
    private @Nullable String user;
    private @Nullable String password;
    private @Nullable Path passFile;

    private AddressParser(SettingValue given, String defaultUser) {
        this.given = given;
        this.defaultUser = defaultUser;
        this.jdbc = given.value().startsWith("jdbc:");
    }

    /**
     * Reads an address.
     *
     * @param given the address and its source
     * @param defaultUser the user if the address names none
     * @return the address
     * @throws InvalidSettingException if it is not one; the message never repeats the address, which may hold a password
     */
    static PostgresAddress parse(SettingValue given, String defaultUser) {
        return new AddressParser(given, defaultUser).parse();
    }

    private PostgresAddress parse() {
        String rest = afterScheme();
        int question = rest.indexOf('?');
        String query = question < 0 ? "" : rest.substring(question + 1);
        String path = question < 0 ? rest : rest.substring(0, question);
        if (path.startsWith("//")) {
            path = path.substring(2);
            int slash = path.indexOf('/');
            authority(slash < 0 ? path : path.substring(0, slash));
            database = slash < 0 ? "" : decode(path.substring(slash + 1));
        } else {
            // jdbc:postgresql:database and jdbc:postgresql:/ mean this machine.
            database = decode(path.startsWith("/") ? path.substring(1) : path);
        }
        if (!query.isEmpty()) {
            for (String pair : query.split("&", -1)) {
                parameter(pair);
            }
        }
        String role = user == null || user.isEmpty() ? defaultUser : user;
        return new PostgresAddress(
                hostPorts(), database.isEmpty() ? role : database, role, password, passFile, parameters);
    }

    private String afterScheme() {
        String text = given.value();
        for (String scheme : List.of("postgres:", "postgresql:", JDBC)) {
            boolean bare = jdbc && text.startsWith(scheme);
            if (bare || text.startsWith(scheme + "//")) {
                return text.substring(scheme.length());
            }
        }
        throw given.bad("not an address of a PostgreSQL server: expected postgresql://USER@HOST:PORT/DATABASE"
                + " or jdbc:postgresql://HOST:PORT/DATABASE?user=USER");
    }

    private void authority(String authority) {
        int at = authority.lastIndexOf('@');
        if (at >= 0) {
            if (jdbc) {
                throw given.bad("a JDBC address has no USER@ before the host: write ?user=USER, or use postgresql://");
            }
            String login = authority.substring(0, at);
            int colon = login.indexOf(':');
            user = decode(colon < 0 ? login : login.substring(0, colon));
            password = colon < 0 ? null : decode(login.substring(colon + 1));
        }
        hosts = authority.substring(at + 1);
    }

    private List<HostPort> hostPorts() {
        List<HostPort> list = new ArrayList<>();
        for (String host : hosts.split(",", -1)) {
            list.add(HostPort.parse(decode(host), given));
        }
        return list;
    }

    private void parameter(String pair) {
        int equals = pair.indexOf('=');
        if (equals < 1) {
            throw given.bad("after '?' it needs NAME=VALUE&NAME=VALUE, got '" + pair + "'");
        }
        String name = decode(pair.substring(0, equals));
        String value = decode(jdbc ? pair.substring(equals + 1).replace('+', ' ') : pair.substring(equals + 1));
        switch (name) {
            case "user" -> user = value;
            case "password" -> password = value;
            case "passfile" -> passFile = Path.of(value);
            default -> {
                if (jdbc) {
                    ConnectionParameters.addJdbc(parameters, name, value, given);
                } else if (name.equals("dbname")) {
                    database = value;
                } else if (name.equals("host")) {
                    hosts = value;
                } else {
                    ConnectionParameters.addLibpq(parameters, name, value, given);
                }
            }
        }
    }

    private String decode(String text) {
        return PercentEncoding.decode(text, given);
    }
}
