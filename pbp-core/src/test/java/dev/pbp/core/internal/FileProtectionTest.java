package dev.pbp.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class FileProtectionTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private Path file(String mode) throws IOException {
        Path file = folder.resolve("it's");
        Files.deleteIfExists(file);
        Files.writeString(file, "x");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void aFileThatOthersCanWriteIsNotTrusted() throws IOException {
        for (String good : new String[] {"rw-------", "rw-r--r--", "rwxr-xr-x", "r--r--r--"}) {
            assertThat(FileProtection.trustProblem(file(good))).isEmpty();
        }
        for (String bad : new String[] {"rw-rw----", "rw-----w-", "rwxrwxrwx"}) {
            assertThat(FileProtection.trustProblem(file(bad)).orElseThrow())
                    .contains("it's has mode " + bad, "others can write to it", "run  chmod go-w '")
                    .endsWith("/it'\\''s'");
        }
    }

    @Test
    void theModeOfALinksTargetCounts() throws IOException {
        Path target = file("rw-rw-rw-");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        assertThat(FileProtection.trustProblem(link).orElseThrow()).contains("it's has mode rw-rw-rw-");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
        assertThat(FileProtection.trustProblem(link)).isEmpty();
    }

    @Test
    void everythingInADirectoryCounts() throws IOException {
        Path bin = Files.createDirectories(folder.resolve("programs/bin"));
        Path program = Files.writeString(bin.resolve("postgres"), "x");
        Files.createSymbolicLink(bin.resolve("postmaster"), program);
        assertThat(FileProtection.treeProblem(folder)).isEmpty();
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThat(FileProtection.treeProblem(folder).orElseThrow()).contains("postgres has mode rwxrwxr-x");
        Files.delete(bin.resolve("postmaster"));
        Files.delete(program);
        Path elsewhere = file("rw-rw-rw-");
        Path inside = Files.createDirectory(folder.resolve("inside"));
        Files.createSymbolicLink(inside.resolve("postgres"), elsewhere);
        assertThat(FileProtection.treeProblem(inside).orElseThrow()).contains("it's has mode rw-rw-rw-");
    }

    @Test
    void aSecretIsForItsOwnerAlone() throws IOException {
        assertThat(FileProtection.secretProblem(file("rw-------"))).isEmpty();
        assertThat(FileProtection.secretProblem(file("r--------"))).isEmpty();
        for (String bad : new String[] {"rw-rw----", "rw----r--", "rw-r--r--"}) {
            assertThat(FileProtection.secretProblem(file(bad)).orElseThrow())
                    .contains("has mode " + bad, "others can read or write it", "run  chmod go= '");
        }
    }

    @Test
    void devicesOfTheSystemMayBeNamed() throws IOException {
        assertThat(FileProtection.trustProblem(Path.of("/dev/null"))).isEmpty();
    }

    /** Only root can give a file away. */
    @Test
    @EnabledIf("isRoot")
    void aFileOfAnotherUserIsNeitherTrustedNorSecret() throws IOException {
        Path file = file("rw-------");
        Files.setOwner(
                file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        assertThat(FileProtection.trustProblem(file).orElseThrow())
                .contains("belongs to nobody", "run  sudo chown root '");
        assertThat(FileProtection.secretProblem(file)).isPresent();
    }

    static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }
}
