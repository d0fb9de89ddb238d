package dev.pbp.cli.settings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code postgres://}, {@code postgresql://} and {@code jdbc:postgresql:} addresses. */
final class AddressParser {
    private static final Pattern MAY_HOLD_PASSWORD = Pattern.compile("(?i)passw(or)?d *[=:]");
    private static final String JDBC = "jdbc:postgresql:";

    private final SettingValue given;
    private final Defaults defaults;
    private final boolean jdbc;
    private final SortedMap<String, String> parameters = new TreeMap<>();
    private String hosts = "";
    private String database = "";
    private @Nullable String user;
    private @Nullable String password;
    private @Nullable Path passFile;

    /**
     * What holds for parts that an address does not have.
     *
     * @param user the role
     * @param database the database; null for that of the role's name
     * @param hosts the servers
     * @param ports one for all hosts, or one for each
     */
    record Defaults(String user, @Nullable String database, Supplier<List<HostPort>> hosts, IntUnaryOperator ports) {
        static Defaults of(String user) {
            return new Defaults(
                    user,
                    null,
                    () -> List.of(new HostPort("localhost", HostPort.DEFAULT_PORT)),
                    index -> HostPort.DEFAULT_PORT);
        }
    }

    private AddressParser(SettingValue given, Defaults defaults) {
        this.given = given;
        this.defaults = defaults;
        this.jdbc = given.value().startsWith("jdbc:");
    }

    /**
     * Reads an address.
     *
     * @param given the address and its source
     * @param defaults what holds for parts that the address does not have
     * @return the address
     * @throws InvalidSettingException if it is not one; the message never repeats the address, which may hold a password
     */
    static PostgresAddress parse(SettingValue given, Defaults defaults) {
        return new AddressParser(given, defaults).parse();
    }

    private PostgresAddress parse() {
        String rest = afterScheme();
        int question = rest.indexOf('?');
        String query = question < 0 ? "" : rest.substring(question + 1);
        String path = question < 0 ? rest : rest.substring(0, question);
        boolean bare = !path.startsWith("//");
        if (path.startsWith("//")) {
            path = path.substring(2);
            int slash = path.indexOf('/');
            authority(slash < 0 ? path : path.substring(0, slash));
            database = slash < 0 ? "" : database(path.substring(slash + 1), false);
        } else {
            // jdbc:postgresql:database and jdbc:postgresql:/ mean this machine.
            database = database(path.startsWith("/") ? path.substring(1) : path, bare);
        }
        if (!query.isEmpty()) {
            for (String pair : query.split("&", -1)) {
                parameter(pair);
            }
        }
        String role = user == null || user.isEmpty() ? defaults.user() : user;
        if (MAY_HOLD_PASSWORD.matcher(role).find()) {
            throw given.bad("the user's name holds 'password=': parameters have '&' between");
        }
        if (database.isEmpty()) {
            database = defaults.database() == null ? role : defaults.database();
        }
        return new PostgresAddress(hostPorts(), database, role, password, passFile, parameters);
    }

    /** What follows an unescaped '/' or ':' of a password would otherwise be taken for a database, and be repeated in messages. */
    private String database(String text, boolean bare) {
        if (text.indexOf('@') >= 0 || bare && text.indexOf(':') >= 0) {
            throw given.bad("an '@' or ':' where the database's name is expected: in a password '/' is written %2F,"
                    + " '?' %3F and '@' %40; in a database's name '@' is %40");
        }
        return decode(text);
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
        if (hosts.isEmpty()) {
            return defaults.hosts().get();
        }
        List<HostPort> list = new ArrayList<>();
        for (String host : hosts.split(",", -1)) {
            int port = host.matches(".*:[0-9]+")
                    ? HostPort.DEFAULT_PORT
                    : defaults.ports().applyAsInt(list.size());
            list.add(HostPort.parse(decode(host), given, port));
        }
        return list;
    }

    private void parameter(String pair) {
        int equals = pair.indexOf('=');
        if (equals < 1) {
            throw given.bad("after '?' it needs NAME=VALUE&NAME=VALUE (in a password '?' is written %3F and '&' %26)");
        }
        String name = decode(pair.substring(0, equals));
        String value = decode(jdbc ? pair.substring(equals + 1).replace('+', ' ') : pair.substring(equals + 1));
        switch (name) {
            case "user" -> user = value;
            case "password" -> password = value;
            case "passfile" -> passFile = new SettingValue(value, given.source()).path();
            default -> {
                if (jdbc) {
                    ConnectionParameters.addJdbc(parameters, name, value, given);
                } else if (name.equals("dbname")) {
                    database = value;
                } else if (name.equals("host")) {
                    hosts = value;
                } else if (name.equals("port")) {
                    throw given.bad("port: write the port behind the host, HOST:PORT");
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
