package dev.pbp.cli.startup;

import dev.pbp.cli.Main;
import dev.pbp.cli.command.ServerOptions;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.LoggingConfiguration;
import dev.pbp.cli.terminal.Shutdown;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * Loads the classes that a short command needs, for the launcher to have the JVM write them into an archive, from which
 * later starts map them in place of reading, checking and linking each.
 *
 * <p>Commands are run as far as they come, which finds the JDK's classes; of our own and of the driver's, whole packages
 * are loaded, since the archive is cheap and a list of classes would go stale.
 */
public final class TrainingRun {
    private static final List<String> PACKAGES =
            List.of("dev/pbp/cli/", "dev/pbp/notify/", "picocli/CommandLine", "org/postgresql/", "com/ongres/");

    private TrainingRun() {}

    /**
     * Loads the classes and returns.
     *
     * @param arguments the jar's path
     * @throws IOException if the jar cannot be read, or this machine has no loopback
     */
    public static void main(String[] arguments) throws IOException {
        Path jar = Path.of(arguments[0]);
        run("--help");
        run("--version");
        try (StubPostgresServer server = StubPostgresServer.start()) {
            run("notify", "a", "b", "--url", "postgresql://warm:up@127.0.0.1:" + server.port() + "/up");
        }
        try (JarFile classes = new JarFile(jar.toFile())) {
            classes.stream().map(JarEntry::getName).filter(TrainingRun::wanted).forEach(TrainingRun::load);
        }
    }

    private static void run(String... line) {
        Console silent = new Console(
                InputStream.nullInputStream(),
                OutputStream.nullOutputStream(),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                Ansi.OFF,
                Ansi.OFF);
        LoggingConfiguration.configure();
        CommandLine command = Main.commandLine(silent, new Shutdown(), new ServerOptions(Map.of(), Path.of("")), line);
        PrintWriter nowhere = new PrintWriter(new PrintStream(OutputStream.nullOutputStream()), false);
        command.setOut(nowhere).setErr(nowhere).execute(line);
    }

    private static boolean wanted(String entry) {
        return entry.endsWith(".class") && PACKAGES.stream().anyMatch(entry::startsWith);
    }

    private static void load(String entry) {
        String name = entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
        try {
            Class.forName(name, false, TrainingRun.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError absent) {
            // It uses an optional library that the jar does not hold, so no command can need it.
            return;
        }
    }
}
