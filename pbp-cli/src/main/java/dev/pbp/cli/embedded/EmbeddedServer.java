package dev.pbp.cli.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A PostgreSQL server of our own on a persistent directory, shared by all processes that name that directory.
 *
 * <p>The first user starts it, the last one stops it. It listens on 127.0.0.1 alone, asks for a password, and writes
 * to disk what it commits. A user that dies without leaving leaves the server running; the next one finds it, or lets
 * it recover if it died too.
 */
public final class EmbeddedServer implements AutoCloseable {
    private final Cluster cluster;
    private final DataDirectoryLocks locks;
    private final Postmaster postmaster;
    private final Consumer<String> progress;
    private int port;
    private boolean open = true;

    private EmbeddedServer(
            Cluster cluster, DataDirectoryLocks locks, Postmaster postmaster, Consumer<String> progress) {
        this.cluster = cluster;
        this.locks = locks;
        this.postmaster = postmaster;
        this.progress = progress;
    }

    /**
     * Becomes a user of the server in a directory, starting it (and making it at first) if it does not run.
     *
     * @param data the directory; it is made if missing
     * @param source where the directory was set, for messages
     * @param progress receives a line for each step that takes long
     * @return the server, until it is closed
     * @throws EmbeddedServerException if there is no server to be had
     */
    public static EmbeddedServer use(Path data, String source, Consumer<String> progress) {
        checkCharacters(data, source);
        DataDirectoryLocks locks = DataDirectoryLocks.open(data, source);
        try {
            locks.beginChange(progress);
            PostgresBuild build = PostgresBuild.ofThisJar();
            Cluster cluster = new Cluster(data, build);
            cluster.checkVersion();
            PostgresPrograms programs = PostgresPrograms.in(data, build, progress);
            EmbeddedServer server =
                    new EmbeddedServer(cluster, locks, new Postmaster(cluster, programs, data), progress);
            try {
                server.enter(programs);
            } catch (IOException | RuntimeException e) {
                server.leave();
                throw e;
            }
            locks.endChange();
            return server;
        } catch (IOException e) {
            throw closing(locks, new EmbeddedServerException("the locks in " + data + " fail (" + e + ")", e));
        } catch (RuntimeException e) {
            throw closing(locks, e);
        }
    }

    /**
     * The port of the server in a directory.
     *
     * @param data the directory
     * @return the port, or nothing if no server runs there that accepts connections
     */
    public static Optional<Integer> runningPort(Path data) {
        if (!Files.exists(data)) {
            return Optional.empty();
        }
        try {
            DataDirectoryLocks.requireTrusted(data, "--data, PBP_DATA");
        } catch (IOException e) {
            throw new EmbeddedServerException("owner and mode of " + data + " cannot be read (" + e + ")", e);
        }
        return PostmasterFile.read(new Cluster(data, PostgresBuild.ofThisJar()).folder())
                .filter(PostmasterFile::ready)
                .filter(PostmasterFile::alive)
                .map(PostmasterFile::port);
    }

    /**
     * The file with the password of the server in a directory.
     *
     * @param data the directory
     * @return the file, in {@code pgpass} form
     */
    public static Path passFile(Path data) {
        return new Cluster(data, PostgresBuild.ofThisJar()).passFile();
    }

    /**
     * Where the server listens.
     *
     * @return the port on 127.0.0.1
     */
    public int port() {
        return port;
    }

    private void enter(PostgresPrograms programs) throws IOException {
        locks.enter();
        if (!cluster.exists()) {
            progress.accept("creating a database server in " + cluster.folder());
            cluster.create(programs);
        }
        port = postmaster.portOfRunning().orElseGet(postmaster::start);
        watch();
    }

    /** If the server dies under its users, they start it again, on the same port, where they go on looking for it. */
    private void watch() {
        PostmasterFile.read(cluster.folder())
                .flatMap(file -> ProcessHandle.of(file.pid()))
                .ifPresent(process -> process.onExit().thenRun(this::revive));
    }

    private synchronized void revive() {
        if (!open) {
            return;
        }
        try {
            locks.beginChange(progress);
            try {
                if (postmaster.portOfRunning().isEmpty()) {
                    progress.accept("the embedded server has died; starting it again");
                    int now = postmaster.start();
                    if (now != port) {
                        progress.accept(
                                "its port " + port + " is taken, it is on " + now + " now: start this again too");
                    }
                }
            } finally {
                locks.endChange();
            }
            watch();
        } catch (IOException | EmbeddedServerException e) {
            progress.accept("the embedded server has died and cannot be started again: " + e.getMessage());
        }
    }

    /** Releases the server, and stops it if this was its last user. */
    @Override
    public synchronized void close() {
        if (!open) {
            return;
        }
        open = false;
        try (DataDirectoryLocks toClose = locks) {
            toClose.beginChange(progress);
            leave();
            toClose.endChange();
        } catch (IOException e) {
            throw new EmbeddedServerException(
                    "the locks of " + cluster.folder() + " fail (" + e + "): the server may still run", e);
        }
    }

    private void leave() throws IOException {
        if (locks.leaveAsLast()) {
            postmaster.stop();
        }
    }

    /** {@code pg_ctl} puts paths between double quotes into a shell command. */
    private static void checkCharacters(Path data, String source) {
        for (char c : "\"$`\\\n".toCharArray()) {
            if (data.toString().indexOf(c) >= 0) {
                throw new EmbeddedServerException("the data directory " + data + " (" + source
                        + ") cannot have any of \" $ ` \\ or a line end in its name: name another one with --data");
            }
        }
    }

    private static RuntimeException closing(DataDirectoryLocks locks, RuntimeException reason) {
        try {
            locks.close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
        return reason;
    }
}
