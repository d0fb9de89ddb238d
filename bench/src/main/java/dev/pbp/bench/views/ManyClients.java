package dev.pbp.bench.views;

import dev.pbp.bench.harness.Figures;
import dev.pbp.bench.push.RoomClients;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** How soon 100 clients of event streams have a change, where a hundred times as many follow other rows, and where they are alone. */
record ManyClients(Figures figures, TestDatabase database, int rounds, int count) {
    private static final String NAME = "views-10k-fanout-p99";
    private static final int EACH = 100;
    private static final int WARM_ROUNDS = 5;
    private static final int CHANGES = 5;

    void run() throws Exception {
        int rooms = Math.max(1, count / EACH);
        figures.say("a change to " + EACH + " clients, of " + rooms * EACH + " and alone");
        List<Double> many = new ArrayList<>();
        List<Double> alone = new ArrayList<>();
        Random random = new Random(1);
        try (RoomClients ours = RoomClients.start(database, 0, 1, rooms, EACH);
                RoomClients peer = RoomClients.start(database, 1, 0, 1, EACH);
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            int number = 1_000_000;
            for (int round = -WARM_ROUNDS; round < rounds; round++) {
                List<Double> ourMillis = new ArrayList<>();
                List<Double> peerMillis = new ArrayList<>();
                for (int i = 0; i < CHANGES; i++) {
                    ourMillis.addAll(change(ours, statement, 1 + random.nextInt(rooms), ++number));
                    peerMillis.addAll(change(peer, statement, 0, ++number));
                }
                if (round >= 0) {
                    many.addAll(ourMillis);
                    alone.addAll(peerMillis);
                    figures.say("round " + (round + 1) + " of " + rounds + ": p99 " + p99(ourMillis) + " ms, alone "
                            + p99(peerMillis) + " ms");
                }
            }
        }
        figures.figure(NAME, p99(many), "ms");
        figures.peer(NAME, "alone", p99(alone), "ms");
        figures.ratio(NAME, "alone", p99(alone) / p99(many));
    }

    private static double p99(List<Double> millis) {
        return Figures.percentile(99, millis.stream().mapToDouble(each -> each).toArray());
    }

    private static List<Double> change(RoomClients clients, Statement statement, int room, int number)
            throws Exception {
        clients.expect(number);
        long begin = System.nanoTime();
        statement.execute("INSERT INTO testtype (id, val) VALUES (" + number + ", 'room-" + room + "')");
        return Arrays.stream(clients.received(EACH))
                .mapToObj(nanos -> (nanos - begin) / 1e6)
                .toList();
    }
}
