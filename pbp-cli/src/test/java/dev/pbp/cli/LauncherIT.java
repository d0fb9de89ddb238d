package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/pbp-cli}: which Java it takes, when it builds, and that text survives any locale. */
class LauncherIT {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private CliProcess project() {
        return CliProcess.ofProject(folder);
    }

    private static Path script(Path file, String... lines) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A PATH with these tools and no others. */
    private Path folderOf(String... tools) throws IOException {
        for (String tool : tools) {
            script(folder.resolve("tools").resolve(tool), "PATH=/usr/bin:/bin exec " + tool + " \"$@\"");
        }
        return folder.resolve("tools");
    }

    @Test
    void runsFromAnyFolderThroughSymbolicLinks() throws Exception {
        Path first = Files.createSymbolicLink(
                folder.resolve("first"), CliProcess.projectRoot().resolve("bin/pbp-cli"));
        Files.createDirectories(folder.resolve("deep er"));
        Path second = Files.createSymbolicLink(folder.resolve("deep er/pbp"), Path.of("../first"));
        CliProcess.Ended ended = project().at(second).run("--version");
        Files.delete(first);
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).startsWith("pbp-cli ");
        assertThat(ended.status()).isZero();
    }

    @Test
    void keepsTextInAnyLocale() throws Exception {
        for (String locale : new String[] {"C", "POSIX", "de_DE.ISO-8859-1", "en_US.UTF-8"}) {
            CliProcess.Ended ended =
                    project().with("LANG", locale).with("LC_ALL", locale).run("grüße-€-😀");
            assertThat(ended.err()).as(locale).contains("'grüße-€-😀'");
            assertThat(ended.status()).as(locale).isEqualTo(ExitStatus.WRONG_USAGE);
        }
    }

    @Test
    void asksWhatWasMeant() throws Exception {
        CliProcess.Ended command = project().run("initbd", "x");
        assertThat(command.err())
                .isEqualTo("pbp-cli: there is no command 'initbd' (did you mean initdb?); see  pbp-cli --help\n");
        assertThat(command.status()).isEqualTo(ExitStatus.WRONG_USAGE);
        CliProcess.Ended option = project().run("serve", "--prot=1");
        assertThat(option.err())
                .isEqualTo("pbp-cli: there is no option '--prot' (did you mean --port?); see  pbp-cli serve --help\n");
        assertThat(option.status()).isEqualTo(ExitStatus.WRONG_USAGE);
        CliProcess.Ended help = project().run("help", "servee");
        assertThat(help.err())
                .isEqualTo("pbp-cli: there is no command 'servee' (did you mean serve?); see  pbp-cli --help\n");
        assertThat(help.status()).isEqualTo(ExitStatus.WRONG_USAGE);
    }

    @Test
    void printsTheSettingsInForceWhereverTheOptionStands() throws Exception {
        CliProcess cli = project().with("PGPASSWORD", "geheim");
        CliProcess.Ended before =
                cli.run("--url", "postgres://u@h/d", "--print-config", "serve", "other", "--port", "0");
        assertThat(before.out().replaceAll(" +", " "))
                .contains(
                        "url = postgresql://u@h:5432/other (--url)\n", "database = other (DB)\n", "port = 0 (--port)\n")
                .contains("password = .... (PGPASSWORD)\n")
                .doesNotContain("geheim");
        assertThat(before.status()).isZero();
        CliProcess.Ended json = cli.run("url", "--json", "--print-config");
        assertThat(json.out())
                .startsWith("{\"config\":{\"value\":\"none\",\"source\":\"default\"},")
                .endsWith("}\n");
        CliProcess.Ended bad = cli.with("PBP_PORT", "http").run("--print-config");
        assertThat(bad.err()).startsWith("pbp-cli: PBP_PORT: 'http' is not a port");
        assertThat(bad.status()).isEqualTo(ExitStatus.WRONG_USAGE);
    }

    @Test
    @Evidence(guarantee = "command-line", recordedAt = "LauncherIT.saysThatItsOutputCannotBeWritten")
    void endsLikeAnyProgramWhoseReaderIsGone() throws Exception {
        // The reader has closed its end before the program is started.
        CliProcess.Ended ended = project()
                .runShell(
                        "mkfifo go; { read x <go; \"$0\" --help; echo status $? >&2; } | { exec <&-; echo >go; }; rm go");
        assertThat(ended.err()).isEqualTo("status " + ExitStatus.OUTPUT_CLOSED + "\n");
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            claim =
                    "Output that cannot be written is an error with status 1; only a reader that has gone is passed over, with 141",
            brokenOnce = "Console.failed: every failure an `OutputClosed`")
    void saysThatItsOutputCannotBeWritten() throws Exception {
        for (String command : new String[] {"--help", "manual", "--print-config"}) {
            CliProcess.Ended full = project().runShell("$0 " + command + " >/dev/full");
            assertThat(full.err())
                    .as(command)
                    .isEqualTo("pbp-cli: standard output cannot be written (No space left on device)\n");
            assertThat(full.status()).as(command).isEqualTo(ExitStatus.FAILED);
        }
    }

    @Nested
    class WithoutAFittingJava {
        @Test
        void saysThatThereIsNone() throws Exception {
            Path tools = folderOf("sh", "readlink", "uname");
            CliProcess.Ended ended = project()
                    .without("JAVA_HOME")
                    .with("PATH", tools.toString())
                    .run("--version");
            assertThat(ended.err())
                    .isEqualTo("pbp-cli: no Java found: install a JDK, 17 or newer, or set JAVA_HOME to one\n");
            assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
        }

        @Test
        void namesAJavaHomeThatIsNone() throws Exception {
            CliProcess.Ended ended = project().with("JAVA_HOME", "/nowhere").run("--version");
            assertThat(ended.err()).startsWith("pbp-cli: JAVA_HOME is /nowhere, but there is no bin/java in it");
            assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
        }

        @Test
        void namesOneThatIsTooOld() throws Exception {
            script(folder.resolve("jdk11/bin/java"), "exit 99");
            Files.writeString(folder.resolve("jdk11/release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"11.0.2\"\n");
            CliProcess.Ended eleven =
                    project().with("JAVA_HOME", folder + "/jdk11").run("--version");
            assertThat(eleven.err())
                    .isEqualTo("pbp-cli: " + folder
                            + "/jdk11/bin/java is Java 11.0.2: Java 17 or newer is needed; set JAVA_HOME to one\n");
            assertThat(eleven.status()).isEqualTo(ExitStatus.FAILED);

            script(folder.resolve("jdk8/bin/java"), "echo 'openjdk version \"1.8.0_402\"' >&2");
            CliProcess.Ended eight =
                    project().with("JAVA_HOME", folder + "/jdk8").run("--version");
            assertThat(eight.err()).contains("is Java 1.8.0_402");
            assertThat(eight.status()).isEqualTo(ExitStatus.FAILED);
        }
    }

    @Nested
    class WithoutAJar {
        @SuppressWarnings("NullAway.Init")
        private Path root;

        @BeforeEach
        void copyOfTheLauncherAlone() throws IOException {
            root = folder.resolve("root");
            Files.createDirectories(root.resolve("bin"));
            Files.createDirectories(root.resolve("pbp-cli/target"));
            // In place of the folder for it: an archive for each of these jars would take seconds.
            Files.createFile(root.resolve("pbp-cli/target/start"));
            Files.copy(CliProcess.projectRoot().resolve("bin/pbp-cli"), root.resolve("bin/pbp-cli"));
        }

        private CliProcess copy() {
            return project().at(root.resolve("bin/pbp-cli"));
        }

        /** Takes the place of Maven: notes each call, takes its time, and has the project's jar for the result. */
        private CliProcess withMaven(String... lines) throws IOException {
            script(folder.resolve("maven/mvn"), lines);
            return copy().with("PATH", folder + "/maven:" + System.getenv("PATH"));
        }

        private String copyJar() {
            return "cp '" + CliProcess.projectRoot() + "/pbp-cli/target/pbp-cli.jar' pbp-cli/target/pbp-cli.jar";
        }

        @Test
        void saysThatMavenIsMissing() throws Exception {
            Path tools = folderOf("sh", "readlink", "uname");
            CliProcess.Ended ended = copy().with("PATH", tools.toString()).run("--version");
            assertThat(ended.err())
                    .startsWith("pbp-cli: Maven is missing, and " + root
                            + "/pbp-cli/target/pbp-cli.jar has yet to be built");
            assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
        }

        @Test
        void buildsItAndSaysSoInALine() throws Exception {
            CliProcess maven = withMaven("echo noise; echo noise >&2; echo \"$@\" >calls", copyJar());
            CliProcess.Ended ended = maven.run("--version");
            assertThat(ended.err().lines()).hasSize(1).first().asString().startsWith("pbp-cli: building with Maven");
            assertThat(ended.out()).startsWith("pbp-cli ");
            assertThat(ended.status()).isZero();
            assertThat(root.resolve("calls")).content().contains("-pl pbp-cli -am package");
        }

        /** Managers of Java versions put such a script first on the PATH. */
        @Test
        @Evidence(
                guarantee = "command-line",
                claim =
                        "A build by the launcher uses the Java that it will run, also where `java` is a script that calls another",
                brokenOnce = "pbp-cli, find_version: `java.home` not taken")
        void buildsWithTheJavaThatAScriptCalls() throws Exception {
            String real = System.getProperty("java.home");
            script(folder.resolve("shims/java"), "exec '" + real + "/bin/java' \"$@\"");
            CliProcess.Ended ended = withMaven("echo \"$JAVA_HOME\" >home", copyJar())
                    .without("JAVA_HOME")
                    .with("PATH", folder + "/shims:" + folder + "/maven:" + System.getenv("PATH"))
                    .run("--version");
            assertThat(ended.status()).as(ended.err()).isZero();
            assertThat(root.resolve("home")).content().isEqualTo(real + "\n");
        }

        @Test
        void showsWhatMavenSaysIfItFails() throws Exception {
            CliProcess.Ended ended = withMaven("echo the reason; exit 1").run("--version");
            assertThat(ended.err()).contains("the reason\n", "pbp-cli: the build failed");
            assertThat(ended.status()).isEqualTo(ExitStatus.FAILED);
            assertThat(withMaven(copyJar()).run("--version").status()).isZero();
        }

        @Test
        void buildsItOnceForLaunchersThatStartTogether() throws Exception {
            // The first build ends when it is told to, and by then the second launcher has said that it waits.
            Path go = Files.createDirectories(folder.resolve("go"));
            CliProcess maven =
                    withMaven("echo call >>calls", "until [ -e '" + go + "/now' ]; do sleep 0.05; done", copyJar());
            try (RunningProcess first = maven.start("--version")) {
                first.awaitErr("building with Maven");
                try (RunningProcess second = maven.start("--version")) {
                    second.awaitErr("waiting for another pbp-cli");
                    Files.createFile(go.resolve("now"));
                    assertThat(first.await().status()).isZero();
                    CliProcess.Ended ended = second.await();
                    assertThat(ended.out()).startsWith("pbp-cli ");
                    assertThat(ended.status()).isZero();
                }
            }
            assertThat(root.resolve("calls")).content().isEqualTo("call\n");
        }

        @Test
        void isNotHeldUpByALauncherThatDied() throws Exception {
            Process dead = new ProcessBuilder("true").start();
            dead.waitFor();
            Files.writeString(root.resolve("pbp-cli/target/launcher.lock"), dead.pid() + "\n");
            assertThat(withMaven(copyJar()).run("--version").status()).isZero();
            try (var left = Files.list(root.resolve("pbp-cli/target"))) {
                assertThat(left.map(file -> file.getFileName().toString()))
                        .contains("pbp-cli.jar", "launcher-build.log")
                        .noneMatch(name -> name.startsWith("launcher.lock"));
            }
        }
    }
}
