package dev.pbp.cli.settings;

/**
 * Where a server listens.
 *
 * @param host a name or an address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
    static final int DEFAULT_PORT = 5432;

    static HostPort parse(String text, SettingValue given) {
        if (text.startsWith("/")) {
            throw given.bad(
                    "'" + text + "' is a Unix socket; Java connects by TCP only: name a host, such as localhost");
        }
        String host = text;
        String port = "";
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end < 0 || (end + 1 < text.length() && text.charAt(end + 1) != ':')) {
                throw given.bad("'" + text + "' is not an IPv6 address in brackets and a port");
            }
            host = text.substring(1, end);
            port = end + 1 < text.length() ? text.substring(end + 2) : "";
        } else if (text.indexOf(':') >= 0) {
            host = text.substring(0, text.indexOf(':'));
            port = text.substring(text.indexOf(':') + 1);
        }
        return new HostPort(
                host.isEmpty() ? "localhost" : host, port.isEmpty() ? DEFAULT_PORT : parsePort(port, given, 1));
    }

    static int parsePort(String text, SettingValue given, int least) {
        try {
            int port = Integer.parseInt(text);
            if (port >= least && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException notANumber) {
            // Reported below, in the same words as a number out of range.
        }
        throw given.bad("'" + text + "' is not a port: expected a number from " + least + " to 65535");
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
