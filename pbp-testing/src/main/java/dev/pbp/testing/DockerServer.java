package dev.pbp.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.TestcontainersConfiguration;

/**
 * A PostgreSQL in a container, if one can be had soon.
 *
 * <p>Testcontainers by itself tries to pull for minutes where the image cannot be had. So the engine is asked first,
 * by its own HTTP interface: does it answer, has it the image, else can it pull it, all within {@link #LIMIT}.
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
        return find(Path.of(host.substring("unix://".length())), image(), LIMIT);
    }

    private static String image() {
        return System.getenv().getOrDefault("PBP_TEST_IMAGE", "postgres:18-alpine");
    }

    static Found find(Path socket, String image, Duration limit) {
        FutureTask<Found> task = new FutureTask<>(() -> look(new DockerEngine(socket), image));
        Thread thread = new Thread(task, "docker-look");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            return new Found(null, "no container with " + image + " was running within " + limit.toMillis() + " ms");
        } catch (ExecutionException e) {
            return new Found(null, "no container with " + image + " could be started: " + e.getCause());
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            return new Found(null, "the look for a Docker engine was interrupted");
        }
    }

    @SuppressWarnings("deprecation") // the image's name stands nowhere else
    private static Found look(DockerEngine engine, String image) {
        try {
            engine.ping();
        } catch (IOException e) {
            return new Found(null, "no Docker engine answers at " + engine.socket() + " (" + e.getMessage() + ")");
        }
        try {
            engine.need(image);
            if (!"true".equals(System.getenv("TESTCONTAINERS_RYUK_DISABLED"))) {
                engine.need(TestcontainersConfiguration.getInstance().getRyukImage());
            }
        } catch (IOException e) {
            return new Found(null, "the Docker engine at " + engine.socket() + " " + e.getMessage());
        }
        return start(image);
    }

    // Ryuk or, without it, the JVM's end removes the container.
    @SuppressWarnings("resource")
    private static Found start(String image) {
        PostgreSQLContainer container =
                new PostgreSQLContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
        container.setCommand("postgres", "-c", "fsync=off", "-c", "max_prepared_transactions=10");
        container.start();
        Runtime.getRuntime().addShutdownHook(new Thread(container::stop, "postgres-container-stop"));
        return new Found(
                new ServerAddress(
                        container.getHost(),
                        container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                        container.getUsername(),
                        container.getPassword(),
                        "postgres",
                        Map.of()),
                "a Docker engine answers and has " + image);
    }
}
