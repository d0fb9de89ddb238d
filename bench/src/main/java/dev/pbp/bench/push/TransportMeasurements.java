package dev.pbp.bench.push;

import dev.pbp.bench.harness.Figures;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;

/** The scenes of one transport. */
record TransportMeasurements(Figures figures, TestDatabase database, ClientTransport transport) {
    /** Nearly all descriptors that a process may have here. */
    private static final int MOST = Integer.getInteger("pbp.bench.clients", 19_400);

    private static final int FIRST = Math.min(1000, MOST / 10);
    private static final int IDLE = Math.min(18_000, MOST);
    private static final int FAN_OUT = Math.min(10_000, MOST);
    private static final int OF_EACH_NODE = Math.min(17_500, MOST);
    private static final int NODES = 3;
    private static final int ROUNDS_OF_ALL = 5;
    private static final int BEAT_SECONDS = 15;
    private static final int IDLE_SECONDS = 30;
    /** What a client that did not get a change counts as. */
    static final double NEVER_MILLIS = 60_000;

    /** Returns how many connections to the database there were with all clients on. */
    double run() throws Exception {
        double connections = held();
        new FanOutMeasurements(figures, database, transport).run(FAN_OUT);
        allNodes();
        return connections;
    }

    private double held() throws Exception {
        double ours;
        double cpu;
        double connections;
        String idleCpu = "idle-cpu-" + transport.name;
        try (PushNode node = PushNode.measured(database, PushServerProcess.SITE, transport)) {
            node.warmUp(FIRST);
            long first = node.askServer("rss");
            cpu = idle(node);
            figures.figure(idleCpu, cpu, "%");
            int connected = node.connect(MOST);
            ours = (double) (node.askServer("rss") - first) / (connected - FIRST);
            say(connected + " clients are on, the server has " + node.askServer("descriptors") + " descriptors");
            long got = Arrays.stream(round(List.of(node), "all-on"))
                    .filter(millis -> millis < NEVER_MILLIS)
                    .count();
            figures.figure("clients-" + transport.name, got, "clients");
            connections = connections();
        }
        double bare;
        try (PushNode node = PushNode.measured(database, PushServerProcess.BARE, transport)) {
            node.warmUp(FIRST);
            long first = node.askServer("rss");
            double bareCpu = idle(node);
            figures.peer(idleCpu, "bare-undertow", bareCpu, "%");
            figures.ratio(idleCpu, "bare-undertow", bareCpu / cpu);
            int connected = node.connect(MOST);
            bare = (double) (node.askServer("rss") - first) / (connected - FIRST);
        }
        String name = "bytes-per-client-" + transport.name;
        figures.figure(name, ours, "bytes");
        figures.peer(name, "bare-undertow", bare, "bytes");
        figures.ratio(name, "bare-undertow", bare / ours);
        return connections;
    }

    /** Per cent of a core that the server uses while nothing changes. */
    private double idle(PushNode node) throws Exception {
        node.connect(IDLE);
        say("idle with " + IDLE + " clients");
        TimeUnit.SECONDS.sleep(BEAT_SECONDS); // each client's first beat: its code is compiled then
        long cpu = node.askServer("cpu");
        long begin = System.nanoTime();
        TimeUnit.SECONDS.sleep(IDLE_SECONDS); // that is what is measured
        return 100.0 * (node.askServer("cpu") - cpu) / (System.nanoTime() - begin);
    }

    private void allNodes() throws Exception {
        List<PushNode> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < NODES; i++) {
                nodes.add(PushNode.start(database, transport, i));
                nodes.get(i).connect(OF_EACH_NODE);
            }
            say("a change to " + NODES + " nodes with " + OF_EACH_NODE + " clients each");
            double[] millis = rounds(nodes, 2, ROUNDS_OF_ALL);
            figures.figure("fanout-all-p99-" + transport.name, Figures.percentile(99, millis), "ms");
            long got = Arrays.stream(round(nodes, "all-nodes"))
                    .filter(each -> each < NEVER_MILLIS)
                    .count();
            figures.figure("clients-3-nodes-" + transport.name, got, "clients");
        } finally {
            for (PushNode node : nodes) {
                node.close();
            }
        }
    }

    private double[] rounds(List<PushNode> nodes, int warmUp, int count) throws Exception {
        for (int i = 0; i < warmUp; i++) {
            round(nodes, "warm-up-" + i);
        }
        DoubleStream all = DoubleStream.empty();
        for (int i = 0; i < count; i++) {
            double[] millis = round(nodes, "round-" + i);
            all = DoubleStream.concat(all, Arrays.stream(millis));
        }
        return all.toArray();
    }

    /** From just before the commit until each client has it, in milliseconds. */
    private double[] round(List<PushNode> nodes, String mark) throws SQLException, IOException {
        String text = transport.name + "-" + mark + "-" + System.nanoTime();
        for (PushNode node : nodes) {
            node.askClients("expect " + text);
        }
        long begin;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            begin = System.nanoTime(); // the same clock for all processes of a machine
            statement.execute("INSERT INTO testtype (val) VALUES ('" + text + "')");
        }
        DoubleStream all = DoubleStream.empty();
        for (PushNode node : nodes) {
            all = DoubleStream.concat(
                    all,
                    Arrays.stream(node.askClients("received").split(" "))
                            .mapToLong(Long::parseLong)
                            .mapToDouble(nanos -> nanos == 0 ? NEVER_MILLIS : (nanos - begin) / 1e6));
        }
        return all.toArray();
    }

    /** Those of the server, without this one. */
    private double connections() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_stat_activity"
                        + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private void say(String text) {
        figures.say(transport.name + ": " + text);
    }
}
