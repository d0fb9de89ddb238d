package dev.pbp.cli.database;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The name of a session of ours that listens. PostgreSQL does not show what another session listens to, but it does show the
 * {@code application_name}, of which it keeps 63 characters of ASCII.
 *
 * @param program which of our commands it is
 * @param channels what it listens to, the last one {@code ...} if there are more
 */
public record SessionName(String program, List<String> channels) {
    /** What the names of all our sessions begin with. */
    public static final String PREFIX = "pbp-cli ";

    private static final int LONGEST = 63;
    private static final String BEHIND_PROGRAM = ": ";
    private static final String BETWEEN = ", ";
    private static final String MORE = "...";

    /** Copies the list. */
    public SessionName {
        channels = List.copyOf(channels);
    }

    /**
     * Makes the name.
     *
     * @param program which of our commands it is
     * @param channels what it listens to
     * @return at most 63 characters of ASCII, with as many channels as there is room for
     */
    public static String of(String program, Collection<String> channels) {
        StringBuilder name = new StringBuilder(program);
        String separator = BEHIND_PROGRAM;
        for (String channel : channels) {
            String encoded = encode(channel);
            if (name.length() + separator.length() + encoded.length() > LONGEST - (BETWEEN + MORE).length()) {
                name.append(separator).append(MORE);
                break;
            }
            name.append(separator).append(encoded);
            separator = BETWEEN;
        }
        return name.toString();
    }

    /**
     * Reads a name.
     *
     * @param name an {@code application_name}
     * @return empty if it is not one of ours
     */
    public static Optional<SessionName> read(String name) {
        int end = name.indexOf(BEHIND_PROGRAM);
        if (!name.startsWith(PREFIX) || end < 0) {
            return Optional.empty();
        }
        List<String> channels = Arrays.stream(
                        name.substring(end + BEHIND_PROGRAM.length()).split(BETWEEN))
                .map(SessionName::decode)
                .collect(Collectors.toList());
        return Optional.of(new SessionName(name.substring(0, end), channels));
    }

    private static String encode(String channel) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : channel.getBytes(StandardCharsets.UTF_8)) {
            if (b < ' ' || b > '~' || b == '%' || b == ',') {
                encoded.append(String.format("%%%02X", b & 0xff));
            } else {
                encoded.append((char) b);
            }
        }
        return encoded.toString();
    }

    private static String decode(String encoded) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < encoded.length(); i++) {
            int high = encoded.charAt(i) == '%' && i + 2 < encoded.length()
                    ? Character.digit(encoded.charAt(i + 1), 16)
                    : -1;
            int low = high < 0 ? -1 : Character.digit(encoded.charAt(i + 2), 16);
            if (low < 0) {
                bytes.write(encoded.charAt(i));
            } else {
                bytes.write(high << 4 | low);
                i += 2;
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
