package dev.pbp.cli.settings;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.postgresql.PGProperty;

/** Connection parameters by the JDBC driver's names, out of {@code libpq}'s and back. */
final class ConnectionParameters {
    private static final String ROOT_CERT = "sslrootcert";
    private static final String FACTORY = "sslfactory";
    private static final String MODE = "sslmode";
    private static final String STRICTEST = "verify-full";
    private static final String SYSTEM = "system";
    private static final String JAVAS_AUTHORITIES = "org.postgresql.ssl.DefaultJavaSSLFactory";
    private static final Pattern PLAIN_WORD = Pattern.compile("[a-z-]{1,20}");

    private static final Map<String, String> JDBC_SESSION_BY_LIBPQ = Map.of(
            "any", "any",
            "read-write", "primary",
            "primary", "primary",
            "read-only", "secondary",
            "standby", "secondary",
            "prefer-standby", "preferSecondary");

    private static final Map<String, String> LIBPQ_SESSION_BY_JDBC = Map.of(
            "any", "any",
            "primary", "primary",
            "master", "primary",
            "secondary", "standby",
            "slave", "standby",
            "preferSecondary", "prefer-standby",
            "preferSlave", "prefer-standby");

    private static final Map<String, String> BALANCE = Map.of("disable", "false", "random", "true");
    private static final Map<String, String> ALIVE = Map.of("0", "false", "1", "true");

    private ConnectionParameters() {}

    /** Adds a parameter that was written for {@code libpq} under the driver's name. */
    static void addLibpq(SortedMap<String, String> jdbc, String name, String value, SettingValue given) {
        List<String> known = Arrays.stream(LibpqParameter.values())
                .filter(parameter -> parameter.isParameter() && parameter.isSupported())
                .map(LibpqParameter::key)
                .sorted()
                .toList();
        LibpqParameter parameter = LibpqParameter.named(name).orElseThrow(() -> unknown(name, known, given));
        add(jdbc, parameter, value, given);
    }

    /** An unknown name is shown only where it looks like a known one: it may be part of a password with a question mark. */
    private static InvalidSettingException unknown(String name, List<String> known, SettingValue given) {
        String question = NameSuggestion.question(name, known);
        return given.bad((question.isEmpty() ? "a parameter after '?'" : "parameter '" + name + "'") + " is not known"
                + question + "; known are " + String.join(", ", known) + " (a '?' in a password is written %3F)");
    }

    /** Adds a parameter of the table, or rejects it by name. */
    static void add(SortedMap<String, String> jdbc, LibpqParameter parameter, String value, SettingValue given) {
        if (!parameter.isSupported()) {
            parameter.requireHarmless(value, given);
            return;
        }
        String of = parameter.key();
        String translated = switch (parameter) {
            case TARGET_SESSION_ATTRS -> translate(of, value, JDBC_SESSION_BY_LIBPQ, given);
            case LOAD_BALANCE_HOSTS -> translate(of, value, BALANCE, given);
            case KEEPALIVES -> translate(of, value, ALIVE, given);
            case CONNECT_TIMEOUT -> seconds(value, given);
            default -> value;
        };
        requireChoice(parameter.driverName(), of, translated, given);
        jdbc.put(parameter.driverName(), translated);
    }

    private static String translate(String name, String value, Map<String, String> values, SettingValue given) {
        String translated = values.get(value);
        if (translated == null) {
            throw notKnown(name, value, List.copyOf(new TreeMap<>(values).keySet()), given);
        }
        return translated;
    }

    private static InvalidSettingException notKnown(String name, String value, List<String> known, SettingValue given) {
        String shown = PLAIN_WORD.matcher(value).matches() ? name + "=" + value : "the value of " + name;
        return given.bad(shown + " is not known; known are " + String.join(", ", known));
    }

    private static void requireChoice(String driverName, String name, String value, SettingValue given) {
        PGProperty property = PGProperty.forName(driverName);
        String[] choices = property == null || property == PGProperty.REQUIRE_AUTH ? null : property.getChoices();
        if (choices != null && !Arrays.asList(choices).contains(value)) {
            throw notKnown(name, value, List.of(choices), given);
        }
    }

    /** As {@code libpq} takes it: 0 or less for no limit. */
    private static String seconds(String value, SettingValue given) {
        try {
            return String.valueOf(Math.max(0, Integer.parseInt(value)));
        } catch (NumberFormatException e) {
            throw given.bad("connect_timeout is not a number of seconds");
        }
    }

    /** Adds a parameter that was written for the driver, which itself would pass over one it does not know. */
    static void addJdbc(SortedMap<String, String> jdbc, String name, String value, SettingValue given) {
        if (PGProperty.forName(name) == null) {
            List<String> known =
                    Arrays.stream(PGProperty.values()).map(PGProperty::getName).toList();
            String question = NameSuggestion.question(name, known);
            throw given.bad("the JDBC driver knows no parameter "
                    + (question.isEmpty() ? "of a name that is given after '?'" : "'" + name + "'" + question));
        }
        jdbc.put(name, value);
    }

    /** Checks the parameters against each other. */
    static void check(SortedMap<String, String> jdbc, SettingValue given) {
        if (!SYSTEM.equals(jdbc.get(ROOT_CERT))) {
            return;
        }
        if (!STRICTEST.equals(jdbc.getOrDefault(MODE, STRICTEST))) {
            throw given.bad("sslrootcert=system needs sslmode=verify-full, as libpq has it");
        }
        for (String other : List.of("sslcert", "sslkey", FACTORY)) {
            if (jdbc.containsKey(other)) {
                throw given.bad(other + " is not supported with sslrootcert=system: name a file of authorities");
            }
        }
        jdbc.put(MODE, STRICTEST);
    }

    /** What goes into the driver's address: no password of a key. */
    static SortedMap<String, String> forDriver(SortedMap<String, String> jdbc) {
        SortedMap<String, String> driver = new TreeMap<>(jdbc);
        driver.remove(PGProperty.SSL_PASSWORD.getName());
        if (SYSTEM.equals(driver.get(ROOT_CERT))) {
            driver.remove(ROOT_CERT);
            driver.put(FACTORY, JAVAS_AUTHORITIES);
        }
        return driver;
    }

    /** What of the driver's parameters {@code libpq} has too; the others only tune the driver. */
    static SortedMap<String, String> forLibpq(SortedMap<String, String> jdbc) {
        SortedMap<String, String> libpq = new TreeMap<>();
        for (LibpqParameter parameter : LibpqParameter.values()) {
            String value = jdbc.get(parameter.driverName());
            if (parameter.isDrivers() && value != null) {
                libpq.put(
                        parameter.key(),
                        switch (parameter) {
                            case TARGET_SESSION_ATTRS -> LIBPQ_SESSION_BY_JDBC.getOrDefault(value, value);
                            case LOAD_BALANCE_HOSTS -> Boolean.parseBoolean(value) ? "random" : "disable";
                            case KEEPALIVES -> Boolean.parseBoolean(value) ? "1" : "0";
                            default -> value;
                        });
            }
        }
        if ("true".equals(jdbc.get("ssl")) && !libpq.containsKey(MODE)) {
            libpq.put(MODE, STRICTEST);
        }
        String schema = jdbc.get("currentSchema");
        if (schema != null) {
            libpq.merge(
                    "options",
                    "-c search_path=" + schema.replace("\\", "\\\\").replace(" ", "\\ "),
                    (a, b) -> a + " " + b);
        }
        return libpq;
    }
}
