package dev.pbp.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A PgBouncer of its own in front of a database. */
public final class Pooler implements AutoCloseable {
    private final TestDatabase database;
    private final Path directory;
    private final int port;
    private final Process process;

    private Pooler(TestDatabase database, Path directory, int port, Process process) {
        this.database = database;
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    /** Ends the test with a message where there is no PgBouncer: it fails with {@code -Dpbp.pooler=required}. */
    public static void requireInstalled() {
        if (!Files.isExecutable(program())) {
            String message = "no PgBouncer at " + program() + ": not run (Debian's package is pgbouncer)";
            if ("required".equals(System.getProperty("pbp.pooler"))) {
                throw new AssertionError(message);
            }
            Assumptions.abort(message);
        }
    }

    private static Path program() {
        return Path.of("/usr/sbin/pgbouncer");
    }

    /** Starts one; mode is its {@code pool_mode}. */
    public static Pooler start(TestDatabase database, String mode) throws Exception {
        Path directory = Files.createTempDirectory("pbp-pooler");
        // PgBouncer refuses to run as root, and then needs to read this as somebody else.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        write(directory, database, port, mode);
        List<String> command = new ArrayList<>(List.of(program().toString()));
        if ("root".equals(System.getProperty("user.name"))) {
            command.addAll(List.of("-u", "nobody"));
        }
        command.add(directory.resolve("pgbouncer.ini").toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out.log").toFile())
                .start();
        Pooler pooler = new Pooler(database, directory, port, process);
        pooler.awaitPort();
        return pooler;
    }

    private static void write(Path directory, TestDatabase database, int port, String mode) throws IOException {
        Path users = directory.resolve("users.txt");
        Files.writeString(users, "\"" + database.user() + "\" \"" + database.password() + "\"\n");
        Files.writeString(
                directory.resolve("pgbouncer.ini"),
                String.join(
                        "\n",
                        "[databases]",
                        database.name() + " = host=" + database.host() + " port=" + database.port() + " dbname="
                                + database.name(),
                        "[pgbouncer]",
                        "listen_addr = 127.0.0.1",
                        "listen_port = " + port,
                        "unix_socket_dir =",
                        "auth_type = trust",
                        "auth_file = " + users,
                        "admin_users = " + database.user(),
                        "pool_mode = " + mode,
                        "ignore_startup_parameters = extra_float_digits",
                        ""));
    }

    private void awaitPort() throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > until) {
                    throw new IOException("pgbouncer: " + Files.readString(directory.resolve("out.log")), e);
                }
                Thread.onSpinWait();
            }
        }
    }

    /** The database by way of it. */
    public TestDatabase database() {
        return database.through(port);
    }

    /** From now on with another pool_mode, without a connection being lost. */
    public void reload(String mode) throws Exception {
        write(directory, database, port, mode);
        int status = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -HUP " + process.pid() + ": exit status " + status);
        }
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
