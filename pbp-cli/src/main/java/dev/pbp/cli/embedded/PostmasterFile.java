package dev.pbp.cli.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a server says of itself in {@code postmaster.pid}.
 *
 * @param pid its process
 * @param started when it started
 * @param port where it listens
 * @param ready whether it accepts connections
 */
record PostmasterFile(long pid, Instant started, int port, boolean ready) {
    /** How long after the file's time a process may have started and still be the one that wrote it. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    static Path in(Path cluster) {
        return cluster.resolve("postmaster.pid");
    }

    /** Reads the file; empty if there is none, or one that the server is still writing. */
    static Optional<PostmasterFile> read(Path cluster) {
        List<String> lines;
        try {
            lines = Files.readAllLines(in(cluster));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException e) {
            throw new EmbeddedServerException(in(cluster) + " cannot be read (" + e + ")", e);
        }
        if (lines.size() < 4) {
            return Optional.empty();
        }
        try {
            return Optional.of(new PostmasterFile(
                    Long.parseLong(lines.get(0).strip()),
                    Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip())),
                    Integer.parseInt(lines.get(3).strip()),
                    lines.size() >= 8 && lines.get(7).strip().equals("ready")));
        } catch (NumberFormatException e) {
            throw new EmbeddedServerException(in(cluster) + " is not what PostgreSQL writes (" + e.getMessage() + ")");
        }
    }

    /** Whether the server lives: its process does, and is not a later one that was given the same number. */
    boolean alive() {
        return process().isPresent() && !numberReused();
    }

    /** Whether the process of this number started after the server wrote it down: then the server has died. */
    boolean numberReused() {
        return process()
                .flatMap(process -> process.info().startInstant())
                .map(start -> start.isAfter(started.plus(SLACK)))
                .orElse(false);
    }

    /** Whether the process has ended, and only its number is still there, until its parent has taken note of its end. */
    boolean ended() {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        try {
            String text = Files.readString(stat);
            return text.charAt(text.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException e) {
            return false; // no such process any more, or a system without /proc: ProcessHandle knows
        }
    }

    private Optional<ProcessHandle> process() {
        return ProcessHandle.of(pid).filter(process -> process.isAlive() && !ended());
    }
}
