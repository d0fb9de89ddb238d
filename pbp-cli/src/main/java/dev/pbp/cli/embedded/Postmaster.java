package dev.pbp.cli.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Starts, finds and stops the server process. Only under the lock for that. */
final class Postmaster {
    private static final long LOG_LIMIT_BYTES = 10_000_000;
    private static final String WAIT_SECONDS = "60";
    private static final Duration REMAINS_GONE = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Cluster cluster;
    private final PostgresPrograms programs;
    private final Path log;

    Postmaster(Cluster cluster, PostgresPrograms programs, Path data) {
        this.cluster = cluster;
        this.programs = programs;
        this.log = data.resolve("server.log");
    }

    /** Returns the server's port if it runs, also if the process that started it has died. */
    Optional<Integer> portOfRunning() {
        Optional<PostmasterFile> file = PostmasterFile.read(cluster.folder()).filter(PostmasterFile::alive);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        if (!file.get().ready()) {
            // Left behind while it was starting, recovering or stopping. pg_ctl knows how to wait for either end.
            stop();
            return Optional.empty();
        }
        return file.map(PostmasterFile::port);
    }

    int start() {
        discardStaleFile();
        turnLog();
        // The last port, so that clients that are still about find the server again; else any.
        int port = cluster.lastPort().filter(Postmaster::free).orElseGet(Postmaster::freePort);
        long giveUp = System.nanoTime() + REMAINS_GONE.toNanos();
        PostgresTool.Ended ended = start(port);
        while (ended.status() != 0
                && lastWords(ended.output()).contains("shared memory block")
                && System.nanoTime() < giveUp) {
            // Sessions of a server that was killed notice it within moments; nothing shows when the last one has.
            LockSupport.parkNanos(PAUSE.toNanos());
            ended = start(port);
        }
        if (ended.status() != 0) {
            throw new EmbeddedServerException("the embedded server on port " + port + " did not start: "
                    + lastWords(ended.output()) + FailureHints.forRoot(ended.output()) + "; its log is " + log);
        }
        return port;
    }

    private PostgresTool.Ended start(int port) {
        return PostgresTool.run(
                "",
                programs.program("pg_ctl"),
                "start",
                "--wait",
                "--timeout=" + WAIT_SECONDS,
                "--pgdata=" + cluster.folder(),
                "--log=" + log,
                "--options=-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=''");
    }

    /** Ends sessions and server in order, and waits for it. */
    void stop() {
        if (PostmasterFile.read(cluster.folder()).filter(PostmasterFile::alive).isEmpty()) {
            return;
        }
        PostgresTool.Ended ended = PostgresTool.run(
                "",
                programs.program("pg_ctl"),
                "stop",
                "--mode=fast",
                "--wait",
                "--timeout=" + WAIT_SECONDS,
                "--pgdata=" + cluster.folder());
        // It may have ended by itself meanwhile; then all is as it should be.
        boolean running = PostmasterFile.read(cluster.folder())
                .filter(PostmasterFile::alive)
                .isPresent();
        if (ended.status() != 0 && running) {
            throw new EmbeddedServerException(
                    "the embedded server did not stop: " + lastWords(ended.output()) + "; its log is " + log);
        }
    }

    /** PostgreSQL only looks whether some process has the number, if a later or a dead one, and would refuse to start. */
    private void discardStaleFile() {
        Path file = PostmasterFile.in(cluster.folder());
        try {
            if (PostmasterFile.read(cluster.folder())
                    .filter(left -> left.numberReused() || left.ended())
                    .isPresent()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new EmbeddedServerException(file + " is left over and cannot be deleted (" + e + ")", e);
        }
    }

    private void turnLog() {
        try {
            if (Files.exists(log) && Files.size(log) > LOG_LIMIT_BYTES) {
                Files.move(log, log.resolveSibling("server.log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new EmbeddedServerException(log + " cannot be renamed (" + e + ")", e);
        }
    }

    /** What the server's log says last; what pg_ctl says if there is none. */
    private String lastWords(String otherwise) {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.stream()
                    .skip(Math.max(0, lines.size() - 10))
                    .filter(line -> line.contains("FATAL:") || line.contains("PANIC:"))
                    .reduce((first, last) -> last)
                    .orElse(otherwise);
        } catch (IOException e) {
            return otherwise + " (and its log cannot be read: " + e + ")";
        }
    }

    private static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new EmbeddedServerException("no port is free on 127.0.0.1 (" + e + ")", e);
        }
    }
}
