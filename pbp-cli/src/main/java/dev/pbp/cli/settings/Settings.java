package dev.pbp.cli.settings;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings in force: option before environment before file before default. A bad one is an error, never mended
 * silently.
 */
public final class Settings {
    /** The embedded server's database if none is named. */
    public static final String DEFAULT_DATABASE = "helloworld";

    /** In an address it needs no percent-encoding. */
    private static final String MASK = "....";

    private static final String NONE = "none";
    /** As PostgreSQL writes sizes; each unit is 1,024 of the one before it. */
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15}) ?(B|kB|MB|GB|TB)?");

    private final Sources sources;
    private final Map<String, String> environment;
    private final String systemUser;

    /**
     * Takes what was given, without a file; nothing is checked before it is asked for.
     *
     * @param options what the command line says
     * @param environment the environment variables; an empty one counts as unset
     * @param systemUser the operating system's user, who is the default role
     */
    public Settings(Map<Setting, String> options, Map<String, String> environment, String systemUser) {
        this(new Sources(Map.copyOf(options), Map.copyOf(environment), SettingsFile.NONE), environment, systemUser);
    }

    private Settings(Sources sources, Map<String, String> environment, String systemUser) {
        this.sources = sources;
        this.environment = Map.copyOf(environment);
        this.systemUser = systemUser;
    }

    /**
     * Takes what was given, and reads the file of settings if there is one.
     *
     * @param options what the command line says
     * @param environment the environment variables; an empty one counts as unset
     * @param folder the working directory
     * @param systemUser the operating system's user, who is the default role
     * @return the settings
     * @throws BadSetting if the file is not one of settings
     */
    public static Settings read(
            Map<Setting, String> options, Map<String, String> environment, Path folder, String systemUser) {
        Sources called = new Sources(Map.copyOf(options), Map.copyOf(environment), SettingsFile.NONE);
        SettingsFile file = SettingsFile.find(called.called(Setting.CONFIG).orElse(null), environment, folder);
        return new Settings(new Sources(Map.copyOf(options), Map.copyOf(environment), file), environment, systemUser);
    }

    /**
     * The server to use.
     *
     * @param database the database that a command's argument names, in place of the URL's; null for none
     * @return the choice, with the password if one is to be found
     */
    public ServerChoice server(@Nullable Given database) {
        Optional<Given> named = Optional.ofNullable(database).or(() -> sources.given(Setting.DB));
        named.ifPresent(Settings::checkName);
        Optional<Given> url = url();
        if (url.isPresent() || sources.variable("PGHOST").isPresent()) {
            PostgresAddress address = new Libpq(environment, systemUser).complete(url.orElse(null));
            if (address.password() != null
                    && url.isPresent()
                    && url.equals(sources.file().given(Setting.URL))) {
                sources.file().requireSecret(url.get());
            }
            PostgresAddress chosen =
                    named.map(name -> address.withDatabase(name.value())).orElse(address);
            return new ServerChoice.External(chosen, url.map(Given::source).orElse("PGHOST"));
        }
        Given data = data();
        return new ServerChoice.Embedded(
                path(data), data.source(), named.map(Given::value).orElse(DEFAULT_DATABASE));
    }

    /** All of the environment comes before the file, so {@code PGHOST} too. */
    private Optional<Given> url() {
        Optional<Given> called = sources.called(Setting.URL).or(() -> sources.variable("DATABASE_URL"));
        return called.isPresent() || sources.variable("PGHOST").isPresent()
                ? called
                : sources.file().given(Setting.URL);
    }

    /**
     * The password for an address, out of what the address and the environment say.
     *
     * @param address the address
     * @param source where the address was set
     * @return the password, if there is one
     */
    public Optional<String> password(PostgresAddress address, String source) {
        return new Libpq(environment, systemUser).password(address, source).map(Given::value);
    }

    /**
     * The address of the server that was named, as it may stand on a command line.
     *
     * @return the address without its password
     */
    public String withoutPassword() {
        PostgresAddress address = ((ServerChoice.External) server(null)).address();
        return address.masked(MASK).uri();
    }

    /**
     * The HTTP port.
     *
     * @return the port; 0 for a free one
     */
    public int port() {
        Given port = sources.required(Setting.PORT);
        return HostPort.parsePort(port.value(), port, 0);
    }

    /**
     * Where the HTTP port was set.
     *
     * @return the source
     */
    public String portSource() {
        return sources.required(Setting.PORT).source();
    }

    /**
     * The address to listen on.
     *
     * @return a host name or an address
     */
    public String bind() {
        return sources.required(Setting.BIND).value();
    }

    /**
     * The channels that browsers may see.
     *
     * @return their names; none if the setting is an empty text given by option
     */
    public List<String> channels() {
        Given channels = sources.required(Setting.CHANNELS);
        List<String> names = Arrays.stream(channels.value().split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        names.forEach(name -> checkName(new Given(name, channels.source())));
        return names;
    }

    /**
     * The size above which a statement on a table logs that the table must be refetched.
     *
     * @return a number of bytes, at least 1, or {@code none}; nothing if tables are to keep theirs
     */
    public Optional<String> maxStatement() {
        return sources.given(Setting.MAX_STATEMENT).map(Settings::size);
    }

    private static String size(Given given) {
        if (given.value().equals(NONE)) {
            return NONE;
        }
        Matcher size = SIZE.matcher(given.value());
        if (size.matches()) {
            long count = Long.parseLong(size.group(1));
            int shift = 10 * UNITS.indexOf(Optional.ofNullable(size.group(2)).orElse("B"));
            if (count >= 1 && count <= Long.MAX_VALUE >> shift) {
                return String.valueOf(count << shift);
            }
        }
        throw given.bad("'" + given.value()
                + "' is not a size: expected none, or at least 1 B, in B, kB, MB, GB or TB, such as 8MB");
    }

    /**
     * Every setting in force and where it comes from, with secrets masked.
     *
     * @param database the database that a command's argument names; null for none
     * @return the settings, in the order of their weight
     */
    public List<Shown> shown(@Nullable Given database) {
        List<Shown> all = new ArrayList<>();
        Given config = sources.called(Setting.CONFIG).orElse(new Given("", "default"));
        String file = sources.file().path().map(Path::toString).orElse("none");
        all.add(new Shown(Setting.CONFIG.key(), file, config.source()));
        String named = Optional.ofNullable(database)
                .or(() -> sources.given(Setting.DB))
                .map(Given::source)
                .orElse("");
        if (server(database) instanceof ServerChoice.External external) {
            PostgresAddress address = external.address();
            Optional<Given> password = new Libpq(environment, systemUser).password(address, external.source());
            all.add(new Shown(Setting.URL.key(), address.masked(MASK).uri(), external.source()));
            all.add(new Shown("database", address.database(), named.isEmpty() ? external.source() : named));
            all.add(password.map(found -> new Shown("password", MASK, found.source()))
                    .orElse(new Shown("password", "none", "default")));
        } else {
            Given data = data();
            all.add(new Shown(Setting.URL.key(), "the embedded PostgreSQL", "default"));
            all.add(new Shown("database", server(database).database(), named.isEmpty() ? "default" : named));
            all.add(new Shown(Setting.DATA.key(), path(data).toString(), data.source()));
        }
        all.add(shown(Setting.PORT, String.valueOf(port())));
        all.add(shown(Setting.BIND, bind()));
        all.add(shown(Setting.CHANNELS, String.join(",", channels())));
        maxStatement().ifPresent(size -> all.add(shown(Setting.MAX_STATEMENT, size)));
        return all;
    }

    private Shown shown(Setting setting, String value) {
        return new Shown(setting.key(), value, sources.required(setting).source());
    }

    private Given data() {
        return sources.given(Setting.DATA).orElseGet(() -> {
            String home = environment.getOrDefault("XDG_DATA_HOME", "");
            // The specification of XDG says that a relative path is to be ignored.
            if (home.startsWith("/")) {
                return new Given(home + "/pbp", "XDG_DATA_HOME");
            }
            return new Given(
                    sources.variable("HOME").map(Given::value).orElse(System.getProperty("user.home"))
                            + "/.local/share/pbp",
                    "default");
        });
    }

    private static Path path(Given data) {
        try {
            return Path.of(data.value()).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw data.bad("'" + data.value() + "' is not a path (" + e.getReason() + ")");
        }
    }

    /** The names that PostgreSQL takes whole; it would cut a longer one silently. */
    private static void checkName(Given name) {
        int bytes = name.value().getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > 63 || name.value().indexOf('\0') >= 0) {
            throw name.bad("'" + name.value() + "' is not a PostgreSQL name: expected 1 to 63 bytes, got " + bytes);
        }
    }
}
