package dev.pbp.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where and for whom the site is there.
 *
 * @param bind the address to listen on; loopback unless others are to reach it
 * @param port 0 for a free one
 * @param hosts names under which browsers may address it (the Host header, without port); {@code bind} and the names of the
 *     loopback address need not be given
 * @param tables whose rows may be read and whose changes may be followed, as in {@link dev.pbp.core.feed.Change#table()}; if empty,
 *     every tracked table
 * @param writable which of them may also be written
 * @param channels the NOTIFY channels that may be heard
 * @param trustedProxies the addresses of the reverse proxies whose headers {@code X-Forwarded-For}, {@code X-Forwarded-Proto}
 *     and {@code X-Forwarded-Host} count, as CIDR; none if empty
 * @param origins other sites whose pages may read and write here (CORS), such as {@code https://shop.example}
 * @param basePath the path under which a reverse proxy shows the site, such as {@code /live}; {@code /} if it has none
 */
public record SiteSettings(
        String bind,
        int port,
        Set<String> hosts,
        Set<String> tables,
        Set<String> writable,
        Set<String> channels,
        Set<String> trustedProxies,
        Set<String> origins,
        String basePath) {
    private static final String ROOT = "/";
    /** The table of the hello-world site. */
    private static final String EXAMPLE = "testtype";

    private static final Pattern ORIGIN =
            Pattern.compile("(https?)://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([1-9][0-9]{0,4}))?");
    static final Pattern BASE_PATH = Pattern.compile("(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+");
    /** Below these the site has paths of its own. */
    static final Set<String> OWN_PATHS = Set.of("api", "static", "tables", "healthz", "readyz", "metrics");

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if the port is not one, if a proxy is no range of addresses, if an origin is none, or if
     *     the base path has another form; the message names the value
     */
    public SiteSettings {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port: expected 0 to 65535, got " + port);
        }
        hosts = Set.copyOf(hosts);
        tables = Set.copyOf(tables);
        writable = Set.copyOf(writable);
        channels = Set.copyOf(channels);
        trustedProxies.forEach(AddressRange::parse);
        trustedProxies = Set.copyOf(trustedProxies);
        origins = origins.stream().map(SiteSettings::origin).collect(Collectors.toUnmodifiableSet());
        checkBasePath(basePath);
    }

    /**
     * The settings of a site that no proxy is in front of. Of its tables {@code testtype} alone may be written.
     *
     * @param bind the address to listen on; loopback unless others are to reach it
     * @param port 0 for a free one
     * @param hosts names under which browsers may address it
     * @param tables whose rows may be read and whose changes may be followed; if empty, every tracked table
     * @param channels the NOTIFY channels that may be heard
     * @throws IllegalArgumentException if the port is not one
     */
    public SiteSettings(String bind, int port, Set<String> hosts, Set<String> tables, Set<String> channels) {
        this(bind, port, hosts, tables, Set.of(EXAMPLE), channels, Set.of(), Set.of(), ROOT);
    }

    /**
     * Whether a table is offered.
     *
     * @param table its name
     * @return true if it is among the tables, or these are not limited; it need not be tracked
     */
    public boolean offers(String table) {
        return tables.isEmpty() || tables.contains(table);
    }

    /**
     * Whether a table may be written.
     *
     * @param table its name
     * @return true if it is offered and among the writable ones; whether a client may is for PostgreSQL to decide
     */
    public boolean isWritable(String table) {
        return offers(table) && writable.contains(table);
    }

    /**
     * The same settings with other tables that may be written.
     *
     * @param names the tables' names; none if empty
     * @return a copy
     */
    public SiteSettings withWritable(Collection<String> names) {
        return new SiteSettings(
                bind, port, hosts, tables, Set.copyOf(names), channels, trustedProxies, origins, basePath);
    }

    /**
     * The same settings with reverse proxies that are trusted.
     *
     * @param ranges their addresses as CIDR, such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}
     * @return a copy
     * @throws IllegalArgumentException if one is no range of addresses; the message names it
     */
    public SiteSettings withTrustedProxies(Collection<String> ranges) {
        return new SiteSettings(bind, port, hosts, tables, writable, channels, Set.copyOf(ranges), origins, basePath);
    }

    /**
     * The same settings with other sites whose pages may read and write here.
     *
     * @param sites their origins: scheme, host, and port if it is not the scheme's own
     * @return a copy
     * @throws IllegalArgumentException if one is no origin, or {@code *}; the message names it
     */
    public SiteSettings withOrigins(Collection<String> sites) {
        return new SiteSettings(
                bind, port, hosts, tables, writable, channels, trustedProxies, Set.copyOf(sites), basePath);
    }

    /**
     * The same settings with another path under which a proxy shows the site. It then answers below this path and without it, so
     * that it does not matter whether the proxy removes it.
     *
     * @param path such as {@code /live}, without a slash at its end; {@code /} for none
     * @return a copy
     * @throws IllegalArgumentException if it has another form, or begins as one of the site's own paths does
     */
    public SiteSettings withBasePath(String path) {
        return new SiteSettings(bind, port, hosts, tables, writable, channels, trustedProxies, origins, path);
    }

    private static String origin(String text) {
        if (text.equals("*")) {
            throw new IllegalArgumentException(
                    "\"*\": every page on the web could read and write here with its visitors'"
                            + " credentials; name the sites, such as https://shop.example");
        }
        Matcher form = ORIGIN.matcher(text);
        if (!form.matches() || (form.group(3) != null && Integer.parseInt(form.group(3)) > 65535)) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no origin: expected scheme, host and port alone, as a"
                            + " browser sends them, such as https://shop.example or http://localhost:3000");
        }
        String scheme = form.group(1);
        String port = form.group(3);
        boolean usual = port == null || port.equals(scheme.equals("https") ? "443" : "80");
        return scheme + "://" + form.group(2).toLowerCase(Locale.ROOT) + (usual ? "" : ":" + port);
    }

    private static void checkBasePath(String path) {
        if (path.equals(ROOT)) {
            return;
        }
        if (!BASE_PATH.matcher(path).matches()) {
            throw new IllegalArgumentException(
                    "\"" + path + "\" is no base path: expected such as /live or /apps/live, of"
                            + " letters, digits and - . _ ~, without a slash at its end");
        }
        if (OWN_PATHS.contains(path.split("/")[1])) {
            throw new IllegalArgumentException("\"" + path + "\": the site has paths of its own below /"
                    + path.split("/")[1] + "; choose another base path");
        }
    }

    /**
     * Whether other machines can reach the site.
     *
     * @return false if {@code bind} is a loopback address, or a name of such addresses alone; true also if the name is not known
     */
    public boolean isExposed() {
        try {
            return !Arrays.stream(InetAddress.getAllByName(bind)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException unknown) {
            return true;
        }
    }

    /** Whether the headers of a peer with an address count. */
    Predicate<InetAddress> trust() {
        List<AddressRange> ranges =
                trustedProxies.stream().map(AddressRange::parse).toList();
        return address -> ranges.stream().anyMatch(range -> range.contains(address));
    }

    /** What comes before the site's own paths: empty if there is no base path. */
    String prefix() {
        return basePath.equals(ROOT) ? "" : basePath;
    }
}
