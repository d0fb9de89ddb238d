package dev.pbp.bench.cli;

import dev.pbp.bench.harness.Benchmark;
import dev.pbp.bench.harness.Figures;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the command line tool costs: a whole process from its start to its end, launcher included, and lines through its
 * pipes.
 *
 * <p>Peers: {@code psql}, and {@code plain-java}, the same jar started by {@code java -jar} without archive and flags.
 */
public final class CliBenchmark implements Benchmark {
    private static final int ROUNDS = 15;
    private static final int WARM_UPS = 2;
    private static final int PIPE_ROUNDS = 3;
    private static final int LINES = 1_000_000;

    /** Creates it; nothing is started yet. */
    public CliBenchmark() {}

    @Override
    public void run(Figures figures) throws Exception {
        Path root = Path.of(System.getProperty("pbp.root", ".")).toAbsolutePath();
        Path folder = Files.createTempDirectory("pbp-bench");
        try (PrivateServer server =
                PrivateServer.builder().setting("fsync", "on").create()) {
            Programs programs = new Programs(root, folder, server.database());
            programs.figure(figures, "start-noop", List.of("--version"), List.of("--version"));
            programs.figure(
                    figures,
                    "start-notify",
                    List.of("notify", "bench", "a payload"),
                    List.of(server.database().libpqUrl(), "-qc", "NOTIFY bench, 'a payload'"));
            figures.figure("notify-pipe", programs.notifyPipe(figures), "lines/s");
            figures.figure("listen-pipe", programs.listenPipe(figures), "lines/s");
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    /** The programs, and the server that they work on. */
    private static final class Programs {
        private final Path folder;
        private final TestDatabase database;
        private final String launcher;
        private final List<String> plain;

        Programs(Path root, Path folder, TestDatabase database) throws Exception {
            this.folder = folder;
            this.database = database;
            this.launcher = root.resolve("bin/pbp-cli").toString();
            Path java = Path.of(System.getProperty("java.home"), "bin", "java");
            this.plain = List.of(
                    java.toString(),
                    "-jar",
                    root.resolve("pbp-cli/target/pbp-cli.jar").toString());
            millis(List.of(launcher, "--version")); // builds the jar and the archive, if they are missing
        }

        /** Ours and the peers' in alternation. */
        void figure(Figures figures, String name, List<String> ours, List<String> psqls) throws Exception {
            boolean psql = isInstalled("psql");
            if (!psql) {
                figures.say(name + ": psql is not installed, so there is no peer of that name");
            }
            double[] our = new double[ROUNDS];
            double[] java = new double[ROUNDS];
            double[] other = new double[ROUNDS];
            for (int round = -WARM_UPS; round < ROUNDS; round++) {
                figures.say(name + ", round " + (round + 1) + " of " + ROUNDS);
                int place = Math.max(0, round);
                our[place] = millis(joined(List.of(launcher), ours));
                java[place] = millis(joined(plain, ours));
                other[place] = psql ? millis(joined(List.of("psql", "-X"), psqls)) : 0;
            }
            figures.figure(name, Figures.median(our), "ms");
            figures.peer(name, "plain-java", Figures.median(java), "ms");
            figures.ratio(name, "plain-java", Figures.median(java) / Figures.median(our));
            if (psql) {
                figures.peer(name, "psql", Figures.median(other), "ms");
                figures.ratio(name, "psql", Figures.median(other) / Figures.median(our));
            }
        }

        /** Lines of a file to notifications, start and end of the process included. */
        double notifyPipe(Figures figures) throws Exception {
            Path lines = folder.resolve("lines");
            try (BufferedWriter file = Files.newBufferedWriter(lines)) {
                for (int i = 1; i <= LINES; i++) {
                    file.write("line " + i + " of many\n");
                }
            }
            double[] rates = new double[PIPE_ROUNDS];
            for (int round = 0; round < PIPE_ROUNDS; round++) {
                figures.say("notify-pipe, round " + (round + 1) + " of " + PIPE_ROUNDS);
                long begin = System.nanoTime();
                requireDone(builder(List.of(launcher, "notify", "bench", "-"))
                        .redirectInput(lines.toFile())
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.INHERIT)
                        .start());
                rates[round] = LINES / seconds(begin);
            }
            return Figures.median(rates);
        }

        /** From the commit of that many notifications to the end of the process that has printed the last of them. */
        double listenPipe(Figures figures) throws Exception {
            double[] rates = new double[PIPE_ROUNDS];
            Path printed = folder.resolve("printed");
            for (int round = 0; round < PIPE_ROUNDS; round++) {
                figures.say("listen-pipe, round " + (round + 1) + " of " + PIPE_ROUNDS);
                Process listen = builder(List.of(launcher, "listen", "bench", "--count", String.valueOf(LINES)))
                        .redirectOutput(printed.toFile())
                        .start();
                try (BufferedReader says = new BufferedReader(
                                new InputStreamReader(listen.getErrorStream(), StandardCharsets.UTF_8));
                        Connection connection = database.connect();
                        Statement statement = connection.createStatement()) {
                    String first = says.readLine();
                    if (first == null || !first.endsWith("listening")) {
                        throw new IllegalStateException("listen said: " + first);
                    }
                    connection.setAutoCommit(false);
                    statement.execute("SELECT count(*) FROM (SELECT pg_notify('bench', 'line ' || i || ' of many')"
                            + " FROM generate_series(1, " + LINES + ") i) sent");
                    long begin = System.nanoTime();
                    connection.commit();
                    requireDone(listen);
                    rates[round] = LINES / seconds(begin);
                }
                try (Stream<String> lines = Files.lines(printed)) {
                    List<String> last = lines.skip(LINES - 1L).toList();
                    if (!last.equals(List.of("bench\tline " + LINES + " of many"))) {
                        throw new IllegalStateException("listen printed other lines at the end: " + last);
                    }
                }
            }
            return Figures.median(rates);
        }

        private double millis(List<String> command) throws Exception {
            long begin = System.nanoTime();
            requireDone(builder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.INHERIT)
                    .start());
            return seconds(begin) * 1000;
        }

        private ProcessBuilder builder(List<String> command) {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().put("PBP_URL", database.libpqUrl());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            return builder;
        }

        private static void requireDone(Process process) throws InterruptedException {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(
                        process.info().commandLine().orElse("a program") + " ended with status " + process.exitValue());
            }
        }

        private static boolean isInstalled(String program) throws IOException, InterruptedException {
            return new ProcessBuilder("sh", "-c", "command -v " + program)
                            .redirectOutput(Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        }

        private static List<String> joined(List<String> first, List<String> second) {
            List<String> all = new ArrayList<>(first);
            all.addAll(second);
            return all;
        }

        private static double seconds(long begin) {
            return (System.nanoTime() - begin) / 1e9;
        }
    }
}
