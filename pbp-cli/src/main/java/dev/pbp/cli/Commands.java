package dev.pbp.cli;

import java.lang.reflect.Constructor;
import picocli.CommandLine;

/** Makes the commands, handing each what it needs of the process that it runs in. */
final class Commands implements CommandLine.IFactory {
    private final Console console;
    private final Stop stop;
    private final ServerOptions options;

    Commands(Console console, Stop stop, ServerOptions options) {
        this.console = console;
        this.stop = stop;
        this.options = options;
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
