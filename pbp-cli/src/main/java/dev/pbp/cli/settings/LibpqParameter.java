package dev.pbp.cli.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table of {@code libpq}'s connection parameters and environment variables, of PostgreSQL 18. Each is supported, or reported by
 * name as unsupported; none is ignored. docs/reference/settings.md is made from this table.
 */
enum LibpqParameter {
    /** The servers. */
    HOST("PGHOST", Support.PARSED),
    /** The servers' addresses without a lookup of names. */
    HOSTADDR("PGHOSTADDR", "name the servers by host"),
    /** The servers' ports. */
    PORT("PGPORT", Support.PARSED),
    /** The database. */
    DBNAME("PGDATABASE", Support.PARSED),
    /** The role. */
    USER("PGUSER", Support.PARSED),
    /** Its password. */
    PASSWORD("PGPASSWORD", Support.PARSED),
    /** The file with passwords. */
    PASSFILE("PGPASSFILE", Support.PARSED),
    /** A section of a file with connection parameters. */
    SERVICE("PGSERVICE", "write its parameters into the URL"),
    /** That file. */
    SERVICEFILE("PGSERVICEFILE", "write its parameters into the URL"),
    /** Which ways of authentication are accepted. */
    REQUIRE_AUTH("PGREQUIREAUTH", Support.DRIVER, "requireAuth"),
    /** Binds authentication to the TLS session. */
    CHANNEL_BINDING("PGCHANNELBINDING", Support.DRIVER, "channelBinding"),
    /** How long to wait for a connection. */
    CONNECT_TIMEOUT("PGCONNECT_TIMEOUT", Support.DRIVER, "connectTimeout"),
    /** The encoding of texts. */
    CLIENT_ENCODING("PGCLIENTENCODING", "texts are always in UTF-8", "UTF8", "UTF-8", "auto"),
    /** Settings of the session. */
    OPTIONS("PGOPTIONS", Support.DRIVER, "options"),
    /** The name of the session. */
    APPLICATION_NAME("PGAPPNAME", Support.DRIVER, "ApplicationName"),
    /** The name of the session, where it has no other. */
    FALLBACK_APPLICATION_NAME(null, "use application_name"),
    /** Whether the kernel checks an idle connection. */
    KEEPALIVES(null, Support.DRIVER, "tcpKeepAlive"),
    /** After which time of silence. */
    KEEPALIVES_IDLE(null, "the kernel's own time holds", "0"),
    /** How often. */
    KEEPALIVES_INTERVAL(null, "the kernel's own time holds", "0"),
    /** How many times. */
    KEEPALIVES_COUNT(null, "the kernel's own number holds", "0"),
    /** How long sent data may stay unacknowledged. */
    TCP_USER_TIMEOUT(null, "the kernel's own time holds", "0"),
    /** Connects for replication. */
    REPLICATION(null, "no command replicates", "false", "off", "no", "0"),
    /** Encryption by GSSAPI. */
    GSSENCMODE("PGGSSENCMODE", Support.DRIVER, "gssEncMode"),
    /** The Kerberos service of the server. */
    KRBSRVNAME("PGKRBSRVNAME", Support.DRIVER, "kerberosServerName"),
    /** The GSSAPI library. */
    GSSLIB("PGGSSLIB", Support.DRIVER, "gsslib"),
    /** Forwards Kerberos credentials. */
    GSSDELEGATION("PGGSSDELEGATION", "credentials are not delegated", "0"),
    /** Whether TLS is used, and what is verified. */
    SSLMODE("PGSSLMODE", Support.DRIVER, "sslmode"),
    /** The former name of sslmode. */
    REQUIRESSL("PGREQUIRESSL", "use sslmode=require", "0"),
    /** How TLS begins. */
    SSLNEGOTIATION("PGSSLNEGOTIATION", Support.DRIVER, "sslNegotiation"),
    /** Compression within TLS. */
    SSLCOMPRESSION("PGSSLCOMPRESSION", "TLS is never compressed", "0"),
    /** The client's certificate. */
    SSLCERT("PGSSLCERT", Support.DRIVER, "sslcert"),
    /** Its key. */
    SSLKEY("PGSSLKEY", Support.DRIVER, "sslkey"),
    /** Where to log the keys of sessions. */
    SSLKEYLOGFILE(null, "keys of sessions are not logged"),
    /** The password of the key. */
    SSLPASSWORD(null, Support.DRIVER, "sslpassword"),
    /** Whether the client sends a certificate. */
    SSLCERTMODE("PGSSLCERTMODE", "a certificate that is given is sent where the server asks", "allow"),
    /** The authorities that are trusted; {@code system} for those of Java. */
    SSLROOTCERT("PGSSLROOTCERT", Support.DRIVER, "sslrootcert"),
    /** The revoked certificates. */
    SSLCRL("PGSSLCRL", "revocation lists are not checked"),
    /** Their directory. */
    SSLCRLDIR("PGSSLCRLDIR", "revocation lists are not checked"),
    /** Whether TLS names the server. */
    SSLSNI("PGSSLSNI", "the server is always named", "1"),
    /** The operating system's user of a server on this machine. */
    REQUIREPEER("PGREQUIREPEER", "Java connects by TCP only"),
    /** The oldest version of TLS. */
    SSL_MIN_PROTOCOL_VERSION("PGSSLMINPROTOCOLVERSION", "set Java's jdk.tls.client.protocols", "TLSv1.2"),
    /** The newest version of TLS. */
    SSL_MAX_PROTOCOL_VERSION("PGSSLMAXPROTOCOLVERSION", "set Java's jdk.tls.client.protocols"),
    /** The oldest version of the protocol. */
    MIN_PROTOCOL_VERSION("PGMINPROTOCOLVERSION", "the protocol is always 3.0", "3.0"),
    /** The newest version of the protocol. */
    MAX_PROTOCOL_VERSION("PGMAXPROTOCOLVERSION", "the protocol is always 3.0", "3.0"),
    /** The key of a SCRAM client. */
    SCRAM_CLIENT_KEY(null, "use a password"),
    /** The key of a SCRAM server. */
    SCRAM_SERVER_KEY(null, "use a password"),
    /** Which of several servers. */
    TARGET_SESSION_ATTRS("PGTARGETSESSIONATTRS", Support.DRIVER, "targetServerType"),
    /** The order of several servers. */
    LOAD_BALANCE_HOSTS("PGLOADBALANCEHOSTS", Support.DRIVER, "loadBalanceHosts"),
    /** The issuer of OAuth tokens. */
    OAUTH_ISSUER(null, "use a password"),
    /** The client of OAuth. */
    OAUTH_CLIENT_ID(null, "use a password"),
    /** Its secret. */
    OAUTH_CLIENT_SECRET(null, "use a password"),
    /** The scope of OAuth. */
    OAUTH_SCOPE(null, "use a password"),
    /** How dates are written. */
    DATESTYLE("PGDATESTYLE", "use ALTER ROLE ... SET, or options"),
    /** The time zone of the session. */
    TZ("PGTZ", "the driver sets Java's time zone"),
    /** The genetic query optimizer. */
    GEQO("PGGEQO", "use ALTER ROLE ... SET, or options");

    /** By what a parameter is supported. */
    private enum Support {
        PARSED,
        DRIVER,
        NONE
    }

    private final @Nullable String variable;
    private final Support support;
    private final String driverName;
    private final String advice;
    private final Set<String> accepted;

    LibpqParameter(String variable, Support support) {
        this(variable, support, "", "");
    }

    LibpqParameter(@Nullable String variable, Support support, String driverName) {
        this(variable, support, driverName, "");
    }

    /** Unsupported, but for values that change nothing. */
    LibpqParameter(@Nullable String variable, String advice, String... accepted) {
        this(variable, Support.NONE, "", advice, accepted);
    }

    LibpqParameter(@Nullable String variable, Support support, String driverName, String advice, String... accepted) {
        this.variable = variable;
        this.support = support;
        this.driverName = driverName;
        this.advice = advice;
        this.accepted = Set.of(accepted);
    }

    /**
     * Finds a parameter.
     *
     * @param name its name in a connection string
     * @return empty if {@code libpq} has none of that name
     */
    static Optional<LibpqParameter> named(String name) {
        return Arrays.stream(values())
                .filter(parameter -> parameter.isParameter() && parameter.key().equals(name))
                .findFirst();
    }

    /**
     * Returns its name in a connection string.
     *
     * @return in lower case
     */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Whether it may stand in a connection string, too.
     *
     * @return false for what is a variable alone
     */
    public boolean isParameter() {
        return this != DATESTYLE && this != TZ && this != GEQO;
    }

    /**
     * Returns its environment variable.
     *
     * @return null if there is none
     */
    public @Nullable String variable() {
        return variable;
    }

    /**
     * Whether it has an effect here.
     *
     * @return false if it is reported as unsupported
     */
    public boolean isSupported() {
        return support != Support.NONE;
    }

    /** Whether it is part of an address, as host and password are. */
    boolean isParsed() {
        return support == Support.PARSED;
    }

    /** Whether the driver implements it. */
    boolean isDrivers() {
        return support == Support.DRIVER;
    }

    /** The driver's name for it. */
    String driverName() {
        return driverName;
    }

    /**
     * Returns what to do in place of it.
     *
     * @return empty if it is supported
     */
    public String advice() {
        return advice;
    }

    /**
     * Returns the values that change nothing and are accepted though it is not supported.
     *
     * @return maybe none
     */
    public Set<String> accepted() {
        return accepted;
    }

    /** Rejects a value that would have to be ignored. */
    void requireHarmless(String value, SettingValue given) {
        if (accepted.stream().noneMatch(value::equalsIgnoreCase)) {
            String name = given.source().equals(variable) ? "" : key() + ": ";
            throw given.bad(name + "libpq's " + key() + " is not supported (" + advice + "): unset it"
                    + (accepted.isEmpty()
                            ? ""
                            : ", or set it to "
                                    + String.join(
                                            " or ", accepted.stream().sorted().toList())));
        }
    }
}
