package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.settings.Setting;
import dev.pbp.testing.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Every setting can be given in three ways, and docs/reference/settings.md lists all of them. With {@code -Dpbp.settings=write} the
 * tables of that page are written.
 */
class SettingTableTest {
    private static final Path PAGE = Path.of("../docs/reference/settings.md");
    private static final String BEGIN = "<!-- settings: made from Setting.java -->\n";
    private static final String END = "<!-- end -->";

    /** They belong to one call. */
    private static final Set<String> ARGUMENTS = Set.of(
            "--help",
            "--version",
            "--debug",
            "--print-config",
            "--json",
            "--count",
            "--timeout",
            "--long",
            "--drop",
            "--yes",
            "--watch",
            "--exclude",
            "--mtime",
            "--from",
            "--check");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static String sample(Setting setting) {
        if (setting.label().isEmpty()) {
            return "true";
        }
        return switch (setting) {
            case URL -> "postgresql://u@h:1/d";
            case PORT, MAX_CLIENTS, MAX_CLIENTS_PER_ADDRESS -> "7";
            case MAX_STATEMENT -> "16384";
            default -> "/some/thing";
        };
    }

    private static String shown(Map<String, String> environment, String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command, "--print-config"));
        arguments.addAll(List.of(more));
        if (command.equals("track")) {
            arguments.add("orders");
        }
        CliProcess.Ended ended = InProcessCli.run(environment, "", arguments.toArray(String[]::new));
        assertThat(ended.err()).isEmpty();
        return ended.out();
    }

    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "Each setting is taken from its option, its variable and its line of a file, in this order",
            brokenOnce = "ServerOptions.addTo: the settings of `serve` left out")
    void eachIsTakenFromOptionVariableAndFile() throws IOException {
        for (Setting setting : Setting.values()) {
            requireThreeWays(setting);
        }
    }

    private void requireThreeWays(Setting setting) throws IOException {
        String command = setting.command().equals("all commands") ? "serve" : setting.command();
        String value = sample(setting);
        if (setting == Setting.CONFIG) {
            value = Files.writeString(folder.resolve("pbp"), "port=1\n").toString();
        }
        String expected = setting == Setting.TLS_PASSWORD ? "...." : value;
        Map<String, String> variable = Map.of("HOME", folder.toString(), setting.variable(), value);
        assertThat(shown(variable, command)).contains(" = " + expected + "  (" + setting.variable() + ")\n");
        Map<String, String> other = Map.of("HOME", folder.toString(), setting.variable(), "other");
        assertThat(shown(other, command, setting.option() + "=" + value))
                .contains(" = " + expected + "  (" + setting.option() + ")\n");
        if (setting.isInFile()) {
            Path file = Files.writeString(folder.resolve("pbp.properties"), setting.key() + "=" + value + "\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            assertThat(shown(Map.of("HOME", folder.toString(), "PBP_CONFIG", file.toString()), command))
                    .contains(" = " + expected + "  (" + setting.key() + " in " + file + ")\n");
        }
    }

    @Test
    void everyOptionIsOneOfASettingOrBelongsToOneCall() {
        CommandLine line = InProcessCli.commandLine(Map.of());
        Set<String> known = new TreeSet<>(ARGUMENTS);
        Arrays.stream(Setting.values()).map(Setting::option).forEach(known::add);
        Set<String> there = new TreeSet<>();
        line.getCommandSpec().options().stream().map(OptionSpec::longestName).forEach(there::add);
        line.getSubcommands().values().stream()
                .flatMap(command -> command.getCommandSpec().options().stream())
                .map(OptionSpec::longestName)
                .forEach(there::add);
        assertThat(there).isEqualTo(known);
    }

    @Test
    void thePageListsAllOfThem() throws IOException {
        String table =
                "| key | option | variable | default | used by | meaning |\n| --- | --- | --- | --- | --- | --- |\n"
                        + Arrays.stream(Setting.values())
                                .map(SettingTableTest::row)
                                .collect(Collectors.joining());
        String page = Files.readString(PAGE);
        String upToDate = with(page, BEGIN, table);
        if ("write".equals(System.getProperty("pbp.settings"))) {
            Files.writeString(PAGE, upToDate);
            return;
        }
        assertThat(page).as("write it anew with -Dpbp.settings=write").isEqualTo(upToDate);
    }

    @Test
    void theHowToPagesNameNoSettingThatThereIsNot() throws IOException {
        Set<String> known = new TreeSet<>(Set.of("PBP_JAVA_OPTIONS"));
        Arrays.stream(Setting.values()).map(Setting::variable).forEach(known::add);
        try (Stream<Path> pages = Files.list(PAGE.resolveSibling("../how-to"))) {
            for (Path page : pages.toList()) {
                assertThat(Pattern.compile("PBP_[A-Z_]+")
                                .matcher(Files.readString(page))
                                .results()
                                .map(MatchResult::group))
                        .as(page.toString())
                        .allMatch(known::contains);
            }
        }
    }

    private static String with(String page, String mark, String table) {
        int begin = page.indexOf(mark) + mark.length();
        return page.substring(0, begin) + table + page.substring(page.indexOf(END, begin));
    }

    private static String row(Setting setting) {
        String value = setting.label().isEmpty() ? "" : "=" + setting.label();
        return "| " + (setting.isInFile() ? "`" + setting.key() + "`" : "–") + " | `" + setting.option() + value
                + "` | `" + setting.variable() + "` | " + setting.otherwise() + " | "
                + setting.command() + " | " + setting.meaning() + " |\n";
    }
}
