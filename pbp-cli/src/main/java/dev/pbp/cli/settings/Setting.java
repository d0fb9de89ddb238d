package dev.pbp.cli.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table of settings. Each has an option {@code --key}, an environment variable {@code PBP_KEY} and, but for {@link #CONFIG},
 * a key in the file of settings. Options, manual page and docs/reference/settings.md are made from this table.
 */
public enum Setting {
    /** The file with further settings. */
    CONFIG(
            "config",
            "FILE",
            null,
            "pbp.properties here, else ~/.config/pbp/pbp.properties",
            Setting.ALL_COMMANDS,
            "A file of settings, such as url=postgresql://... or port=8080."),
    /** The server's address. */
    URL(
            "url",
            "URL",
            null,
            "DATABASE_URL, else PGHOST and its companions, else the embedded PostgreSQL",
            Setting.ALL_COMMANDS,
            "The server: postgresql://USER@HOST:PORT/DATABASE or a JDBC URL."),
    /** The database's name. */
    DB(
            "db",
            "NAME",
            null,
            "the URL's",
            Setting.ALL_COMMANDS,
            "The database, in place of that of a URL from the same or a weaker source."),
    /** The embedded server's directory. */
    DATA(
            "data",
            "DIR",
            null,
            "~/.local/share/pbp (XDG_DATA_HOME is honoured)",
            Setting.ALL_COMMANDS,
            "Where the embedded PostgreSQL lives."),
    /** The HTTP port. */
    PORT("port", "PORT", "8888", "8888", Setting.SERVE, "The port to listen on. 0 for a free one."),
    /** The address that HTTP listens on. */
    BIND("bind", "ADDRESS", "127.0.0.1", "127.0.0.1", Setting.SERVE, "The address to listen on."),
    /** The names under which browsers reach the site. */
    HOSTS(
            "hosts",
            "NAMES",
            "",
            "none",
            Setting.SERVE,
            "Names under which browsers reach the site, with commas between, beside localhost and the address of bind."),
    /** The tables that are offered over HTTP. */
    TABLES(
            "tables",
            "NAMES",
            "",
            "every tracked table",
            Setting.SERVE,
            "Tables that clients may read and follow, with commas between, such as orders,shop.items."),
    /** The tables that may be written over HTTP. */
    WRITABLE(
            "writable",
            "NAMES",
            "testtype",
            "testtype",
            Setting.SERVE,
            "Tables that clients may also write, with commas between, such as testtype,orders; none if empty."),
    /** The NOTIFY channels that browsers may see. */
    CHANNELS(
            "channels",
            "NAMES",
            "hello",
            "hello",
            Setting.SERVE,
            "NOTIFY channels that browsers may listen to, with commas between."),
    /** The folder with the user's own pages. */
    PAGES(
            "pages",
            "DIR",
            null,
            "none",
            Setting.SERVE,
            "A folder of pages of your own: shop.html in it is /shop.html, and index.html takes the place of the page at /."),
    /** The file with the tokens of clients. */
    TOKENS(
            "tokens",
            "FILE",
            null,
            "none: the site is open to every client that reaches it",
            Setting.SERVE,
            "Admit only clients with a token from this file, a line NAME ROLE TOKEN for each; it is read again when it changes."),
    /** Whether other machines may reach a site without tokens. */
    OPEN(
            "open",
            "",
            "false",
            "false",
            Setting.SERVE,
            "Let every client read and write that reaches the site, though bind is no loopback address and there are no tokens."),
    /** The reverse proxies whose headers count. */
    TRUSTED_PROXIES(
            "trusted-proxies",
            "CIDR,...",
            null,
            "none",
            Setting.SERVE,
            "Addresses of reverse proxies, such as 10.0.0.0/8, whose X-Forwarded-For, -Proto and -Host count."),
    /** The other sites whose pages may use this one. */
    ORIGINS(
            "origins",
            "ORIGIN,...",
            null,
            "none",
            Setting.SERVE,
            "Other sites, such as https://shop.example, whose pages may read and write here (CORS)."),
    /** The path under which a reverse proxy shows the site. */
    BASE_PATH(
            "base-path",
            "PATH",
            "/",
            "/",
            Setting.SERVE,
            "The path under which a reverse proxy shows the site, such as /live; whether it removes it does not matter."),
    /** The certificate chain for HTTPS. */
    TLS_CERT("tls-cert", "FILE", null, "none", Setting.SERVE, "Serve HTTPS, with this certificate chain (PEM)."),
    /** The private key for HTTPS. */
    TLS_KEY("tls-key", "FILE", null, "none", Setting.SERVE, "The key of the certificate (PEM, PKCS#8)."),
    /** Key and certificate for HTTPS in one file. */
    TLS_KEYSTORE(
            "tls-keystore",
            "FILE",
            null,
            "none",
            Setting.SERVE,
            "Serve HTTPS, with key and certificate from this PKCS#12 file."),
    /** The password of the PKCS#12 file. */
    TLS_PASSWORD(
            "tls-password",
            "PASSWORD",
            null,
            "none",
            Setting.SERVE,
            "The password of the PKCS#12 file. Other users can see options: prefer the variable or the file."),
    /** Where requests are logged. */
    ACCESS_LOG(
            "access-log",
            "FILE",
            null,
            "none",
            Setting.SERVE,
            "Write a line of JSON for each request; - for standard output."),
    /** How many clients may wait. */
    MAX_CLIENTS("max-clients", "N", null, "50000", Setting.SERVE, "How many clients may wait for changes at once."),
    /** How many clients of one address may wait. */
    MAX_CLIENTS_PER_ADDRESS(
            "max-clients-per-address",
            "N",
            null,
            "as many as in all",
            Setting.SERVE,
            "How many clients of one address may wait for changes at once."),
    /** The size above which a statement logs that its table must be refetched. */
    MAX_STATEMENT(
            "max-statement",
            "SIZE",
            null,
            "the table keeps its limit, 8MB at first",
            Setting.TRACK,
            "A statement that changes more than this, such as 8MB, logs that the table must be refetched; none: never.");

    private static final String ALL_COMMANDS = "all commands";
    private static final String SERVE = "serve";
    private static final String TRACK = "track";
    private static final Set<String> WITHOUT_DATABASE = Set.of("completion", "manual", "help");

    private final String key;
    private final String label;
    private final @Nullable String fallback;
    private final String otherwise;
    private final String command;
    private final String meaning;

    Setting(String key, String label, @Nullable String fallback, String otherwise, String command, String meaning) {
        this.key = key;
        this.label = label;
        this.fallback = fallback;
        this.otherwise = otherwise;
        this.command = command;
        this.meaning = meaning;
    }

    /**
     * Returns the settings of a command.
     *
     * @param name the command's name; null for the tool itself, above all commands
     * @return those that its options set
     */
    public static List<Setting> of(@Nullable String name) {
        return Arrays.stream(values())
                .filter(setting -> setting.command.equals(name)
                        || setting.command.equals(ALL_COMMANDS) && (name == null || !WITHOUT_DATABASE.contains(name)))
                .toList();
    }

    /**
     * Returns the command line option.
     *
     * @return the name with its dashes
     */
    public String option() {
        return "--" + key;
    }

    /**
     * Returns the environment variable.
     *
     * @return its name
     */
    public String variable() {
        return "PBP_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /**
     * Returns the key in a file of settings, and the name by which the setting is shown.
     *
     * @return the option's name without its dashes
     */
    public String key() {
        return key;
    }

    /**
     * Whether a file of settings may have it: no file names another one.
     *
     * @return false for {@link #CONFIG} alone
     */
    public boolean isInFile() {
        return this != CONFIG;
    }

    /**
     * Returns what a value is, in one word.
     *
     * @return in capitals; empty for a switch, whose values are {@code true} and {@code false}
     */
    public String label() {
        return label;
    }

    /**
     * Returns what holds where it is not set.
     *
     * @return a value, or a phrase
     */
    public String otherwise() {
        return otherwise;
    }

    /**
     * Returns the commands that use it.
     *
     * @return a command's name, or {@code all commands}
     */
    public String command() {
        return command;
    }

    /**
     * Returns what it sets.
     *
     * @return one or more sentences
     */
    public String meaning() {
        return meaning;
    }

    /**
     * Describes the option, for help and the manual page.
     *
     * @return lines
     */
    public String[] description() {
        List<String> lines = new ArrayList<>(List.of(meaning));
        lines.add("Else " + variable() + (isInFile() ? ", else " + key + " in the file" : "") + ", else " + otherwise
                + ".");
        return lines.toArray(String[]::new);
    }

    /** A value that must not be shown. */
    boolean isSecret() {
        return this == TLS_PASSWORD;
    }

    /** Lists may be empty: {@code --channels=} offers none. */
    boolean mayBeEmpty() {
        return this == CHANNELS || this == HOSTS || this == WRITABLE;
    }

    @Nullable
    String fallback() {
        return fallback;
    }
}
