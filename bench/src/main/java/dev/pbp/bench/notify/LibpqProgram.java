package dev.pbp.bench.notify;

import dev.pbp.bench.harness.Figures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The peer in C, compiled here.
 *
 * @param executable the program
 */
record LibpqProgram(Path executable) implements AutoCloseable {
    private static final Path SOURCE =
            Path.of(System.getProperty("pbp.root", ".")).resolve("bench/src/main/c/libpq-listener.c");

    /** Compiles it; where that is not possible, says why. */
    static Optional<LibpqProgram> compile(Figures figures) throws IOException, InterruptedException {
        Path executable = Files.createTempFile("pbp-bench-libpq", "");
        String command = "gcc -O2 -o '" + executable
                + "' -I\"$(pg_config --includedir 2>&-)\" -I/usr/include/postgresql '" + SOURCE + "' -lpq -lpthread";
        Process compiler = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (compiler.waitFor() == 0) {
            return Optional.of(new LibpqProgram(executable));
        }
        Files.delete(executable);
        figures.say("the peers in C are left out, gcc or libpq's headers are missing (Debian: gcc, libpq-dev): "
                + output.strip());
        return Optional.empty();
    }

    @Override
    public void close() throws IOException {
        Files.delete(executable);
    }
}
