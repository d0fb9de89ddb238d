package dev.pbp.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.notify.NotificationHub;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.Driver;

/** The module path, and class loaders as application servers have them; each in a JVM of its own. */
@PostgresTest
final class EmbeddingIT {
    private final TestDatabase database;

    EmbeddingIT(TestDatabase database) {
        this.database = database;
    }

    private static String path(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private static String java(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return output.strip();
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", notBroken = "it shows that the module path suffices")
    void worksOnTheModulePathWithTheDriverAlone() throws Exception {
        assertThat(java(
                        "--module-path",
                        path(NotificationHub.class) + File.pathSeparator + path(Driver.class),
                        "--add-modules",
                        "dev.pbp.notify",
                        "--class-path",
                        path(Embedded.class),
                        Embedded.class.getName(),
                        database.jdbcUrl()))
                .endsWith("heard hello, wakeable true, module dev.pbp.notify");
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "WakeableSocket.connect: the first address kept")
    void aServersNameIsResolvedAnewAtEachAttempt(@TempDir Path directory) throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database)) { // on 127.0.0.1 alone
            String url = database.through(proxy.port()).jdbcUrl().replaceFirst("//[^:/]+", "//database.test");
            assertThat(java(
                            "-Djdk.net.hosts.file=" + directory.resolve("hosts"),
                            "-Dsun.net.inetaddr.ttl=0", // or else Java keeps an address for 30 s
                            "--class-path",
                            String.join(
                                    File.pathSeparator,
                                    path(NotificationHub.class),
                                    path(Driver.class),
                                    path(Renamed.class)),
                            Renamed.class.getName(),
                            url,
                            "database.test",
                            "127.0.0.2",
                            "127.0.0.1"))
                    .contains("connected after hub pbp-notify: no connection after")
                    .contains("refused");
        }
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A driver setting that rules out the hub's own socket makes the hub poll",
            recordedAt = "ListenConnectionIT.anOwnSocketFactoryIsRespectedAndTheHubPolls")
    void pollsWhereTheDriversClassLoaderDoesNotSeeOursAndSaysSo() throws Exception {
        assertThat(java(
                        "--class-path",
                        path(Isolated.class),
                        Isolated.class.getName(),
                        path(Driver.class),
                        path(NotificationHub.class),
                        path(Embedded.class),
                        database.jdbcUrl()))
                .contains(
                        "polls the driver every 10 ms instead of being woken, since the driver cannot make our socket")
                .endsWith("heard hello, wakeable false, module null");
    }
}
