package dev.pbp.cli.settings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What {@code libpq}'s environment variables and password files add to an address, or say in place of one. */
final class LibpqEnvironment {
    private final Map<String, String> environment;
    private final String systemUser;

    LibpqEnvironment(Map<String, String> environment, String systemUser) {
        this.environment = environment;
        this.systemUser = systemUser;
    }

    /** The address that was given, or else the one in {@code PGHOST} and its companions. */
    PostgresAddress complete(@Nullable SettingValue url) {
        String user = variable("PGUSER").orElse(systemUser);
        PostgresAddress address = url != null ? AddressParser.parse(url, user) : fromVariables(user);
        Optional<String> sslMode = variable("PGSSLMODE");
        boolean open = !address.parameters().containsKey("sslmode")
                && !address.parameters().containsKey("ssl");
        return sslMode.isPresent() && open ? address.withParameter("sslmode", sslMode.get()) : address;
    }

    private PostgresAddress fromVariables(String user) {
        SettingValue hosts = new SettingValue(variable("PGHOST").orElseThrow(), "PGHOST");
        SettingValue ports =
                new SettingValue(variable("PGPORT").orElse(String.valueOf(HostPort.DEFAULT_PORT)), "PGPORT");
        String[] host = hosts.value().split(",", -1);
        String[] port = ports.value().split(",", -1);
        if (port.length != 1 && port.length != host.length) {
            throw ports.bad(port.length + " ports for " + host.length + " hosts in PGHOST: give one, or one for each");
        }
        List<HostPort> list = new ArrayList<>();
        for (int i = 0; i < host.length; i++) {
            if (host[i].startsWith("/")) {
                throw hosts.bad(
                        "'" + host[i] + "' is a Unix socket; Java connects by TCP only: set a host, such as localhost");
            }
            list.add(new HostPort(
                    host[i].isEmpty() ? "localhost" : host[i],
                    HostPort.parsePort(port[port.length == 1 ? 0 : i], ports, 1)));
        }
        return new PostgresAddress(list, variable("PGDATABASE").orElse(user), user, null, null, new TreeMap<>());
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
            return inFile(Path.of(named.get()), "PGPASSFILE", address);
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
