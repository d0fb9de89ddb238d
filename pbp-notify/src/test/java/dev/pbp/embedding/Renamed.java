package dev.pbp.embedding;

import dev.pbp.notify.HubObserver;
import dev.pbp.notify.HubState;
import dev.pbp.notify.NotificationHub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server's name gets another address while a hub tries to connect; needs {@code -Djdk.net.hosts.file}. */
public final class Renamed {
    private Renamed() {}

    /** Arguments: the database's address with the name in it, the name, the address at first, and the one later. */
    public static void main(String[] arguments) throws Exception {
        Path hosts = Path.of(System.getProperty("jdk.net.hosts.file"));
        String name = arguments[1];
        Files.writeString(hosts, arguments[2] + " " + name + "\n");
        HubObserver renames = new HubObserver() {
            @Override
            public void onState(HubState from, HubState to, @Nullable Throwable cause) {
                if (to == HubState.BACKING_OFF) {
                    try {
                        Files.writeString(hosts, arguments[3] + " " + name + "\n");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        };
        try (NotificationHub hub =
                NotificationHub.builder(arguments[0]).observer(renames).start()) {
            hub.ready().get(10, TimeUnit.SECONDS);
            System.out.println(
                    "connected after " + hub.lastFailure().orElseThrow().getMessage());
        }
    }
}
