package dev.pbp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program at a terminal, as {@code script} of util-linux makes one: both outputs arrive as one, keys are echoed. */
final class PseudoTerminal implements AutoCloseable {
    private static final long LONG_SECONDS = 60;

    private final Process process;
    private final Thread reader;
    private final StringBuilder seen = new StringBuilder();
    private boolean ended;

    private PseudoTerminal(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "output at a terminal");
        reader.setDaemon(true);
        reader.start();
    }

    /** Runs a line of the shell. */
    static PseudoTerminal run(String line, Map<String, String> environment, Path folder) throws IOException {
        List<String> command = new ArrayList<>(RunningProcess.heedingCtrlC());
        command.addAll(List.of("script", "-qec", line, "/dev/null"));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("SHELL", "/bin/sh");
        builder.environment().putIfAbsent("TERM", "xterm-256color");
        return new PseudoTerminal(builder.start());
    }

    private void read() {
        try (Reader text = new InputStreamReader(process.getInputStream(), UTF_8)) {
            for (int c = text.read(); c >= 0; c = text.read()) {
                add(String.valueOf((char) c));
            }
        } catch (IOException e) {
            add("(reading failed: " + e + ")");
        }
        synchronized (seen) {
            ended = true;
            seen.notifyAll();
        }
    }

    private void add(String text) {
        synchronized (seen) {
            seen.append(text);
            seen.notifyAll();
        }
    }

    /** Waits until a text is on the screen, also in the middle of a line. */
    void await(String text) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONG_SECONDS);
        synchronized (seen) {
            while (seen.indexOf(text) < 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (ended || left <= 0) {
                    throw new AssertionError("'" + text + "' was not shown; shown was: " + seen);
                }
                seen.wait(left);
            }
        }
    }

    void type(String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    /** Waits for the end; everything that was shown, and the program's exit status. */
    CliProcess.Ended await() throws InterruptedException {
        if (!process.waitFor(LONG_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running; it showed: " + shown());
        }
        reader.join(TimeUnit.SECONDS.toMillis(LONG_SECONDS));
        return new CliProcess.Ended(process.exitValue(), shown(), "");
    }

    private String shown() {
        synchronized (seen) {
            return seen.toString().replace("\r\n", "\n");
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
        reader.join(TimeUnit.SECONDS.toMillis(LONG_SECONDS));
    }
}
