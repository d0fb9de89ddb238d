package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is different at a terminal: passwords are asked for, and colours shown. */
class TerminalIT {
    private static final String ESCAPE = "\u001b[";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private CliProcess cli;

    @BeforeEach
    void project() {
        cli = CliProcess.ofProject(folder);
    }

    @Nested
    class Colours {
        @Test
        void areShownAtATerminalOnly() throws Exception {
            assertThat(cli.run("--help").out()).contains("Usage:").doesNotContain(ESCAPE);
            assertThat(atTerminal(cli, "--help")).contains("Usage:", ESCAPE);
            assertThat(atTerminal(cli, "--help | cat")).contains("Usage:").doesNotContain(ESCAPE);
            assertThat(atTerminal(cli, "nonsense | cat")).contains(ESCAPE, "there is no command 'nonsense'");
            assertThat(atTerminal(cli, "nonsense 2>&1 | cat")).doesNotContain(ESCAPE);
        }

        @Test
        void areNotShownWhereTheyAreUnwanted() throws Exception {
            assertThat(atTerminal(cli.with("NO_COLOR", "1"), "--help")).doesNotContain(ESCAPE);
            assertThat(atTerminal(cli.with("NO_COLOR", ""), "--help")).contains(ESCAPE);
            assertThat(atTerminal(cli.with("TERM", "dumb"), "--help")).doesNotContain(ESCAPE);
        }

        private String atTerminal(CliProcess program, String arguments) throws Exception {
            try (PseudoTerminal terminal = program.atTerminal(arguments)) {
                return terminal.await().out();
            }
        }
    }

    @Nested
    class APassword {
        private CliProcess withServer(PrivateServer server, String user) {
            return cli.with("PBP_URL", "postgresql://" + user + "@127.0.0.1:" + server.port() + "/postgres");
        }

        @Test
        @Evidence(
                guarantee = "secrets",
                claim = "A password that is typed is not shown",
                brokenOnce = "Prompt.password: `readLine` in place of `readPassword`")
        void isAskedForIfTheServerWantsOneAndNeverShown() throws Exception {
            Path rules = folder.resolve("pg_hba.conf");
            Files.writeString(rules, "host all pbp_guest all scram-sha-256\nhost all all all trust\n");
            try (PrivateServer server = PrivateServer.builder()
                    .setting("hba_file", rules.toString())
                    .create()) {
                try (Connection connection = server.database().connect();
                        Statement statement = connection.createStatement()) {
                    statement.execute("CREATE ROLE pbp_guest LOGIN PASSWORD 'geheim'");
                }
                CliProcess guest = withServer(server, "pbp_guest");
                String prompt = "Password for user pbp_guest on 127.0.0.1:" + server.port() + ": ";

                try (PseudoTerminal terminal = guest.atTerminal("notify hello x")) {
                    terminal.await(prompt);
                    terminal.type("geheim\n");
                    CliProcess.Ended ended = terminal.await();
                    assertThat(ended.out()).isEqualTo(prompt + "\n");
                    assertThat(ended.status()).isZero();
                }
                // The hub has to log in too, with what was typed for the first connection.
                try (PseudoTerminal terminal = guest.atTerminal("listen hello --count 1")) {
                    terminal.await(prompt);
                    terminal.type("geheim\n");
                    terminal.await("listening");
                    assertThat(withServer(server, "postgres")
                                    .run("notify", "hello", "to the hub")
                                    .status())
                            .isZero();
                    CliProcess.Ended ended = terminal.await();
                    assertThat(ended.out()).contains("hello\tto the hub").doesNotContain("geheim");
                    assertThat(ended.status()).isZero();
                }
                try (PseudoTerminal terminal = guest.atTerminal("notify hello x")) {
                    terminal.await(prompt);
                    terminal.type("falsch\n");
                    CliProcess.Ended ended = terminal.await();
                    assertThat(ended.out())
                            .contains("password authentication failed", "~/.pgpass")
                            .doesNotContain("falsch");
                    assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
                }
                try (PseudoTerminal terminal = withServer(server, "postgres").atTerminal("notify hello x")) {
                    assertThat(terminal.await().out())
                            .as("trust asks for nothing")
                            .isEmpty();
                }
                CliProcess.Ended nobody = guest.run("notify", "hello", "x");
                assertThat(nobody.err()).contains("put the password into PGPASSWORD or ~/.pgpass");
                assertThat(nobody.status()).isEqualTo(ExitStatus.FAILED);
                assertThat(guest.with("PGPASSWORD", "geheim")
                                .run("notify", "hello", "x")
                                .status())
                        .isZero();
            }
        }
    }
}
