package dev.pbp.cli;

import dev.pbp.notify.HubObserver;
import dev.pbp.notify.NotificationHub;
import java.util.Collection;

/** Starts the connection that listens. */
final class Hubs {
    /** Stands between a hub's name and its channels in its session's {@code application_name}. */
    static final String CHANNELS = ": ";
    /** PostgreSQL would cut the rest in the middle of a name. */
    private static final int LONGEST_NAME = 63;

    private Hubs() {}

    /** The session's name tells who asks the server for its sessions what this one listens to, as far as there is room. */
    static NotificationHub start(String command, Collection<String> channels, Server server) {
        return start(command, channels, server, new HubObserver() {});
    }

    /** As {@link #start(String, Collection, Server)}, watched. */
    static NotificationHub start(String command, Collection<String> channels, Server server, HubObserver observer) {
        StringBuilder name = new StringBuilder(Server.program(command));
        String separator = CHANNELS;
        for (String channel : channels) {
            if (name.length() + separator.length() + channel.length() > LONGEST_NAME - ", ...".length()) {
                name.append(separator).append("...");
                break;
            }
            name.append(separator).append(channel);
            separator = ", ";
        }
        return NotificationHub.builder(server.address().jdbcUrl())
                .name("pbp-cli " + command)
                .properties(server.properties(name.toString()))
                .observer(observer)
                .start();
    }
}
