package dev.pbp.cli.command;

import dev.pbp.cli.settings.Setting;
import dev.pbp.cli.terminal.ExitStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page in the language of {@code man}, out of what the commands say of themselves. */
final class ManualPage {
    private static final String EXAMPLE = "Example: ";

    private final CommandSpec root;
    private final StringBuilder roff = new StringBuilder();

    ManualPage(CommandSpec root) {
        this.root = root;
    }

    String text() {
        String name = root.name();
        line(".TH " + name.toUpperCase(Locale.ROOT) + " 1 \"\" \"" + escaped(root.version()[0]) + "\"");
        line(".nh"); // no hyphens in what is to be typed
        line(".ad l");
        section("NAME");
        line(escaped(name + " - " + description(root)));
        section("SYNOPSIS");
        line(bold(name));
        line("[\\fIOPTION\\fR ...] \\fICOMMAND\\fR [\\fIARGUMENT\\fR ...]");
        section("COMMANDS");
        commands().forEach(this::command);
        section("OPTIONS OF EVERY COMMAND");
        options(root.options());
        settings();
        statuses();
        return roff.toString();
    }

    /** Our own, each once whatever other names it has; picocli's {@code help} speaks of the terminal. */
    private Collection<CommandSpec> commands() {
        return root.subcommands().values().stream()
                .map(line -> line.getCommandSpec())
                .filter(command -> !(command.userObject() instanceof HelpCommand))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private void command(CommandSpec command) {
        Set<String> shared = new HashSet<>();
        root.options().forEach(option -> shared.add(option.longestName()));
        List<OptionSpec> own = command.options().stream()
                .filter(option -> !option.hidden() && !shared.contains(option.longestName()))
                .toList();
        StringBuilder synopsis = new StringBuilder(command.name());
        own.forEach(option -> synopsis.append(" [").append(nameOf(option)).append(']'));
        command.positionalParameters().forEach(argument -> synopsis.append(' ').append(labelOf(argument)));
        line(".SS " + escaped(synopsis.toString()));
        line(escaped(description(command)));
        List<String> examples = new ArrayList<>();
        for (String footer : command.usageMessage().footer()) {
            if (footer.startsWith(EXAMPLE)) {
                examples.add(footer.substring(EXAMPLE.length()));
            } else if (!footer.isEmpty()) {
                line(escaped(footer));
            }
        }
        command.positionalParameters()
                .forEach(argument -> entry(labelOf(argument), String.join(" ", argument.description())));
        options(own);
        examples.forEach(example -> {
            line(".PP");
            line(".RS");
            line(bold(example));
            line(".RE");
        });
    }

    private void options(List<OptionSpec> options) {
        for (OptionSpec option : options) {
            entry(
                    String.join(", ", option.names()) + (option.arity().max() > 0 ? " " + option.paramLabel() : ""),
                    String.join(" ", option.description()));
        }
    }

    private void settings() {
        section("SETTINGS");
        line(
                "Strongest first: option, environment variable, line of a settings file, default. The file is the one that");
        line("\\fB" + escaped(Setting.CONFIG.option()) + "\\fR names, else that of \\fBPBP_CONFIG\\fR, else");
        line(
                "\\fIpbp.properties\\fR in the working directory, else \\fI~/.config/pbp/pbp.properties\\fR. It is in UTF-8, and");
        line("sets these by \\fBNAME=VALUE\\fR:");
        for (Setting setting : Setting.values()) {
            if (setting.isInFile()) {
                entry(setting.key(), "Option " + setting.option() + ", variable " + setting.variable() + ".");
            }
        }
        line(".PP");
        line(
                "A server without a password in its address gets that of \\fBPGPASSWORD\\fR or \\fI~/.pgpass\\fR; at a terminal it is");
        line("asked for. \\fBNO_COLOR\\fR switches colours off.");
    }

    private void statuses() {
        section("EXIT STATUS");
        entry(String.valueOf(ExitStatus.DONE), "Done.");
        entry(String.valueOf(ExitStatus.FAILED), "Failed; standard error says why.");
        entry(String.valueOf(ExitStatus.WRONG_USAGE), "Wrong usage, or a bad setting.");
        entry(String.valueOf(ExitStatus.TIMED_OUT), "The timeout passed before the count was met.");
        entry(String.valueOf(ExitStatus.OUTPUT_CLOSED), "Nobody reads the output any more.");
    }

    private void section(String name) {
        line(".SH " + name);
    }

    private void entry(String term, String text) {
        line(".TP");
        line(bold(term));
        line(escaped(text));
    }

    private void line(String text) {
        roff.append(text).append('\n');
    }

    private static String description(CommandSpec command) {
        return String.join(" ", command.usageMessage().description());
    }

    private static String nameOf(OptionSpec option) {
        return option.longestName() + (option.arity().max() > 0 ? " " + option.paramLabel() : "");
    }

    private static String labelOf(PositionalParamSpec argument) {
        String label = argument.paramLabel() + (argument.arity().max() > 1 ? "..." : "");
        return argument.arity().min() == 0 ? "[" + label + "]" : label;
    }

    private static String bold(String text) {
        return "\\fB" + escaped(text) + "\\fR";
    }

    /** A minus is to be copied as one, a backslash is one, and a dot that begins a line is no request. */
    private static String escaped(String text) {
        String safe = text.replace("\\", "\\e").replace("-", "\\-");
        return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
    }
}
