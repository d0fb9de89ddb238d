package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tool prints for other programs to read: completion scripts and the manual page. */
class ShellIT {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** With others cmd.exe loses its labels. */
    @Test
    void theWindowsLauncherHasTheLineEndsOfWindows() throws Exception {
        String script = Files.readString(CliProcess.projectRoot().resolve("bin/pbp-cli.cmd"));
        assertThat(script.replace("\r\n", "")).doesNotContain("\n");
    }

    /** The key is pressed in a bash of its own, in which a function tells what the tool would be called with. */
    @Test
    void bashCompletesCommandsOptionsAndValues() throws Exception {
        CliProcess.Ended script = CliProcess.ofProject(folder).run("completion", "bash");
        assertThat(script.status()).isZero();
        Path file = Files.writeString(folder.resolve("completion"), script.out());
        Map<String, String> environment = Map.of("PATH", System.getenv("PATH"), "HOME", folder.toString());
        try (PseudoTerminal bash = PseudoTerminal.run("bash --norc --noprofile -i", environment, folder)) {
            bash.type("source '" + file + "'; pbp-cli() { echo \"<$*>\"; }; echo rea''dy\n");
            bash.await("ready");
            bash.type("pbp-cli initd\tx\n");
            bash.await("<initdb x>");
            bash.type("pbp-cli serve --po\t1\n");
            bash.await("<serve --port 1>");
            bash.type("pbp-cli --db a completion z\t\n");
            bash.await("<--db a completion zsh>");
            bash.type("exit\n");
            assertThat(bash.await().status()).isZero();
        }
    }

    /** Where there is no zsh this is told as skipped. */
    @Test
    void zshCompletesAtTheFirstKeyWhetherTheScriptIsSourcedOrFound() throws Exception {
        Assumptions.assumeTrue(isInstalled("zsh"), "zsh is not installed");
        CliProcess.Ended script = CliProcess.ofProject(folder).run("completion", "zsh");
        Path file = Files.writeString(
                Files.createDirectory(folder.resolve("functions")).resolve("_pbp-cli"), script.out());
        Map<String, String> environment = Map.of("PATH", System.getenv("PATH"), "HOME", folder.toString());
        for (String way : new String[] {
            "source '" + file + "'", "fpath=('" + file.getParent() + "' $fpath); autoload -U compinit; compinit -u -D"
        }) {
            try (PseudoTerminal zsh = PseudoTerminal.run("zsh -f -i", environment, folder)) {
                zsh.type(way + "; pbp-cli() { echo \"<$*>\"; }; echo rea''dy\n");
                zsh.await("ready");
                zsh.type("pbp-cli initd\tx\n");
                zsh.await("<initdb x>");
                zsh.type("pbp-cli --db a completion z\t\n");
                zsh.await("<--db a completion zsh>");
                zsh.type("exit\n");
                assertThat(zsh.await().out()).doesNotContain("not found");
            }
        }
    }

    @Test
    void zshFindsItsScriptByTheFirstLine() throws Exception {
        assertThat(CliProcess.ofProject(folder).run("completion", "zsh").out()).startsWith("#compdef pbp-cli\n");
        CliProcess.Ended other = CliProcess.ofProject(folder).run("completion", "tcsh");
        assertThat(other.status()).isEqualTo(ExitStatus.WRONG_USAGE);
        assertThat(other.err()).contains("tcsh", "bash, zsh");
    }

    /** Where there is no man, the page is at least looked at. */
    @Test
    void theManualPageNamesEveryCommandAndIsRenderedWithoutAWarning() throws Exception {
        CliProcess.Ended manual = CliProcess.ofProject(folder).run("manual");
        assertThat(manual.status()).isZero();
        assertThat(manual.out()).startsWith(".TH PBP-CLI 1 ").contains("\n.SS initdb ", "\n.SH EXIT STATUS\n");
        Path page = Files.writeString(folder.resolve("pbp-cli.1"), manual.out());
        if (isInstalled("man") && isInstalled("groff")) {
            String shown = RunningProcess.of(
                            java.util.List.of("man", "--warnings", "-l", page.toString()),
                            Map.of("PATH", System.getenv("PATH"), "LC_ALL", "C.UTF-8", "MANWIDTH", "100"),
                            Files.createTempDirectory("pbp-cwd"))
                    .await()
                    .out();
            assertThat(shown)
                    .contains("pbp-cli - Live PostgreSQL tables.", "initdb [--drop] [--yes] [--json] NAME")
                    .contains("track orders 'sales.\"Line Item\"' --exclude card_number");
        }
    }

    private static boolean isInstalled(String program) throws Exception {
        return new ProcessBuilder("sh", "-c", "command -v " + program).start().waitFor() == 0;
    }
}
