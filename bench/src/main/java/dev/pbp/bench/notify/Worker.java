package dev.pbp.bench.notify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** A {@link WorkerProcess} in a process of its own. For one thread. */
final class Worker implements AutoCloseable {
    private final Contender contender;
    private final Process process;
    private final PrintStream tasks;
    private final BufferedReader answers;

    /**
     * Starts it.
     *
     * @param contender what it is to measure
     * @param url the database, for JDBC
     * @param libpqUrl the same for libpq
     * @throws IOException if it cannot
     */
    public Worker(Contender contender, String url, String libpqUrl) throws IOException {
        this.contender = contender;
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WorkerProcess.class.getName(),
                        contender.name(),
                        url,
                        libpqUrl)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        tasks = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * What it measures.
     *
     * @return the way of listening or publishing
     */
    public Contender contender() {
        return contender;
    }

    /**
     * Gives it a task.
     *
     * @param name the task's
     * @param numbers what the task takes
     */
    public void begin(String name, int... numbers) {
        StringBuilder line = new StringBuilder(name);
        for (int number : numbers) {
            line.append(' ').append(number);
        }
        tasks.println(line);
    }

    /**
     * Waits until it listens.
     *
     * @throws IOException if it has failed; why, it has said on standard error
     */
    public void awaitListening() throws IOException {
        String line = line();
        if (!line.equals("listening")) {
            throw new IOException(contender + " said \"" + line + "\" instead of listening");
        }
    }

    /** Lets it go on. */
    public void go() {
        tasks.println("go");
    }

    /**
     * Waits for the end of its task.
     *
     * @return what it has measured
     * @throws IOException if it has failed; why, it has said on standard error
     */
    public double[] result() throws IOException {
        return Arrays.stream(line().split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    /**
     * Gives it a task and waits for the end.
     *
     * @param name the task's
     * @param numbers what the task takes
     * @return what it has measured
     * @throws IOException if it has failed; why, it has said on standard error
     */
    public double[] measure(String name, int... numbers) throws IOException {
        begin(name, numbers);
        return result();
    }

    private String line() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the process that measures " + contender + " has ended");
        }
        return line;
    }

    @Override
    public void close() {
        tasks.close(); // no more tasks: it ends
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
