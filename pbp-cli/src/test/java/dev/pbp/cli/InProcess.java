package dev.pbp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pbp.testing.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/** Commands run in this process: what a process would add is tested elsewhere. */
final class InProcess {
    private InProcess() {}

    static Cli.Ended run(TestDatabase database, String... arguments) {
        return run(Map.of("PBP_URL", database.libpqUrl()), "", arguments);
    }

    static Cli.Ended run(Map<String, String> environment, String input, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                out,
                new PrintStream(err, true, UTF_8),
                Ansi.OFF,
                Ansi.OFF);
        int status = Main.commandLine(console, new Stop(), new ServerOptions(environment, Path.of("")))
                .execute(arguments);
        return new Cli.Ended(status, out.toString(UTF_8), err.toString(UTF_8));
    }
}
