package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start loads, and from where. */
@PostgresTest
class StartIT {
    private static final String ARCHIVED = "source: shared objects file";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private List<String> loaded(CliProcess cli, String... arguments) throws Exception {
        Path log = folder.resolve("classes");
        CliProcess.Ended ended =
                cli.with("PBP_JAVA_OPTIONS", "-Xlog:class+load:file=" + log).run(arguments);
        assertThat(ended.err()).isEmpty();
        assertThat(ended.status()).isZero();
        return Files.readAllLines(log);
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            brokenOnce = "PostgresServer.open: asks whether the embedded server runs before it looks at the choice")
    void withAnAddressNothingOfTheEmbeddedServerIsLoaded(TestDatabase database) throws Exception {
        CliProcess cli = CliProcess.ofProject(folder);
        List<String> classes = loaded(cli, "notify", "hello", "x", "--url", database.libpqUrl());
        assertThat(classes)
                .anyMatch(line -> line.contains("] dev.pbp.cli.command.NotifyCommand ") && line.endsWith(ARCHIVED))
                .anyMatch(line -> line.contains("] picocli.CommandLine ") && line.endsWith(ARCHIVED))
                .anyMatch(line -> line.contains("] org.postgresql.jdbc.PgConnection ") && line.endsWith(ARCHIVED))
                .noneMatch(line -> line.contains("dev.pbp.cli.embedded.")
                        || line.contains("org.apache.commons.compress.")
                        || line.contains("org.tukaani."))
                .noneMatch(line -> line.contains("io.undertow.") || line.contains("com.zaxxer."));
    }

    @Test
    void theCollectorIsTheSerialOneUnlessAnotherIsAskedFor() throws Exception {
        assertThat(collector("", "--version")).isEqualTo("Using Serial");
        assertThat(collector("", "serve", "--print-config")).isEqualTo("Using Serial");
        assertThat(collector("-XX:+UseG1GC ", "--version")).isEqualTo("Using G1");
        assertThat(collector("-XX:+UseG1GC ", "serve", "--print-config")).isEqualTo("Using G1");
    }

    private String collector(String option, String... arguments) throws Exception {
        Path log = folder.resolve("gc");
        CliProcess.Ended ended = CliProcess.ofProject(folder)
                .with("PBP_JAVA_OPTIONS", option + "-Xlog:gc:file=" + log + "::filecount=0")
                .run(arguments);
        assertThat(ended.err()).isEmpty();
        assertThat(ended.status()).isZero();
        return Files.readAllLines(log).get(0).replaceFirst(".*\\] *", "");
    }

    @Test
    @Evidence(guarantee = "command-line", brokenOnce = "pbp-cli, is_stale: `-ot` left out")
    void theArchiveIsMadeAnewForAnotherJar() throws Exception {
        Path root = Files.createDirectory(folder.resolve("root"));
        Path launcher = root.resolve("bin/pbp-cli");
        Path jar = root.resolve("pbp-cli/target/pbp-cli.jar");
        Files.createDirectories(launcher.getParent());
        Files.createDirectories(jar.getParent());
        Files.copy(CliProcess.projectRoot().resolve("bin/pbp-cli"), launcher);
        Files.copy(CliProcess.projectRoot().resolve("pbp-cli/target/pbp-cli.jar"), jar);
        CliProcess cli = CliProcess.ofProject(folder).at(launcher);
        assertThat(isMainArchived(cli)).isTrue();
        Path archive = archive(root);

        // An archive that is no good costs time, not a word.
        Files.delete(archive);
        Files.writeString(archive, "garbage");
        assertThat(isMainArchived(cli)).isFalse();

        // Another build may as well be older: one that was put back.
        FileTime before = Files.getLastModifiedTime(jar);
        Files.setLastModifiedTime(jar, FileTime.from(before.toInstant().minus(Duration.ofDays(1))));
        assertThat(isMainArchived(cli)).isTrue();
    }

    private boolean isMainArchived(CliProcess cli) throws Exception {
        String main = loaded(cli, "--version").stream()
                .filter(line -> line.contains("] dev.pbp.cli.Main "))
                .findFirst()
                .orElseThrow();
        return main.endsWith(ARCHIVED);
    }

    private static Path archive(Path root) throws IOException {
        try (var files = Files.list(root.resolve("pbp-cli/target/start"))) {
            return files.filter(file -> file.toString().endsWith(".jsa"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
