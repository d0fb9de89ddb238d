package dev.pbp.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL of a test's own, to be killed, stopped and started again on the same port.
 *
 * <p>It has its own data directory under the system's temporary directory and, unlike a copy would, its own system
 * identifier; {@link #close} stops it and deletes the directory. Any user may log in without a password from this
 * machine. Not safe for use by several threads at once.
 */
public final class PrivateServer implements AutoCloseable {
    private final Path directory;
    private final int port;
    private final @Nullable Certificate certificate;
    private final Thread atJvmEnd = new Thread(this::killForcibly, "private-server-kill");
    private volatile @Nullable ProcessHandle postmaster;

    private PrivateServer(Path directory, int port, @Nullable Certificate certificate) {
        this.directory = directory;
        this.port = port;
        this.certificate = certificate;
        Runtime.getRuntime().addShutdownHook(atJvmEnd);
    }

    /** A running server with default settings. */
    public static PrivateServer create() {
        return builder().create();
    }

    /** To choose settings first. */
    public static Builder builder() {
        return new Builder();
    }

    /** What a new server is to be like. */
    public static final class Builder {
        private final Map<String, String> settings = new LinkedHashMap<>();
        private boolean tls;

        private Builder() {}

        /** A line for {@code postgresql.conf}, such as {@code max_prepared_transactions}, {@code 10}. */
        public Builder setting(String name, String value) {
            settings.put(name, value);
            return this;
        }

        /** Switches TLS on, with a new self-signed certificate for localhost and 127.0.0.1. */
        public Builder tls() {
            tls = true;
            return this;
        }

        /** Makes the data directory and starts the server. */
        public PrivateServer create() {
            Path directory = Directories.create();
            Certificate certificate = tls ? Certificate.generate(directory) : null;
            PrivateServer server = new PrivateServer(directory, freePort(), certificate);
            Binaries.get()
                    .run(
                            server.log(),
                            "initdb",
                            "--no-sync",
                            "-A",
                            "trust",
                            "-U",
                            "postgres",
                            "-E",
                            "UTF-8",
                            "-D",
                            server.data().toString());
            Map<String, String> all = new LinkedHashMap<>();
            all.put("fsync", "off");
            all.put("listen_addresses", "127.0.0.1");
            all.put("unix_socket_directories", "");
            if (certificate != null) {
                all.put("ssl", "on");
                all.put("ssl_cert_file", certificate.certificate().toString());
                all.put("ssl_key_file", certificate.key().toString());
            }
            all.putAll(settings);
            server.configure(all);
            server.start();
            return server;
        }
    }

    /**
     * A hot standby of this server: read-only, following it by streaming replication, on a port of its own.
     *
     * <p>This server is stopped and started again for it, since the copy is one of its data directory. Close the
     * standby first.
     */
    public PrivateServer createStandby() {
        stop();
        PrivateServer standby = new PrivateServer(Directories.create(), freePort(), certificate);
        Directories.copy(data(), standby.data());
        try {
            Files.createFile(standby.data().resolve("standby.signal"));
        } catch (IOException e) {
            throw new UncheckedIOException("standby of " + this + ": " + e.getMessage(), e);
        }
        standby.configure(Map.of("primary_conninfo", "host=127.0.0.1 port=" + port + " user=postgres sslmode=disable"));
        start();
        standby.start();
        return standby;
    }

    /** Turns a standby into a primary, and returns when it accepts writes. */
    public void promote() {
        Binaries.get().run(log(), "pg_ctl", "promote", "-w", "-s", "-D", data().toString());
    }

    /** The database {@code postgres} of it. */
    public TestDatabase database() {
        return new TestDatabase(new ServerAddress("127.0.0.1", port, "postgres", "", "postgres", Map.of()));
    }

    /** The port, the same over all restarts. */
    public int port() {
        return port;
    }

    /** The certificate that a client with {@code sslmode=verify-full} has to trust, as a PEM file. */
    public Path certificate() {
        if (certificate == null) {
            throw new IllegalStateException(this + " was made without TLS");
        }
        return certificate.certificate();
    }

    /** Ends every session but the caller's, as an administrator would; returns how many. */
    public int killBackends() throws SQLException {
        try (Connection connection = database().connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /**
     * Kills postmaster and sessions by SIGKILL, as a crash would, and returns when they are gone. The next {@link
     * #start} recovers.
     */
    public void kill() {
        ProcessHandle process = running();
        List<ProcessHandle> sessions = process.descendants().toList();
        process.destroyForcibly();
        // They would end by themselves, but until then a new postmaster refuses to start.
        sessions.forEach(ProcessHandle::destroyForcibly);
        awaitEnd(process);
        sessions.forEach(this::awaitEnd);
        postmaster = null;
    }

    /** Stops it in order ("fast": sessions are ended, what is committed is written). */
    public void stop() {
        ProcessHandle process = running();
        Binaries.get().run(log(), "pg_ctl", "stop", "-m", "fast", "-s", "-D", data().toString());
        awaitEnd(process);
        postmaster = null;
    }

    /** Starts it again on the same port and waits until it accepts connections. */
    public void start() {
        if (postmaster != null) {
            throw new IllegalStateException(this + " is running already");
        }
        Binaries.get()
                .run(
                        log(),
                        "pg_ctl",
                        "start",
                        "-w",
                        "-s",
                        "-D",
                        data().toString(),
                        "-l",
                        log().toString(),
                        "-o",
                        "-p " + port);
        try {
            long pid = Long.parseLong(
                    Files.readAllLines(data().resolve("postmaster.pid")).get(0));
            postmaster = ProcessHandle.of(pid)
                    .orElseThrow(() -> new IllegalStateException(this + " ended after its start\n" + logText()));
        } catch (IOException e) {
            throw new UncheckedIOException(this + " has no readable postmaster.pid: " + e.getMessage(), e);
        }
    }

    /** Whether the postmaster runs. */
    public boolean isRunning() {
        ProcessHandle process = postmaster;
        return process != null && process.isAlive();
    }

    /** What the server wrote to its log so far, for failure messages. */
    public String logText() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            throw new UncheckedIOException(this + ": its log cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (isRunning()) {
            stop();
        }
        Runtime.getRuntime().removeShutdownHook(atJvmEnd);
        Directories.delete(directory);
    }

    private ProcessHandle running() {
        ProcessHandle process = postmaster;
        if (process == null) {
            throw new IllegalStateException(this + " is not running");
        }
        return process;
    }

    private void killForcibly() {
        ProcessHandle process = postmaster;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private void awaitEnd(ProcessHandle process) {
        try {
            process.onExit().get(30, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IllegalStateException(
                    this + ": process " + process.pid() + " did not end within 30 s\n" + logText(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(this + ": interrupted while waiting for its end", e);
        }
    }

    private void configure(Map<String, String> settings) {
        StringBuilder lines = new StringBuilder("\n");
        settings.forEach((name, value) -> lines.append(name)
                .append(" = '")
                .append(value.replace("'", "''"))
                .append("'\n"));
        try {
            Files.writeString(data().resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(this + ": postgresql.conf cannot be written: " + e.getMessage(), e);
        }
    }

    private Path data() {
        return directory.resolve("data");
    }

    private Path log() {
        return directory.resolve("server.log");
    }

    /** Below the range from which systems give ports to clients: one of those could take it before the server does. */
    private static int freePort() {
        for (int tries = 0; tries < 100; tries++) {
            int candidate = ThreadLocalRandom.current().nextInt(15_000, 32_000);
            try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                continue; // by something that runs here; another one then
            }
        }
        throw new IllegalStateException("no free port between 15000 and 32000 in 100 tries");
    }

    @Override
    public String toString() {
        return "private server on port " + port;
    }
}
