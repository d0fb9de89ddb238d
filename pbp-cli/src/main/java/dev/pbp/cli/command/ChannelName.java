package dev.pbp.cli.command;

import dev.pbp.cli.settings.InvalidSettingException;
import java.nio.charset.StandardCharsets;

/** What a channel can be called. */
final class ChannelName {
    private static final int LONGEST = 63;

    private ChannelName() {}

    /** PostgreSQL would cut a longer name with LISTEN, and refuse it with NOTIFY. */
    static void check(String channel) {
        int bytes = channel.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > LONGEST || channel.indexOf('\0') >= 0) {
            throw new InvalidSettingException(
                    "CHANNEL", "'" + channel + "' has " + bytes + " bytes; a channel's name has 1 to " + LONGEST);
        }
    }
}
