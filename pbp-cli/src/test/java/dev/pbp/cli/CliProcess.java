package dev.pbp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The launcher as a user has it: a program to be called, seen from outside. */
final class CliProcess {
    private final Path launcher;
    private final Map<String, String> environment;

    private CliProcess(Path launcher, Map<String, String> environment) {
        this.launcher = launcher;
        this.environment = environment;
    }

    /** The project's own launcher, in an environment that names no server and a home that is not the user's. */
    static CliProcess ofProject(Path home) {
        Map<String, String> environment = new HashMap<>();
        environment.put("PATH", System.getenv("PATH"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("HOME", home.toString());
        return new CliProcess(projectRoot().resolve("bin/pbp-cli"), environment);
    }

    static Path projectRoot() {
        return Path.of(System.getProperty("pbp.root", "..")).toAbsolutePath().normalize();
    }

    CliProcess with(String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return new CliProcess(launcher, more);
    }

    CliProcess without(String name) {
        Map<String, String> fewer = new HashMap<>(environment);
        fewer.remove(name);
        return new CliProcess(launcher, fewer);
    }

    CliProcess at(Path otherLauncher) {
        return new CliProcess(otherLauncher, environment);
    }

    /** Runs it to its end, with nothing to read. */
    Ended run(String... arguments) throws Exception {
        return runWithInput("", arguments);
    }

    Ended runWithInput(String input, String... arguments) throws Exception {
        try (RunningProcess running = start(arguments)) {
            try {
                running.type(input);
                running.endInput();
            } catch (IOException ended) {
                return running.await(); // it did not read all of it: its status and what it said tell why
            }
            return running.await();
        }
    }

    /** Runs a line of the shell, to which the launcher is {@code $0}. */
    Ended runShell(String line) throws Exception {
        try (RunningProcess running = startShell(line)) {
            return running.await();
        }
    }

    /** Starts such a line. */
    RunningProcess startShell(String line) throws Exception {
        return RunningProcess.of(
                List.of("sh", "-c", line, launcher.toString()), environment, Files.createTempDirectory("pbp-cwd"));
    }

    /** Starts it without anybody who reads what it prints; what it says goes to a file. */
    Process startUnread(Path said, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(said.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    RunningProcess start(String... arguments) throws Exception {
        return RunningProcess.of(
                List.of(launcher.toString()), environment, Files.createTempDirectory("pbp-cwd"), arguments);
    }

    /** Starts it at a terminal, by the shell; the arguments are the shell's too. */
    PseudoTerminal atTerminal(String arguments) throws Exception {
        return PseudoTerminal.run("'" + launcher + "' " + arguments, environment, Path.of("/"));
    }

    /**
     * How it ended.
     *
     * @param status the exit status
     * @param out what it printed
     * @param err what it said
     */
    record Ended(int status, String out, String err) {}
}
