package dev.pbp.cli.settings;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.postgresql.PGProperty;

/** The connection parameters that {@code libpq} and the JDBC driver both have, and what each calls them. */
final class ConnectionParameters {
    private static final Map<String, String> JDBC_BY_LIBPQ = Map.ofEntries(
            Map.entry("application_name", "ApplicationName"),
            Map.entry("channel_binding", "channelBinding"),
            Map.entry("connect_timeout", "connectTimeout"),
            Map.entry("gssencmode", "gssEncMode"),
            Map.entry("krbsrvname", "kerberosServerName"),
            Map.entry("options", "options"),
            Map.entry("sslcert", "sslcert"),
            Map.entry("sslkey", "sslkey"),
            Map.entry("sslmode", "sslmode"),
            Map.entry("sslnegotiation", "sslNegotiation"),
            Map.entry("sslpassword", "sslpassword"),
            Map.entry("sslrootcert", "sslrootcert"),
            Map.entry("target_session_attrs", "targetServerType"));

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

    private ConnectionParameters() {}

    /** Adds a parameter that was written for {@code libpq} under the driver's name. */
    static void addLibpq(SortedMap<String, String> jdbc, String name, String value, SettingValue given) {
        String jdbcName = JDBC_BY_LIBPQ.get(name);
        if (jdbcName == null) {
            throw given.bad("parameter '" + name + "' is not known; known are passfile, "
                    + String.join(", ", new TreeMap<>(JDBC_BY_LIBPQ).keySet()));
        }
        String jdbcValue = value;
        if (name.equals("target_session_attrs")) {
            jdbcValue = JDBC_SESSION_BY_LIBPQ.get(value);
            if (jdbcValue == null) {
                throw given.bad("target_session_attrs=" + value + " is not known; known are "
                        + String.join(", ", new TreeMap<>(JDBC_SESSION_BY_LIBPQ).keySet()));
            }
        }
        jdbc.put(jdbcName, jdbcValue);
    }

    /** Adds a parameter that was written for the driver, which itself would pass over one it does not know. */
    static void addJdbc(SortedMap<String, String> jdbc, String name, String value, SettingValue given) {
        if (PGProperty.forName(name) == null) {
            throw given.bad("the JDBC driver knows no parameter '" + name + "'");
        }
        jdbc.put(name, value);
    }

    /** What of the driver's parameters {@code libpq} has too; the others only tune the driver. */
    static SortedMap<String, String> forLibpq(SortedMap<String, String> jdbc) {
        SortedMap<String, String> libpq = new TreeMap<>();
        JDBC_BY_LIBPQ.forEach((libpqName, jdbcName) -> {
            String value = jdbc.get(jdbcName);
            if (value != null) {
                libpq.put(
                        libpqName,
                        libpqName.equals("target_session_attrs")
                                ? LIBPQ_SESSION_BY_JDBC.getOrDefault(value, value)
                                : value);
            }
        });
        if ("true".equals(jdbc.get("ssl")) && !libpq.containsKey("sslmode")) {
            libpq.put("sslmode", "verify-full");
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
