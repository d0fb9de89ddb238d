package dev.pbp.notify;

import org.junit.jupiter.api.AfterEach;

final class InMemoryHubTest extends SourceContract {
    private final InMemoryHub hub = new InMemoryHub();

    @Override
    NotificationSource source() {
        return hub;
    }

    @Override
    void send(String channel, String payload) {
        hub.send(channel, payload);
    }

    @Override
    void reconnect() {
        hub.disconnect();
        hub.reconnect();
    }

    @AfterEach
    void close() {
        hub.close();
    }
}
