package dev.pbp.cli.command;

import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.Shutdown;
import java.lang.reflect.Constructor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;

/** Makes the commands, handing each what it needs of the process that it runs in. */
public final class CommandRegistry implements CommandLine.IFactory {
    /** In the order in which help shows them. */
    private static final Map<String, Class<?>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("serve", ServeCommand.class);
        ALL.put("initdb", InitdbCommand.class);
        ALL.put("url", UrlCommand.class);
        ALL.put("notify", NotifyCommand.class);
        ALL.put("listen", ListenCommand.class);
        ALL.put("track", TrackCommand.class);
        ALL.put("untrack", UntrackCommand.class);
        ALL.put("tail", TailCommand.class);
        ALL.put("status", StatusCommand.class);
        ALL.put("doctor", DoctorCommand.class);
        ALL.put("completion", CompletionCommand.class);
        ALL.put("manual", ManualCommand.class);
        ALL.put("help", HelpCommand.class);
    }

    /** They speak of all commands. */
    private static final Set<String> OF_ALL = Set.of("completion", "manual", "help");

    private static final Set<List<String>> OF_NONE = Set.of(List.of("--version"), List.of("-V"));

    private final Class<?> root;
    private final Console console;
    private final Shutdown shutdown;
    private final ServerOptions options;

    /**
     * Keeps what the commands use.
     *
     * @param root the class of the tool itself, above all commands
     * @param console the process's input and outputs
     * @param shutdown the signals that end a command
     * @param options shared by all commands
     */
    public CommandRegistry(Class<?> root, Console console, Shutdown shutdown, ServerOptions options) {
        this.root = root;
        this.console = console;
        this.shutdown = shutdown;
        this.options = options;
    }

    /**
     * Returns the names of all commands.
     *
     * @return in the order in which help shows them
     */
    public static Set<String> names() {
        return ALL.keySet();
    }

    /**
     * Returns the tool with the commands that a command line may mean. To create all of them would double the time of a start.
     *
     * @param arguments the command line
     * @return with no handlers yet
     */
    public CommandLine lineFor(List<String> arguments) {
        List<String> named = arguments.stream().filter(ALL::containsKey).toList();
        boolean none = OF_NONE.contains(arguments);
        boolean all = !none && named.isEmpty() || named.stream().anyMatch(OF_ALL::contains);
        CommandLine line = new CommandLine(root, this);
        options.addTo(line.getCommandSpec(), null);
        ALL.forEach((name, type) -> {
            if (all || named.contains(name)) {
                CommandLine command = new CommandLine(type, this);
                options.addTo(command.getCommandSpec(), name);
                line.addSubcommand(name, command);
            }
        });
        return line;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        Object command = null;
        if (type == ServerOptions.class) {
            command = options; // one for all: an option before the command's name holds for the command
        }
        if (command == null) {
            for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                if (constructor.getParameterCount() == 2 && constructor.getParameterTypes()[0] == Console.class) {
                    command = constructor.newInstance(console, shutdown);
                }
            }
        }
        return command == null ? CommandLine.defaultFactory().create(type) : type.cast(command);
    }
}
