package dev.pbp.cli.embedded;

import dev.pbp.core.internal.FileProtection;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who uses the embedded server, and who starts or stops it just now: two locked files, which the system lets go of when
 * a process ends in whatever way.
 *
 * <p>The users' lock is shared; it is taken, and tried for exclusively, only under the other one, which is exclusive.
 */
final class DataDirectoryLocks implements AutoCloseable {
    private final FileChannel change;
    private final FileChannel users;

    private @Nullable FileLock changing;
    private @Nullable FileLock using;

    private DataDirectoryLocks(FileChannel change, FileChannel users) {
        this.change = change;
        this.users = users;
    }

    static DataDirectoryLocks open(Path data, String source) {
        try {
            if (!Files.isDirectory(data)) { // which a link to one is as well
                Files.createDirectories(
                        data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            requireTrusted(data, source);
            FileChannel change = channel(data.resolve("change.lock"));
            try {
                return new DataDirectoryLocks(change, channel(data.resolve("users.lock")));
            } catch (IOException e) {
                change.close();
                throw e;
            }
        } catch (IOException e) {
            throw new EmbeddedServerException(
                    "the data directory " + data + " (" + source + ") is not writable: " + e
                            + "; name another one with --data or PBP_DATA",
                    e);
        }
    }

    /** What lies there is executed, and its passwords are sent. */
    static void requireTrusted(Path data, String source) throws IOException {
        FileProtection.trustProblem(data).ifPresent(problem -> {
            throw new EmbeddedServerException("the data directory (" + source + ") is not safe to use: " + problem);
        });
    }

    private static FileChannel channel(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Waits until no other process starts or stops the server. */
    void beginChange(Consumer<String> progress) throws IOException {
        changing = change.tryLock();
        if (changing == null) {
            progress.accept("waiting for another pbp-cli that starts or stops the embedded server");
            changing = change.lock();
        }
    }

    void endChange() throws IOException {
        if (changing != null) {
            changing.release();
            changing = null;
        }
    }

    /** Enters among the users. Never waits for long: who tries for the lock exclusively has the other one. */
    void enter() throws IOException {
        using = users.lock(0, Long.MAX_VALUE, true);
    }

    /** Releases the users' lock; true if this was the last user. */
    boolean leaveAsLast() throws IOException {
        if (using != null) {
            using.release();
            using = null;
        }
        FileLock alone = users.tryLock();
        if (alone == null) {
            return false;
        }
        alone.release();
        return true;
    }

    @Override
    public void close() throws IOException {
        try (FileChannel both = users) {
            change.close();
        }
    }
}
