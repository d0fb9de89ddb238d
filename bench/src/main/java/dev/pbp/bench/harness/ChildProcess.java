package dev.pbp.bench.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process of a benchmark's own, mostly of Java with the same class path. It reads commands, a line each, from its standard input, and
 * answers by lines on its standard output; its standard error is ours. It ends when its input does.
 */
public final class ChildProcess implements AutoCloseable {
    private final String name;
    private final Process process;
    private final PrintStream input;
    private final BufferedReader output;

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.input = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts the main method of a class.
     *
     * @param main the class
     * @param javaOptions options of the virtual machine
     * @param arguments those of the method
     * @return to be closed by the caller
     * @throws IOException if it cannot be started
     */
    public static ChildProcess start(Class<?> main, List<String> javaOptions, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaOptions);
        String logging = System.getProperty("java.util.logging.config.file");
        if (logging != null) {
            command.add("-Djava.util.logging.config.file=" + logging);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return start(main.getSimpleName(), command);
    }

    /**
     * Starts any program.
     *
     * @param name for messages
     * @param command the program and its arguments
     * @return to be closed by the caller
     * @throws IOException if it cannot be started
     */
    public static ChildProcess start(String name, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new ChildProcess(name, process);
    }

    /**
     * Sends a line.
     *
     * @param line without its end
     */
    public void tell(String line) {
        input.println(line);
    }

    /**
     * Waits for the next line of its answers.
     *
     * @return without its end
     * @throws IOException if it has ended
     */
    public String answer() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new IOException(name + ": ended without an answer; its standard error says why");
        }
        return line;
    }

    /**
     * Sends a line and waits for the answer.
     *
     * @param line without its end
     * @return the answer, without its end
     * @throws IOException if it has ended
     */
    public String ask(String line) throws IOException {
        tell(line);
        return answer();
    }

    long pid() {
        return process.pid();
    }

    /** Closes its input, and waits for its end. */
    @Override
    public void close() throws IOException {
        input.close();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                System.err.println("bench: " + name + " did not end within 20 s, and was killed");
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        } finally {
            output.close();
        }
    }
}
