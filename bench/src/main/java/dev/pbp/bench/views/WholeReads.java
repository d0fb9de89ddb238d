package dev.pbp.bench.views;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.ChildProcess;
import dev.pbp.bench.harness.Figures;
import dev.pbp.bench.push.PushServerProcess;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/** Rows a second of a whole table that is read over HTTP, and of psql that copies the same JSON; each reader throws it away. */
record WholeReads(Figures figures, BenchmarkTables tables, int rounds, int rows) {
    private static final String NAME = "read-100k";
    private static final int WARM_ROUNDS = 5;
    private static final String COPY = "COPY (SELECT to_json(r) FROM (SELECT * FROM testtype ORDER BY id) r) TO STDOUT";

    void run() throws Exception {
        tables.empty();
        tables.execute("INSERT INTO testtype (val) SELECT 'row ' || g FROM generate_series(1, " + rows + ") g");
        tables.execute("VACUUM ANALYZE testtype");
        double[] ours = new double[rounds];
        double[] theirs = new double[rounds];
        TestDatabase database = tables.database();
        try (ChildProcess site = ChildProcess.start(
                PushServerProcess.class,
                List.of("-XX:+UseSerialGC", "-Xmx128m"),
                PushServerProcess.SITE,
                database.jdbcUrl())) {
            URI table = URI.create("http://127.0.0.1:" + site.answer() + "/api/testtype");
            HttpClient client = HttpClient.newHttpClient();
            for (int round = -WARM_ROUNDS; round < rounds; round++) {
                double our = rows / seconds(() -> get(client, table));
                double their = rows / seconds(() -> copy(database.libpqUrl()));
                if (round >= 0) {
                    ours[round] = our;
                    theirs[round] = their;
                    figures.say(NAME + ", round " + (round + 1) + " of " + rounds + ": " + Math.round(our)
                            + " rows/s, psql " + Math.round(their));
                }
            }
        }
        figures.figure(NAME, Figures.median(ours), "rows/s");
        figures.peer(NAME, "psql", Figures.median(theirs), "rows/s");
        figures.ratio(NAME, "psql", Figures.median(ours) / Figures.median(theirs));
    }

    private interface Read {
        void run() throws IOException, InterruptedException;
    }

    private static double seconds(Read read) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        read.run();
        return (System.nanoTime() - begin) / 1e9;
    }

    private static void get(HttpClient client, URI table) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                client.send(HttpRequest.newBuilder(table).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            long bytes = body.transferTo(OutputStream.nullOutputStream());
            if (response.statusCode() != 200 || bytes == 0) {
                throw new IOException(table + ": status " + response.statusCode() + ", " + bytes + " bytes");
            }
        }
    }

    private static void copy(String url) throws IOException, InterruptedException {
        Process psql = new ProcessBuilder("psql", "-XqAt", url, "-c", COPY)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (psql.waitFor() != 0) {
            throw new IOException("psql: ended with status " + psql.exitValue());
        }
    }
}
