package dev.pbp.cli;

import dev.pbp.notify.NotificationHub;

/** Starts the connection that listens. */
final class Hubs {
    private Hubs() {}

    static NotificationHub start(String command, Server server) {
        return NotificationHub.builder(server.address().jdbcUrl())
                .name("pbp-cli " + command)
                .properties(server.properties())
                .start();
    }
}
