package dev.pbp.cli.settings;

import java.util.regex.Pattern;

/**
 * Where a server listens.
 *
 * @param host a name or an address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
    static final int DEFAULT_PORT = 5432;

    private static final Pattern HOST =
            Pattern.compile("[\\p{L}\\p{N}._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[\\p{L}\\p{N}._-]+)?");

    /** What is wrong in an address may be part of a password, so no message repeats it. */
    static HostPort parse(String text, SettingValue given, int defaultPort) {
        if (text.startsWith("/")) {
            throw given.bad(
                    "a host that begins with '/' is a Unix socket; Java connects by TCP only: name a host, such as localhost");
        }
        String host = text;
        String port = "";
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end < 0 || (end + 1 < text.length() && text.charAt(end + 1) != ':')) {
                throw given.bad("what begins with '[' is not an IPv6 address in brackets and a port");
            }
            host = text.substring(1, end);
            port = end + 1 < text.length() ? text.substring(end + 2) : "";
        } else if (text.indexOf(':') >= 0) {
            host = text.substring(0, text.indexOf(':'));
            port = text.substring(text.indexOf(':') + 1);
        }
        requireHost(host, given);
        return new HostPort(host.isEmpty() ? "localhost" : host, port.isEmpty() ? defaultPort : portOf(port, given));
    }

    private static int portOf(String text, SettingValue given) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException notANumber) {
            // Reported below, in the same words as a number out of range.
        }
        throw given.bad("what follows ':' after the host is not a port: expected a number from 1 to 65535"
                + " (in a password '/' is written %2F, '?' %3F and '@' %40)");
    }

    /** Rejects what is no host's name, such as an address with a password. */
    static void requireHost(String host, SettingValue given) {
        if (!host.isEmpty() && !HOST.matcher(host).matches()) {
            throw given.bad("the host is neither a name nor an address: expected such as db.example.org or 192.0.2.1"
                    + " (in a password '@' is written %40, '/' %2F and '?' %3F)");
        }
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
        throw given.bad(SettingValue.shown(text) + " is not a port: expected a number from " + least + " to 65535");
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
