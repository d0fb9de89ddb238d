package dev.pbp.testing;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A PostgreSQL in a container, if one can be had soon.
 *
 * <p>Testcontainers finds the engine and pulls what it needs; where an image cannot be had it tries for minutes. So it is
 * asked only if an engine listens, and no longer than {@link #LIMIT}.
 */
final class DockerServer {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private DockerServer() {}

    /** A container's address, or none, and the reason. */
    record Found(@Nullable ServerAddress address, String why) {}

    static Found find() {
        String host = System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock");
        if (!host.startsWith("unix://")) {
            return new Found(null, "DOCKER_HOST is " + host + ", and only an engine behind a unix: socket is used");
        }
        String image = image();
        return find(Path.of(host.substring("unix://".length())), image, () -> start(image), LIMIT);
    }

    private static String image() {
        return System.getenv().getOrDefault("PBP_TEST_IMAGE", "postgres:18-alpine");
    }

    static Found find(Path socket, String image, Callable<ServerAddress> start, Duration limit) {
        if (!Files.exists(socket)) {
            return new Found(null, "no Docker engine answers at " + socket + " (no such file)");
        }
        try (SocketChannel engine = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return start(image, start, limit);
        } catch (IOException e) {
            return new Found(null, "no Docker engine answers at " + socket + " (" + e.getMessage() + ")");
        }
    }

    private static Found start(String image, Callable<ServerAddress> start, Duration limit) {
        FutureTask<ServerAddress> task = new FutureTask<>(start);
        Thread thread = new Thread(task, "docker-start");
        thread.setDaemon(true);
        thread.start();
        try {
            return new Found(
                    task.get(limit.toMillis(), TimeUnit.MILLISECONDS), "a Docker engine answers and has " + image);
        } catch (TimeoutException e) {
            task.cancel(true);
            return new Found(null, "no container with " + image + " was running within " + limit.toMillis() + " ms");
        } catch (ExecutionException e) {
            return new Found(null, "no container with " + image + " could be started: " + e.getCause());
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            return new Found(null, "the start of a container was interrupted");
        }
    }

    // Ryuk or, without it, the JVM's end removes the container.
    @SuppressWarnings("resource")
    private static ServerAddress start(String image) {
        PostgreSQLContainer container =
                new PostgreSQLContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
        container.setCommand("postgres", "-c", "fsync=off", "-c", "max_prepared_transactions=10");
        container.start();
        Runtime.getRuntime().addShutdownHook(new Thread(container::stop, "postgres-container-stop"));
        return new ServerAddress(
                container.getHost(),
                container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                container.getUsername(),
                container.getPassword(),
                "postgres",
                Map.of());
    }
}
