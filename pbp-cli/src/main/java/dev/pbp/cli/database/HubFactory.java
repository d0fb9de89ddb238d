package dev.pbp.cli.database;

import dev.pbp.notify.HubObserver;
import dev.pbp.notify.NotificationHub;
import java.util.Collection;

/** Starts the connection that listens. */
public final class HubFactory {
    private HubFactory() {}

    /**
     * Starts a hub. The session's name lists what this one listens to, as far as there is room.
     *
     * @param command the command that listens
     * @param channels what it listens to
     * @param server the server to connect to
     * @return to be closed by the caller
     */
    public static NotificationHub start(String command, Collection<String> channels, PostgresServer server) {
        return start(command, channels, server, new HubObserver() {});
    }

    /**
     * Starts a hub, observed.
     *
     * @param command the command that listens
     * @param channels what it listens to
     * @param server the server to connect to
     * @param observer receives what the hub does
     * @return to be closed by the caller
     */
    public static NotificationHub start(
            String command, Collection<String> channels, PostgresServer server, HubObserver observer) {
        return NotificationHub.builder(server.address().jdbcUrl())
                .name(PostgresServer.program(command))
                .properties(server.properties(SessionName.of(PostgresServer.program(command), channels)))
                .observer(observer)
                .start();
    }
}
