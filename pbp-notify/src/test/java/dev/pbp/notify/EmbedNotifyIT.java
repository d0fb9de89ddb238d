package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example in {@code examples/embed-notify}, from the installed artifact alone: a Maven of its own, which knows this build's
 * artifact from a repository made for it, and all else from the one that this build itself has filled.
 */
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
        Path root = Path.of(System.getProperty("pbp.root"));
        Path artifact = Path.of(System.getProperty("pbp.artifact"));
        String version = artifact.getFileName().toString().replaceAll("pbp-notify-|\\.jar", "");
        install(root.resolve("pom.xml"), "pbp-parent", version, "pom");
        install(root.resolve("pbp-notify/pom.xml"), "pbp-notify", version, "pom");
        install(artifact, "pbp-notify", version, "jar");
        Path example = directory.resolve("example");
        copy(root.resolve("examples/embed-notify"), example);
        maven(example, "-s", settings().toString(), "-Dmaven.repo.local=" + installed(), "process-classes");

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

    private Path installed() {
        return directory.resolve("repository");
    }

    /** As Maven's own install does it. */
    private void install(Path file, String artifact, String version, String type) throws IOException {
        Path home = installed().resolve("dev/pbp").resolve(artifact).resolve(version);
        Files.createDirectories(home);
        Files.copy(file, home.resolve(artifact + "-" + version + "." + type));
    }

    /** What this build has downloaded need not be downloaded again. */
    private Path settings() throws IOException {
        String have = "<id>have</id><url>"
                + Path.of(System.getProperty("pbp.repository")).toUri() + "</url>";
        return Files.writeString(
                directory.resolve("settings.xml"),
                "<settings><profiles><profile><id>have</id><repositories><repository>" + have
                        + "</repository></repositories><pluginRepositories><pluginRepository>" + have
                        + "</pluginRepository></pluginRepositories></profile></profiles>"
                        + "<activeProfiles><activeProfile>have</activeProfile></activeProfiles></settings>");
    }

    private static void maven(Path where, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("pbp.maven"), "bin", "mvn").toString());
        command.addAll(List.of("-B", "-q"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(where.toFile()).redirectErrorStream(true);
        builder.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1"); // it lives for seconds
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", command) + "\n" + output)
                .isZero();
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
