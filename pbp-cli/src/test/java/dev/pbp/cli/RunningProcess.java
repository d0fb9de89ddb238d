package dev.pbp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A program that runs: what it prints can be waited for, and signals can be sent to it. */
final class RunningProcess implements AutoCloseable {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final long SIGINT = 1L << 1; // in the mask of ignored signals
    private static final String END = "\0end of output";

    private final Process process;
    private final Path folder;
    private final Output out;
    private final Output err;

    private RunningProcess(Process process, Path folder) {
        this.process = process;
        this.folder = folder;
        this.out = new Output(process.getInputStream());
        this.err = new Output(process.getErrorStream());
    }

    static RunningProcess of(List<String> program, Map<String, String> environment, Path folder, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(heedingCtrlC());
        command.addAll(program);
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new RunningProcess(builder.start(), folder);
    }

    /** A build in the background of a shell ignores Ctrl-C, and so would all that it starts. */
    static List<String> heedingCtrlC() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("SigIgn:")
                        && (Long.parseUnsignedLong(line.substring(7).strip(), 16) & SIGINT) != 0) {
                    return List.of("env", "--default-signal=INT");
                }
            }
        }
        return List.of();
    }

    private static final class Output {
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final StringBuilder seen = new StringBuilder();
        private final Thread reader;

        Output(InputStream stream) {
            reader = new Thread(() -> read(stream), "output of a program");
            reader.setDaemon(true);
            reader.start();
        }

        private void read(InputStream stream) {
            try (BufferedReader text = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
                text.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException e) {
                lines.add("(reading failed: " + e + ")");
            }
            lines.add(END);
        }

        String await(Predicate<String> wanted) throws InterruptedException {
            long end = System.nanoTime() + LONG.toNanos();
            while (true) {
                String line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null || line.equals(END)) {
                    throw new AssertionError(
                            (line == null ? "not printed in " + LONG : "the program ended") + "; it printed: " + seen);
                }
                seen.append(line).append('\n');
                if (wanted.test(line)) {
                    return line;
                }
            }
        }

        String rest() throws InterruptedException {
            reader.join(LONG.toMillis());
            return all();
        }

        String all() {
            lines.forEach(line -> seen.append(line.equals(END) ? "" : line + "\n"));
            return seen.toString();
        }
    }

    /** The next line of output that starts with a text. */
    String awaitOut(String start) throws InterruptedException {
        return out.await(line -> line.startsWith(start));
    }

    /** The next line of output that holds a text. */
    String awaitOutWith(String part) throws InterruptedException {
        return out.await(line -> line.contains(part));
    }

    /** The next line of what it says that holds a text. */
    String awaitErr(String part) throws InterruptedException {
        return err.await(line -> line.contains(part));
    }

    void type(String input) throws IOException {
        OutputStream keyboard = process.getOutputStream();
        keyboard.write(input.getBytes(UTF_8));
        keyboard.flush();
    }

    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    long pid() {
        return process.pid();
    }

    /** Sends a signal, such as {@code INT}. The launcher has become Java, so it reaches Java. */
    void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("kill -" + name + " failed");
        }
    }

    /** Waits for the end. */
    CliProcess.Ended await() throws InterruptedException {
        if (!process.waitFor(LONG.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError(
                    "still running after " + LONG + "; it printed: " + out.all() + " and said: " + err.all());
        }
        return new CliProcess.Ended(process.exitValue(), out.rest(), err.rest());
    }

    @Override
    public void close() throws Exception {
        process.destroyForcibly().waitFor();
        out.reader.join(LONG.toMillis());
        err.reader.join(LONG.toMillis());
        Files.delete(folder);
    }
}
