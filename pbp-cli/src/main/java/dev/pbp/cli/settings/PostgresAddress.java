package dev.pbp.cli.settings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A database's address, as both the JDBC driver and {@code libpq} need it.
 *
 * @param hosts at least one; tried in order
 * @param database the database's name
 * @param user the role's name
 * @param password null if it was not part of what the user wrote
 * @param passFile a file in {@code pgpass} form that the address names; null if it names none
 * @param parameters further parameters, by the JDBC driver's names
 */
public record PostgresAddress(
        List<HostPort> hosts,
        String database,
        String user,
        @Nullable String password,
        @Nullable Path passFile,
        SortedMap<String, String> parameters) {
    /** Copies what could change. */
    public PostgresAddress {
        hosts = List.copyOf(hosts);
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
    }

    /**
     * The same server, another database.
     *
     * @param name the database's name
     * @return the address
     */
    public PostgresAddress withDatabase(String name) {
        return new PostgresAddress(hosts, name, user, password, passFile, parameters);
    }

    /**
     * The same database with a password.
     *
     * @param secret the password
     * @return the address
     */
    public PostgresAddress withPassword(String secret) {
        return new PostgresAddress(hosts, database, user, secret, passFile, parameters);
    }

    /** The same without its password, and with a mask for the password of its key. */
    PostgresAddress masked(String mask) {
        SortedMap<String, String> shown = new TreeMap<>(parameters);
        shown.computeIfPresent("sslpassword", (name, secret) -> mask);
        return new PostgresAddress(hosts, database, user, null, passFile, shown);
    }

    PostgresAddress withParameters(SortedMap<String, String> others) {
        return new PostgresAddress(hosts, database, user, password, passFile, others);
    }

    /**
     * The password of the client's key.
     *
     * @return null if the address gives none
     */
    public @Nullable String keyPassword() {
        return parameters.get("sslpassword");
    }

    /**
     * The address for the JDBC driver, without user and password, and without the password of its key.
     *
     * @return {@code jdbc:postgresql://…}
     */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + hostList() + "/" + PercentEncoding.encode(database)
                + query(ConnectionParameters.forDriver(parameters));
    }

    /**
     * The address for {@code psql} and everything else that uses {@code libpq}.
     *
     * @return {@code postgresql://…}; with the password exactly if the address itself holds it
     */
    public String uri() {
        String secret = password == null ? "" : ":" + PercentEncoding.encode(password);
        SortedMap<String, String> query = new TreeMap<>(ConnectionParameters.forLibpq(parameters));
        if (passFile != null && password == null) {
            query.put("passfile", passFile.toString());
        }
        return "postgresql://" + PercentEncoding.encode(user) + secret + "@" + hostList() + "/"
                + PercentEncoding.encode(database) + query(query);
    }

    private String hostList() {
        return hosts.stream().map(HostPort::toString).collect(Collectors.joining(","));
    }

    private static String query(Map<String, String> parameters) {
        List<String> pairs = new ArrayList<>();
        parameters.forEach((name, value) -> pairs.add(name + "=" + PercentEncoding.encodeValue(value)));
        return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
    }

    /** For messages: user, servers and database, never the password. */
    @Override
    public String toString() {
        return user + "@" + hostList() + "/" + database;
    }
}
