package dev.pbp.cli;

import java.lang.reflect.Constructor;
import java.util.Map;
import picocli.CommandLine;

/** Makes the commands, handing each what it needs of the process that it runs in. */
final class Commands implements CommandLine.IFactory {
    private final Console console;
    private final Stop stop;
    private final Map<String, String> environment;

    Commands(Console console, Stop stop, Map<String, String> environment) {
        this.console = console;
        this.stop = stop;
        this.environment = environment;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        Object command = null;
        if (type == ServerOptions.class) {
            command = new ServerOptions(environment);
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
