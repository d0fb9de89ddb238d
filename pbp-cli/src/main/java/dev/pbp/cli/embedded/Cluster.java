package dev.pbp.cli.embedded;

import dev.pbp.core.internal.FileProtection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The directory in which PostgreSQL keeps its databases; its name holds the major version. */
final class Cluster {
    private static final String PREFIX = "postgresql-";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path data;
    private final Path folder;
    private final String major;

    Cluster(Path data, PostgresBuild build) {
        this.data = data;
        this.major = build.major();
        this.folder = data.resolve(PREFIX + major);
    }

    Path folder() {
        return folder;
    }

    /** The file with the password, in {@code pgpass} form. It lies in the cluster, so that each has its own. */
    Path passFile() {
        return folder.resolve("pbp.pgpass");
    }

    boolean exists() {
        return Files.exists(folder);
    }

    /** Refuses data that this version cannot read, before anything could look as if it were gone. */
    void checkVersion() {
        try {
            if (exists()) {
                FileProtection.trustProblem(folder).ifPresent(problem -> {
                    throw new EmbeddedServerException("the data of the embedded server is not safe to use: " + problem);
                });
                String found = Files.readString(folder.resolve("PG_VERSION")).strip();
                if (!found.equals(major)) {
                    throw other(folder, found);
                }
                if (!Files.exists(passFile())) {
                    throw new EmbeddedServerException("the password file " + passFile()
                            + " is missing: put it back, or move " + data + " away to begin anew");
                }
                return;
            }
            for (Path other : others()) {
                throw other(other, Files.readString(other.resolve("PG_VERSION")).strip());
            }
        } catch (IOException e) {
            throw new EmbeddedServerException(
                    "the data of the embedded server in " + folder + " is damaged (" + e
                            + "): restore it, or name another directory with --data",
                    e);
        }
    }

    private List<Path> others() throws IOException {
        try (Stream<Path> entries = Files.list(data)) {
            return entries.filter(entry -> entry.getFileName().toString().matches(PREFIX + "\\d+"))
                    .sorted()
                    .toList();
        }
    }

    private EmbeddedServerException other(Path found, String version) {
        return new EmbeddedServerException(found + " holds data of PostgreSQL " + version + ", but PostgreSQL " + major
                + " is built in: bring it over with pg_dump and pg_restore or pg_upgrade,"
                + " or name another directory with --data");
    }

    /** Makes the cluster beside its place and renames it at the end, so that none is ever half made. */
    void create(PostgresPrograms programs) {
        Path unfinished = null;
        try {
            unfinished = Files.createTempDirectory(data, folder.getFileName() + ".unfinished-");
            String password = newPassword();
            PostgresTool.Ended initdb = PostgresTool.run(
                    password + "\n",
                    programs.program("initdb"),
                    "--pgdata=" + unfinished,
                    "--username=postgres",
                    "--auth=scram-sha-256",
                    "--pwfile=/dev/stdin",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--no-instructions");
            if (initdb.status() != 0) {
                throw new EmbeddedServerException("initdb of " + folder + " ended with status " + initdb.status() + ": "
                        + initdb.output() + FailureHints.forRoot(initdb.output()));
            }
            Path passFile = unfinished.resolve(passFile().getFileName());
            Files.createFile(
                    passFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(
                    passFile, "127.0.0.1:*:*:postgres:" + password + "\n", StandardOpenOption.TRUNCATE_EXISTING);
            Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            discard(unfinished, e);
            throw new EmbeddedServerException("the data directory " + folder + " cannot be made (" + e + ")", e);
        } catch (RuntimeException e) {
            discard(unfinished, e);
            throw e;
        }
    }

    private static void discard(@Nullable Path unfinished, Exception reason) {
        try {
            if (unfinished != null) {
                DirectoryTrees.delete(unfinished);
            }
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    /** The port of the last start, which clients may remember. */
    Optional<Integer> lastPort() {
        Path options = folder.resolve("postmaster.opts");
        try {
            if (!Files.exists(options)) {
                return Optional.empty();
            }
            return Pattern.compile("\"-p\" \"(\\d+)\"")
                    .matcher(Files.readString(options))
                    .results()
                    .findFirst()
                    .map(found -> Integer.parseInt(found.group(1)));
        } catch (IOException e) {
            throw new EmbeddedServerException(options + " cannot be read (" + e + ")", e);
        }
    }

    private static String newPassword() {
        byte[] random = new byte[24];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }
}
