package dev.pbp.bench.notify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.postgresql.ds.PGSimpleDataSource;

/** The program of a process that measures one way of listening or publishing, at the requests of {@link Worker}. */
final class WorkerProcess {
    static final int PAYLOAD_BYTES = 100;

    private WorkerProcess() {}

    /**
     * Reads tasks from standard input, one a line, and answers each with a line of values.
     *
     * @param arguments the way, and the database's address for JDBC and for libpq
     * @throws Exception if a task cannot be carried out; the process ends
     */
    public static void main(String[] arguments) throws Exception {
        Contender contender = Contender.valueOf(arguments[0]);
        String url = arguments[1];
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        BufferedReader tasks = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = System.out;
        ListenMeasurements.Talk talk = new ListenMeasurements.Talk() {
            @Override
            public void say(String text) {
                out.println(text);
            }

            @Override
            public void await() throws IOException {
                if (tasks.readLine() == null) {
                    throw new IOException("the benchmark has ended");
                }
            }
        };
        ListenMeasurements listening =
                new ListenMeasurements(topics -> open(contender, url, arguments[2], topics), url, talk);
        PublishMeasurements publishing = new PublishMeasurements(source, url);
        for (String line = tasks.readLine(); line != null; line = tasks.readLine()) {
            double[] values = carryOut(line.split(" "), contender, listening, publishing);
            out.println(Arrays.stream(values).mapToObj(Double::toString).collect(Collectors.joining(" ")));
        }
    }

    private static BenchListener open(Contender contender, String url, String libpqUrl, boolean topics)
            throws Exception {
        return switch (contender) {
            case READER -> HubListener.open(url, true, topics);
            case EXECUTOR -> HubListener.open(url, false, topics);
            case VERTX -> VertxListener.open(libpqUrl);
            case PGJDBC -> new DriverListener(url);
            case JVM, PUBLISHER, AUTOCOMMIT, LIBPQ ->
                throw new IllegalArgumentException(contender + " does not listen");
        };
    }

    private static double[] carryOut(
            String[] task, Contender contender, ListenMeasurements listening, PublishMeasurements publishing)
            throws Exception {
        int[] numbers = Arrays.stream(task).skip(1).mapToInt(Integer::parseInt).toArray();
        boolean ours = contender == Contender.PUBLISHER;
        return switch (task[0]) {
            case "latency" -> listening.latency(numbers[0], numbers[1]);
            case "round-trips" -> listening.roundTrips(numbers[0], numbers[1]);
            case "receive" -> listening.receive(numbers[0]);
            case "receive-topics" -> listening.receiveTopics(numbers[0], numbers[1]);
            case "drain" -> listening.drain(numbers[0]);
            case "subscribe" -> listening.subscribe(numbers[0], false);
            case "subscribe-in-flood" -> listening.subscribe(numbers[0], true);
            case "listen-many" -> listening.listenMany(numbers[0]);
            case "memory" -> listening.memory(numbers[0]);
            case "idle" ->
                contender == Contender.JVM ? ListenMeasurements.idleCpu(numbers[0]) : listening.idle(numbers[0]);
            case "publish" ->
                ours
                        ? publishing.together(numbers[0], numbers[1], numbers[2])
                        : publishing.autocommit(numbers[0], numbers[1]);
            case "publish-alone" ->
                ours ? publishing.aloneThroughPublisher(numbers[0]) : publishing.aloneInAutocommit(numbers[0]);
            default -> throw new IllegalArgumentException("no such task: " + String.join(" ", task));
        };
    }
}
