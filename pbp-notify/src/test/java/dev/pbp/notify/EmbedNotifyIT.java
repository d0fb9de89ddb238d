package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.MavenRun;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds and runs the example in {@code examples/embed-notify} from the installed artifact alone. */
@PostgresTest
final class EmbedNotifyIT {
    private final TestDatabase database;

    @TempDir
    private Path directory;

    EmbedNotifyIT(TestDatabase database) {
        this.database = database;
    }

    @Test
    void theExampleRunsFromTheInstalledArtifactAlone() throws Exception {
        Path example = directory.resolve("example");
        copy(Path.of(System.getProperty("pbp.root"), "examples/embed-notify"), example);
        MavenRun.Ended built = MavenRun.in(example).withInstalled("pbp-notify").run("process-classes");
        assertThat(built.status()).as(built.output()).isZero();

        try (Stream<Path> libraries = Files.list(example.resolve("target/lib"))) {
            assertThat(libraries.map(library -> library.getFileName().toString()))
                    .as("what comes with it")
                    .allSatisfy(name -> assertThat(name).matches("(pbp-notify|postgresql|checker-qual)-.*"));
        }
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        example.resolve("target/classes") + ":" + example.resolve("target/lib") + "/*",
                        "EmbedNotify",
                        database.jdbcUrl())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8));
                Sender sender = new Sender(database)) {
            assertThat(lines.readLine()).isEqualTo("listening");
            sender.send("hello", "world");
            assertThat(lines.readLine()).isEqualTo("world");
        } finally {
            program.destroyForcibly().waitFor();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path relative = from.relativize(file);
                if (!relative.startsWith("target")) {
                    Path copy = to.resolve(relative);
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy);
                }
            }
        }
    }
}
