package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Pool;
import dev.pbp.testing.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Addresses of many shapes, right and wrong, with passwords of many characters, by every way into the tool and the libraries: no part of
 * a password is printed or logged, at whatever level. Nothing listens on the port.
 */
class SecretsTest {
    private static final String CANARY = "kanarie";

    /** A password stands for the percent sign. */
    private static final List<String> SHAPES = List.of(
            "postgres://u:%@127.0.0.1:1/d",
            "postgresql://u:%@127.0.0.1:1,127.0.0.1:1/d?sslmode=disable",
            "postgres://u:%@127.0.0.1:x/d",
            "postgres://u:%@127.0.0.1:99999/d",
            "postgres://u:%@[::1/d",
            "postgres://u:%@127.0.0.1:1/d?sslmode=odd",
            "postgres://u:%@127.0.0.1:1/d?options=%zz",
            "postgres://u:%@127.0.0.1:1/d?hostaddr=127.0.0.1",
            "postgres://u:%@/run/d",
            "postgres://127.0.0.1:1/d?user=u&password=%",
            "postgres://127.0.0.1:1/d?user=u&sslpassword=%&sslmode=disable",
            "postgres://127.0.0.1:1/d?user=u&pasword=%",
            "postgres://127.0.0.1:1/d?user=u;password=%",
            "postgres:u:%@127.0.0.1:1/d",
            "postgres//u:%@127.0.0.1:1/d",
            "mysql://u:%@127.0.0.1:1/d",
            "u:%@127.0.0.1:1/d",
            "host=127.0.0.1 port=1 user=u password=%",
            "jdbc:postgresql://127.0.0.1:1/d?user=u&password=%",
            "jdbc:postgresql://127.0.0.1:1/d?user=u;password=%",
            "jdbc:postgresql://127.0.0.1:1/d?user=u&sslpassword=%",
            "jdbc:postgresql://127.0.0.1:1/d?user=u&Password=%",
            "jdbc:postgresql://u:%@127.0.0.1:1/d",
            "jdbc:postgresql:u:%@127.0.0.1:1/d",
            "jdbc:postgresql://127.0.0.1:%/d",
            "jdbc:mysql://u:%@127.0.0.1:1/d");

    /** What separates the two halves of a password. */
    private static final List<String> SEPARATORS =
            List.of("-", "@", "/", ":", "?", "&", "#", "%", "%41", " ", ";", "=", "+", "[", "'", "\"", "ö");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final List<String> log = new ArrayList<>();
    private final Logger root = Logger.getLogger("");
    private final Level before = root.getLevel();
    private final Handler recorder = new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord line) {
            synchronized (log) {
                log.add(formatter.format(line));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void record() {
        recorder.setLevel(Level.ALL);
        root.setLevel(Level.ALL);
        root.addHandler(recorder);
    }

    @AfterEach
    void stop() {
        root.removeHandler(recorder);
        root.setLevel(before);
    }

    private static List<String> passwords() {
        List<String> passwords = new ArrayList<>();
        SEPARATORS.forEach(separator -> passwords.add(CANARY + "One" + separator + CANARY + "Two"));
        return passwords;
    }

    private static List<String> addresses() {
        List<String> addresses = new ArrayList<>();
        for (String shape : SHAPES) {
            for (String password : passwords()) {
                int at = shape.indexOf("=%") >= 0 && shape.indexOf(":%") < 0
                        ? shape.indexOf("=%") + 1
                        : shape.indexOf(":%") + 1;
                addresses.add(shape.substring(0, at) + password + shape.substring(at + 1));
            }
        }
        return addresses;
    }

    private void requireNothing(String said, String way) {
        StringBuilder all = new StringBuilder(said);
        synchronized (log) {
            log.forEach(all::append);
            log.clear();
        }
        assertThat(all.toString().toLowerCase(Locale.ROOT)).as("%s", way).doesNotContain(CANARY);
    }

    private void run(Map<String, String> environment, String address, String... arguments) {
        CliProcess.Ended ended = InProcessCli.run(environment, "", arguments);
        requireNothing(ended.out() + ended.err(), environment.keySet() + " " + List.of(arguments) + " " + address);
    }

    @Test
    @Evidence(
            guarantee = "secrets",
            claim = "No part of a password is printed or logged, whatever the shape of the address that holds it",
            brokenOnce = {
                "AddressParser.database: `@` let pass",
                "ConnectionParameters.unknown: the name always shown",
                "HostPort.portOf: the text shown"
            })
    void noWayIntoTheToolPrintsPartOfAPassword() throws IOException {
        Path file = folder.resolve("pbp.properties");
        String home = folder.toString();
        for (String address : addresses()) {
            run(Map.of("HOME", home), address, "--url=" + address, "--print-config", "status");
            run(Map.of("HOME", home, "PBP_URL", address), address, "status", "--debug");
            run(Map.of("HOME", home, "DATABASE_URL", address), address, "--print-config", "url");
            Properties line = new Properties();
            line.setProperty("url", address);
            try (var out = Files.newBufferedWriter(file)) {
                line.store(out, null);
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            run(Map.of("HOME", home, "PBP_CONFIG", file.toString()), address, "--print-config", "status");
            if (address.contains(":")) { // else it could be a name
                run(Map.of("HOME", home, "PGHOST", address), address, "--print-config", "status");
            }
            boolean first = address.startsWith("postgres://u:kanarie") && address.endsWith("@127.0.0.1:1/d");
            if (first || address.contains("://") && address.contains("One-")) {
                for (String option : List.of("db", "data", "port", "tokens", "max-clients", "config")) {
                    run(Map.of("HOME", home), address, "serve", "--" + option + "=" + address);
                }
                run(Map.of("HOME", home), address, "serve", address);
                run(Map.of("HOME", home), address, "status", address);
            }
        }
    }

    @Test
    @Evidence(guarantee = "secrets", recordedAt = "SecretsTest.noWayIntoTheToolPrintsPartOfAPassword")
    void noPoolAndNoHubLogsPartOfAPassword() {
        for (String address : addresses()) {
            Properties properties = new Properties();
            properties.setProperty("password", CANARY);
            properties.setProperty("sslpassword", CANARY);
            String said = "";
            try {
                Pool.open(address, properties, 3).close();
            } catch (RuntimeException e) {
                said = e + " " + e.getCause();
            }
            requireNothing(said, "pool: " + address);
            try {
                NotificationHub.builder(address).properties(properties).start().close();
            } catch (RuntimeException e) {
                said = e + " " + e.getCause();
            }
            requireNothing(said, "hub: " + address);
        }
    }
}
