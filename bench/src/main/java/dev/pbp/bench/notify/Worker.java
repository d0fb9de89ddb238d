package dev.pbp.bench.notify;

import dev.pbp.bench.harness.ChildProcess;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** A {@link WorkerProcess}, or the program in C, in a process of its own. For one thread. */
final class Worker implements AutoCloseable {
    private final Contender contender;
    private final ChildProcess process;

    /**
     * Starts it.
     *
     * @param contender what it is to measure
     * @param url the database, for JDBC
     * @param libpqUrl the same for libpq
     * @throws IOException if it cannot
     */
    public Worker(Contender contender, String url, String libpqUrl) throws IOException {
        this(contender, ChildProcess.start(WorkerProcess.class, List.of(), contender.name(), url, libpqUrl));
    }

    private Worker(Contender contender, ChildProcess process) {
        this.contender = contender;
        this.process = process;
    }

    /**
     * Starts the program in C.
     *
     * @param program compiled
     * @param libpqUrl the database, for libpq
     * @throws IOException if it cannot
     */
    static Worker libpq(LibpqProgram program, String libpqUrl) throws IOException {
        return new Worker(
                Contender.LIBPQ,
                ChildProcess.start("libpq", List.of(program.executable().toString(), libpqUrl)));
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
        process.tell(line.toString());
    }

    /**
     * Waits until it listens.
     *
     * @throws IOException if it has failed; why, it has said on standard error
     */
    public void awaitListening() throws IOException {
        String line = process.answer();
        if (!line.equals("listening")) {
            throw new IOException(contender + " said \"" + line + "\" instead of listening");
        }
    }

    /** Lets it go on. */
    public void go() {
        process.tell("go");
    }

    /**
     * Waits for the end of its task.
     *
     * @return what it has measured
     * @throws IOException if it has failed; why, it has said on standard error
     */
    public double[] result() throws IOException {
        return Arrays.stream(process.answer().split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
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

    @Override
    public void close() throws IOException {
        process.close();
    }
}
