package dev.pbp.cli.settings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What {@code libpq}'s environment variables and password files add to an address, or say in place of one. */
final class LibpqEnvironment {
    /** What the driver's own factory of TLS sockets reads, and others do not. */
    private static final Set<LibpqParameter> FILES =
            EnumSet.of(LibpqParameter.SSLROOTCERT, LibpqParameter.SSLCERT, LibpqParameter.SSLKEY);

    private final Map<String, String> environment;
    private final String systemUser;

    LibpqEnvironment(Map<String, String> environment, String systemUser) {
        this.environment = environment;
        this.systemUser = systemUser;
    }

    /** Rejects variables that name a server in a way that is not supported: the embedded server would be used in its place. */
    static void requireNoOtherServer(Map<String, String> environment) {
        for (LibpqParameter parameter : List.of(LibpqParameter.SERVICE, LibpqParameter.HOSTADDR)) {
            String name = Objects.requireNonNull(parameter.variable());
            String value = environment.getOrDefault(name, "");
            if (!value.isEmpty()) {
                parameter.requireHarmless(value, new SettingValue(value, name));
            }
        }
    }

    /** The address that was given, or else the one in {@code PGHOST} and its companions. */
    PostgresAddress complete(@Nullable SettingValue url) {
        String user = variable("PGUSER").orElse(systemUser);
        AddressParser.Defaults defaults = new AddressParser.Defaults(
                user, variable("PGDATABASE").orElse(null), this::hosts, index -> port(index, 0));
        PostgresAddress address = url != null
                ? AddressParser.parse(url, defaults)
                : new PostgresAddress(hosts(), variable("PGDATABASE").orElse(user), user, null, null, new TreeMap<>());
        SortedMap<String, String> parameters = new TreeMap<>(address.parameters());
        for (LibpqParameter parameter : LibpqParameter.values()) {
            String variable = parameter.variable();
            if (variable != null && !parameter.isParsed() && isOpen(address, parameter)) {
                variable(variable).ifPresent(value -> add(parameters, parameter, new SettingValue(value, variable)));
            }
        }
        ConnectionParameters.check(parameters, url == null ? new SettingValue("", "PGSSLROOTCERT") : url);
        return address.withParameters(parameters);
    }

    private static void add(SortedMap<String, String> parameters, LibpqParameter parameter, SettingValue given) {
        if (parameters.containsKey("sslfactory") && FILES.contains(parameter)) {
            throw given.bad("the address names an sslfactory, which does not use it: unset it");
        }
        ConnectionParameters.add(parameters, parameter, given.value(), given);
    }

    /** The address's own parameters are stronger. */
    private static boolean isOpen(PostgresAddress address, LibpqParameter parameter) {
        boolean bySsl =
                parameter == LibpqParameter.SSLMODE && address.parameters().containsKey("ssl");
        return !bySsl && !address.parameters().containsKey(parameter.driverName());
    }

    private List<HostPort> hosts() {
        SettingValue hosts = new SettingValue(variable("PGHOST").orElse("localhost"), "PGHOST");
        String[] host = hosts.value().split(",", -1);
        List<HostPort> list = new ArrayList<>();
        for (int i = 0; i < host.length; i++) {
            if (host[i].startsWith("/")) {
                throw hosts.bad(
                        "'" + host[i] + "' is a Unix socket; Java connects by TCP only: set a host, such as localhost");
            }
            HostPort.requireHost(host[i], hosts);
            list.add(new HostPort(host[i].isEmpty() ? "localhost" : host[i], port(i, host.length)));
        }
        return list;
    }

    /** The port of a host, out of one for all or one for each; 0 hosts if their number is not known. */
    private int port(int index, int hosts) {
        SettingValue ports =
                new SettingValue(variable("PGPORT").orElse(String.valueOf(HostPort.DEFAULT_PORT)), "PGPORT");
        String[] port = ports.value().split(",", -1);
        boolean fits = port.length == 1 || (hosts == 0 ? index < port.length : port.length == hosts);
        if (!fits) {
            throw ports.bad(port.length + " ports for " + Math.max(hosts, index + 1)
                    + " hosts in PGHOST: give one, or one for each");
        }
        return HostPort.parsePort(port[port.length == 1 ? 0 : index], ports, 1);
    }

    /**
     * The password: the address's own, else out of the file that it names, else {@code PGPASSWORD}, else out of
     * {@code PGPASSFILE} or {@code ~/.pgpass}.
     */
    Optional<SettingValue> password(PostgresAddress address, String source) {
        if (address.password() != null) {
            return Optional.of(new SettingValue(address.password(), source));
        }
        if (address.passFile() != null) {
            return inFile(address.passFile(), source, address);
        }
        Optional<String> password = variable("PGPASSWORD");
        if (password.isPresent()) {
            return password.map(value -> new SettingValue(value, "PGPASSWORD"));
        }
        Optional<String> named = variable("PGPASSFILE");
        if (named.isPresent()) {
            return inFile(new SettingValue(named.get(), "PGPASSFILE").path(), "PGPASSFILE", address);
        }
        Path usual = Path.of(variable("HOME").orElse(System.getProperty("user.home")), ".pgpass");
        return Files.exists(usual) ? inFile(usual, "~/.pgpass", address) : Optional.empty();
    }

    private static Optional<SettingValue> inFile(Path file, String source, PostgresAddress address) {
        return PassFile.find(file, source, address).map(value -> new SettingValue(value, source));
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }
}
