package dev.pbp.cli;

import dev.pbp.cli.status.SessionName;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.NotificationHub;
import java.util.Collection;

/** Starts the connection that listens. */
final class Hubs {
    private Hubs() {}

    /** The session's name tells who asks the server for its sessions what this one listens to, as far as there is room. */
    static NotificationHub start(String command, Collection<String> channels, Server server) {
        return start(command, channels, server, new HubObserver() {});
    }

    /** As {@link #start(String, Collection, Server)}, watched. */
    static NotificationHub start(String command, Collection<String> channels, Server server, HubObserver observer) {
        return NotificationHub.builder(server.address().jdbcUrl())
                .name(Server.program(command))
                .properties(server.properties(SessionName.of(Server.program(command), channels)))
                .observer(observer)
                .start();
    }
}
