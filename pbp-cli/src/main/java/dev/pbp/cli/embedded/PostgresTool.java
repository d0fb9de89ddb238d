package dev.pbp.cli.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs one of PostgreSQL's programs to its end. */
final class PostgresTool {
    /** PostgreSQL refuses to run as root; in a user namespace of its own it does not see that it does. */
    private static final List<String> NOT_AS_ROOT = List.of("unshare", "-U");
    /** A terminal sends Ctrl-C to us and to what we started; stopping the server in order is for us alone. */
    private static final List<String> NO_INTERRUPT = List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh");

    private static final Logger LOG = System.getLogger(PostgresTool.class.getName());

    private PostgresTool() {}

    /**
     * What a program said, and how it ended.
     *
     * @param status its exit status
     * @param output both of its outputs
     */
    record Ended(int status, String output) {}

    static Ended run(String input, Path program, String... arguments) {
        List<String> command = new ArrayList<>(NO_INTERRUPT);
        if (root()) {
            command.addAll(NOT_AS_ROOT);
        }
        command.add(program.toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // The user's settings for other servers must not reach this one.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        try {
            Process process = builder.start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException unread) {
                LOG.log(Level.DEBUG, "{0} ended before it read its input; its words and status say why", program);
            }
            String output;
            try (InputStream out = process.getInputStream()) {
                output = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            }
            return new Ended(process.waitFor(), output.strip());
        } catch (IOException e) {
            throw new EmbeddedServerException(program + " cannot be run (" + e.getMessage() + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedServerException(program + ": interrupted while waiting for it", e);
        }
    }

    private static boolean root() {
        Path self = Path.of("/proc/self");
        try {
            return Files.exists(self) && Files.getAttribute(self, "unix:uid").equals(0);
        } catch (IOException e) {
            throw new EmbeddedServerException("the owner of " + self + " cannot be read (" + e + ")", e);
        }
    }
}
