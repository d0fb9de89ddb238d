package dev.pbp.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The embedded server's programs: {@code initdb}, {@code pg_ctl} and {@code postgres}.
 *
 * <p>The library unpacks them on its first start and does not say where to, but PostgreSQL does, in
 * {@code postmaster.opts}.
 */
record Binaries(Path directory) {

    /** Unpacked by the class loader's lock: once, by whoever asks first. */
    private static final class Holder {
        static final Binaries BINARIES = unpack();
    }

    static Binaries get() {
        return Holder.BINARIES;
    }

    private static Binaries unpack() {
        try {
            Path running = SharedServer.embeddedData();
            if (running != null) {
                return of(running);
            }
            Path data = Files.createTempDirectory("pbp-testing");
            EmbeddedPostgres server =
                    EmbeddedPostgres.builder().setDataDirectory(data).start();
            try {
                return of(data);
            } finally {
                server.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("embedded PostgreSQL could not be unpacked: " + e.getMessage(), e);
        }
    }

    private static Binaries of(Path data) throws IOException {
        String command = Files.readString(data.resolve("postmaster.opts"));
        Path postgres = Path.of(command.substring(0, command.indexOf(" \"")));
        return new Binaries(postgres.resolveSibling(""));
    }

    /** The command line; root runs it in a user namespace, since PostgreSQL refuses root. */
    List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (LinuxUtils.isUnshareAvailable()) {
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(directory.resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs it to its end; its output goes to the log file. */
    void run(Path log, String program, String... arguments) {
        try {
            int status = new ProcessBuilder(command(program, arguments))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException(program + " " + String.join(" ", arguments) + ": exit status " + status
                        + "\n" + Files.readString(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(program + " could not be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(program + ": interrupted while waiting for its end", e);
        }
    }
}
