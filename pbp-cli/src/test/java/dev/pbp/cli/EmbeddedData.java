package dev.pbp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Directories for embedded servers; PostgreSQL's programs are unpacked once for all of them. */
final class EmbeddedData {
    private EmbeddedData() {}

    static Path in(Path folder) throws IOException {
        Path programs = Files.createDirectories(Path.of("target", "it-programs").toAbsolutePath());
        Path data = Files.createDirectories(folder.resolve("data ö"));
        Files.createSymbolicLink(data.resolve("programs"), programs);
        return data;
    }

    /** Whatever a test left running there is stopped, in the way of one who comes and goes. */
    static void stop(CliProcess cli) throws Exception {
        cli.runWithInput("", "notify", "done", "-");
    }

    static Path cluster(Path data) throws IOException {
        try (var entries = Files.list(data)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("postgresql-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    static long postmaster(Path data) throws IOException {
        return Long.parseLong(
                Files.readAllLines(cluster(data).resolve("postmaster.pid")).get(0));
    }

    static boolean isRunning(Path data) throws IOException {
        return Files.exists(cluster(data).resolve("postmaster.pid"));
    }

    /** Waits until the process is gone: it may have ended before its parent has taken note of it. */
    static void awaitEnd(long pid) throws Exception {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        if (process.isPresent()) {
            process.get().onExit().get(30, TimeUnit.SECONDS);
        }
    }
}
