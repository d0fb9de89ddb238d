package dev.pbp.cli;

import java.lang.reflect.Constructor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;

/** Makes the commands, handing each what it needs of the process that it runs in. */
final class Commands implements CommandLine.IFactory {
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

    private final Console console;
    private final Stop stop;
    private final ServerOptions options;

    Commands(Console console, Stop stop, ServerOptions options) {
        this.console = console;
        this.stop = stop;
        this.options = options;
    }

    static Set<String> names() {
        return ALL.keySet();
    }

    /** The tool with the commands that a command line may mean; all of them would take as long as the rest of the start. */
    CommandLine lineFor(List<String> arguments) {
        List<String> named = arguments.stream().filter(ALL::containsKey).toList();
        boolean none = OF_NONE.contains(arguments);
        boolean all = !none && named.isEmpty() || named.stream().anyMatch(OF_ALL::contains);
        CommandLine line = new CommandLine(PbpCli.class, this);
        ALL.forEach((name, type) -> {
            if (all || named.contains(name)) {
                line.addSubcommand(name, new CommandLine(type, this));
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
                    command = constructor.newInstance(console, stop);
                }
            }
        }
        return command == null ? CommandLine.defaultFactory().create(type) : type.cast(command);
    }
}
