package dev.pbp.bench.push;

import dev.pbp.bench.harness.ChildProcess;
import dev.pbp.bench.harness.Figures;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How soon many clients of one server have one message: ours, bare Undertow and nchan in turns, with as many clients of the same load
 * generator each. The message is the same, byte for byte but for its mark and cursor. Ours sends it when a row is inserted, bare Undertow
 * when it reads it from a pipe, nchan when it is posted.
 */
record FanOutMeasurements(Figures figures, TestDatabase database, ClientTransport transport) {
    private static final int WARM_ROUNDS = 10;
    private static final int ROUNDS = 20;
    private static final String BARE = "bare-undertow";
    private static final String NCHAN = "nchan";

    /** A way of sending a message to all. */
    private interface Send {
        void send(String mark) throws Exception;
    }

    /** One server with its clients. */
    private record Contender(String name, ChildProcess clients, Send send, List<Double> p50, List<Double> p99) {
        Contender(String name, ChildProcess clients, Send send) {
            this(name, clients, send, new ArrayList<>(), new ArrayList<>());
        }

        double median(int percent) {
            List<Double> rounds = percent == 50 ? p50 : p99;
            return Figures.median(rounds.stream().mapToDouble(each -> each).toArray());
        }
    }

    void run(int count) throws Exception {
        Optional<String> missing = NchanServer.missing();
        missing.ifPresent(reason -> say("nchan is left out: " + reason));
        try (PushNode ours = PushNode.start(database, transport, 0);
                PushNode bare = PushNode.bare(database, transport, 1);
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            String template = template(ours, statement);
            List<Contender> contenders = new ArrayList<>();
            contenders.add(new Contender("ours", ours.clients(), mark -> insert(statement, mark)));
            contenders.add(new Contender(BARE, bare.clients(), mark -> bare.tellServer(order(template, mark))));
            ours.connect(count);
            bare.connect(count);
            if (missing.isPresent()) {
                measure(contenders, count);
                return;
            }
            try (NchanServer nchan = NchanServer.start();
                    ChildProcess clients = PushNode.clients(transport, 2, nchan.port(), NCHAN)) {
                int connected = Integer.parseInt(clients.ask("connect " + count));
                nchan.awaitSubscribers(connected);
                contenders.add(new Contender(NCHAN, clients, mark -> nchan.send(message(template, mark))));
                measure(contenders, count);
            }
        }
    }

    private void measure(List<Contender> contenders, int count) throws Exception {
        say("a message to " + count + " clients of each of "
                + contenders.stream().map(Contender::name).toList());
        for (int round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
            for (Contender each : contenders) {
                double[] millis = round(each, transport.name + "-" + round + "-" + System.nanoTime());
                if (round >= WARM_ROUNDS) {
                    each.p50.add(Figures.percentile(50, millis));
                    each.p99.add(Figures.percentile(99, millis));
                    say(String.format(
                            Locale.ROOT,
                            "round %d of %d: %s p50 %.1f ms, p99 %.1f ms",
                            round - WARM_ROUNDS + 1,
                            ROUNDS,
                            each.name,
                            Figures.percentile(50, millis),
                            Figures.percentile(99, millis)));
                }
            }
        }
        for (int percent : new int[] {50, 99}) {
            String name = "fanout-10k-p" + percent + "-" + transport.name;
            double ours = contenders.get(0).median(percent);
            figures.figure(name, ours, "ms");
            for (Contender peer : contenders.subList(1, contenders.size())) {
                figures.peer(name, peer.name, peer.median(percent), "ms");
                figures.ratio(name, peer.name, peer.median(percent) / ours);
            }
        }
    }

    /** From just before it is sent until each client has it, in milliseconds. */
    private static double[] round(Contender contender, String mark) throws Exception {
        contender.clients.ask("expect " + mark);
        long begin = System.nanoTime(); // the same clock for all processes of a machine
        contender.send.send(mark);
        return Arrays.stream(contender.clients.ask("received").split(" "))
                .mapToLong(Long::parseLong)
                .mapToDouble(nanos -> nanos == 0 ? TransportMeasurements.NEVER_MILLIS : (nanos - begin) / 1e6)
                .toArray();
    }

    private static void insert(Statement statement, String mark) throws SQLException {
        statement.execute("INSERT INTO testtype (val) VALUES ('" + mark + "')");
    }

    /** A message of ours. */
    private static String template(PushNode ours, Statement statement)
            throws SQLException, IOException, InterruptedException {
        String before = ours.cursor();
        insert(statement, "template");
        return ours.message(before);
    }

    private static String message(String template, String mark) {
        return template.replaceFirst("\"cursor\":\"[^\"]+\"", "\"cursor\":\"" + cursor(template, mark) + "\"")
                .replaceFirst("\"template\"", "\"" + mark + "\"");
    }

    private static String order(String template, String mark) {
        return "send " + cursor(template, mark) + " " + message(template, mark);
    }

    /** A new one, as long as that of ours. */
    private static String cursor(String template, String mark) {
        int length = template.replaceAll(".*\"cursor\":\"([^\"]+)\".*", "$1").length();
        String padded = "0".repeat(length) + mark;
        return padded.substring(padded.length() - length);
    }

    private void say(String text) {
        figures.say(transport.name + ": " + text);
    }
}
