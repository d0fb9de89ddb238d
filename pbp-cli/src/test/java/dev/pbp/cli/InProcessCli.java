package dev.pbp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pbp.cli.command.ServerOptions;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.testing.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Commands run in this process: what a process would add is tested elsewhere. */
final class InProcessCli {
    private InProcessCli() {}

    static CliProcess.Ended run(TestDatabase database, String... arguments) {
        return run(Map.of("PBP_URL", database.libpqUrl()), "", arguments);
    }

    static CliProcess.Ended run(Map<String, String> environment, String input, String... arguments) {
        CapturedOutput out = new CapturedOutput();
        CapturedOutput err = new CapturedOutput();
        int status = commandLine(console(input, out, err), environment).execute(arguments);
        return new CliProcess.Ended(status, out.text(), err.text());
    }

    static CommandLine commandLine(Map<String, String> environment) {
        return commandLine(console("", new CapturedOutput(), new CapturedOutput()), environment);
    }

    private static CommandLine commandLine(Console console, Map<String, String> environment) {
        return Main.commandLine(console, new Shutdown(), new ServerOptions(environment, Path.of("")));
    }

    private static Console console(String input, CapturedOutput out, CapturedOutput err) {
        InputStream in = new ByteArrayInputStream(input.getBytes(UTF_8));
        return new Console(in, out, new PrintStream(err, true, UTF_8), Ansi.OFF, Ansi.OFF);
    }

    /** A command that ends when it has seen enough, in a thread of its own. */
    static Following start(TestDatabase database, String... arguments) {
        Following following = new Following();
        Console console = console("", following.out, following.err);
        CommandLine line = commandLine(console, Map.of("PBP_URL", database.libpqUrl()));
        Thread thread = new Thread(
                () -> {
                    int status = line.execute(arguments);
                    following.out.end();
                    following.err.end();
                    following.status.complete(status);
                },
                "a command");
        thread.start();
        return following;
    }

    /** Such a command. */
    static final class Following {
        private final CapturedOutput out = new CapturedOutput();
        private final CapturedOutput err = new CapturedOutput();
        private final CompletableFuture<Integer> status = new CompletableFuture<>();

        void awaitOut(String text) throws InterruptedException {
            out.await(text);
        }

        void awaitErr(String text) throws InterruptedException {
            err.await(text);
        }

        CliProcess.Ended await() throws Exception {
            return new CliProcess.Ended(status.get(60, TimeUnit.SECONDS), out.text(), err.text());
        }
    }

    /** What was printed, to be waited for. */
    private static final class CapturedOutput extends ByteArrayOutputStream {
        private boolean ended;

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            super.write(bytes, offset, length);
            notifyAll();
        }

        synchronized void end() {
            ended = true;
            notifyAll();
        }

        synchronized String text() {
            return toString(UTF_8);
        }

        synchronized void await(String wanted) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (!text().contains(wanted)) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (ended || left <= 0) {
                    throw new AssertionError("'" + wanted + "' was not printed; this was: " + text());
                }
                wait(left);
            }
        }
    }
}
