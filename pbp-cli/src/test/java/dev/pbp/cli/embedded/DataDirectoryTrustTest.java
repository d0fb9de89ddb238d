package dev.pbp.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is executed or read out of a directory that other users can write to. */
@DisabledOnOs(OS.WINDOWS)
class DataDirectoryTrustTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path data;

    @SuppressWarnings("NullAway.Init")
    private Path program;

    @BeforeEach
    void programThatMustNotRun() throws IOException {
        data = Files.createDirectory(folder.resolve("data"));
        PostgresBuild build = PostgresBuild.ofThisJar();
        Path bin =
                Files.createDirectories(data.resolve("programs/" + build.version() + "-" + build.platform() + "/bin"));
        program = Files.writeString(bin.resolve("initdb"), "#!/bin/sh\ntouch '" + folder.resolve("executed") + "'\n");
        for (Path each : new Path[] {data, data.resolve("programs"), bin.getParent(), bin, program}) {
            mode(each, "rwxr-xr-x");
        }
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private void requireRefused(Path bad, Path named) {
        assertThatThrownBy(
                        () -> EmbeddedServer.use(named, "PBP_DATA", step -> {}).close())
                .isInstanceOf(EmbeddedServerException.class)
                .hasMessageContaining(
                        bad + " has mode rwxrwxrwx, so that others can write to it: run  chmod go-w '" + bad + "'");
        assertThat(folder.resolve("executed")).doesNotExist();
    }

    @Test
    @Evidence(
            guarantee = "secrets",
            claim =
                    "No program is executed, and no file trusted, that other users could have written; of links the target counts",
            brokenOnce = {
                "PostgresPrograms.in: `requireTrusted` left out",
                "DataDirectoryLocks.open: `requireTrusted` left out"
            })
    void whatOthersCanWriteIsRefused() throws IOException {
        Path bin = program.resolveSibling("");
        Path version = bin.resolveSibling("");
        for (Path bad : new Path[] {data, data.resolve("programs"), version, bin, program}) {
            mode(bad, "rwxrwxrwx");
            requireRefused(bad, data);
            mode(bad, "rwxr-xr-x");
        }
    }

    @Test
    @Evidence(guarantee = "secrets", recordedAt = "DataDirectoryTrustTest.whatOthersCanWriteIsRefused")
    void theTargetOfALinkCounts() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), data);
        mode(data, "rwxrwxrwx");
        requireRefused(data, link);
        mode(data, "rwxr-xr-x");
        Path elsewhere = Files.move(program, folder.resolve("elsewhere"));
        Files.createSymbolicLink(program, elsewhere);
        mode(elsewhere, "rwxrwxrwx");
        requireRefused(elsewhere, data);
    }

    @Test
    void dataThatOthersCanWriteIsRefused() throws IOException {
        Path cluster = Files.createDirectory(
                data.resolve("postgresql-" + PostgresBuild.ofThisJar().major()));
        mode(cluster, "rwxrwxrwx");
        requireRefused(cluster, data);
    }
}
