package dev.pbp.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL that this JVM's test databases are created in; started with the first one, stopped with the JVM.
 *
 * <p>In this order: the server that {@code -Dpbp.test.url} or {@code PBP_TEST_URL} names, whose user must be allowed to
 * create databases; a container, where a Docker engine answers and has or can pull the image {@code PBP_TEST_IMAGE}
 * ({@code postgres:18-alpine}); the embedded server. The log says in one line which it is and why.
 *
 * <p>The embedded server's version is Maven's {@code -Dembedded-postgres-binaries.version=}; {@code .ci/matrix}
 * lists the supported ones.
 */
final class SharedServer {
    private static final System.Logger LOG = System.getLogger(SharedServer.class.getName());

    private final ServerAddress address;
    private final @Nullable Path embeddedData;

    private SharedServer(ServerAddress address, @Nullable Path embeddedData) {
        this.address = address;
        this.embeddedData = embeddedData;
    }

    /** Started by the class loader's lock: once, by whoever asks first. */
    private static final class Holder {
        static final SharedServer SERVER = choose();
    }

    static ServerAddress address() {
        return Holder.SERVER.address;
    }

    /** The embedded server's data directory; null where another kind of server is in use. */
    static @Nullable Path embeddedData() {
        return Holder.SERVER.embeddedData;
    }

    private static SharedServer choose() {
        String url = System.getProperty("pbp.test.url", System.getenv("PBP_TEST_URL"));
        if (url != null && !url.isBlank()) {
            ServerAddress named = ServerAddress.parse(url);
            LOG.log(
                    System.Logger.Level.INFO,
                    "PostgreSQL for tests: {0} port {1}, since PBP_TEST_URL names it",
                    named.host(),
                    Integer.toString(named.port()));
            return new SharedServer(named, null);
        }
        DockerServer.Found docker = DockerServer.find();
        if (docker.address() != null) {
            LOG.log(System.Logger.Level.INFO, "PostgreSQL for tests: a container, since {0}", docker.why());
            return new SharedServer(docker.address(), null);
        }
        return embedded(docker.why());
    }

    private static SharedServer embedded(String why) {
        try {
            Path data = Files.createTempDirectory("pbp-testing");
            // Closed by its own shutdown hook, which also deletes the directory.
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setServerConfig("max_prepared_transactions", "10")
                    .start();
            LOG.log(
                    System.Logger.Level.INFO,
                    "PostgreSQL for tests: the embedded server on port {0}, since PBP_TEST_URL is not set and {1}",
                    Integer.toString(server.getPort()),
                    why);
            return new SharedServer(
                    new ServerAddress("127.0.0.1", server.getPort(), "postgres", "", "postgres", Map.of()), data);
        } catch (IOException e) {
            throw new UncheckedIOException("embedded PostgreSQL for tests did not start: " + e.getMessage(), e);
        }
    }
}
