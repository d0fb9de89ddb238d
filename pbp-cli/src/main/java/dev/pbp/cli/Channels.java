package dev.pbp.cli;

import dev.pbp.cli.settings.BadSetting;
import java.nio.charset.StandardCharsets;

/** What a channel can be called. */
final class Channels {
    private static final int LONGEST = 63;

    private Channels() {}

    /** PostgreSQL would cut a longer name with LISTEN, and refuse it with NOTIFY. */
    static void check(String channel) {
        int bytes = channel.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > LONGEST || channel.indexOf('\0') >= 0) {
            throw new BadSetting(
                    "CHANNEL", "'" + channel + "' has " + bytes + " bytes; a channel's name has 1 to " + LONGEST);
        }
    }
}
