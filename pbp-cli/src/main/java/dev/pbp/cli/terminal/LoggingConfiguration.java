package dev.pbp.cli.terminal;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * How the libraries' log is shown: warnings only, a line each, on standard error.
 *
 * <p>Named by a system property, so that nothing of it is loaded before a library first logs.
 */
public final class LoggingConfiguration {
    /** Called by {@link java.util.logging.LogManager}. */
    public LoggingConfiguration() {
        Handler handler = new ConsoleHandler();
        handler.setLevel(Level.ALL);
        handler.setFormatter(new OneLine());
        Logger root = Logger.getLogger("");
        root.setLevel(Boolean.getBoolean("pbp.debug") ? Level.INFO : Level.WARNING);
        root.addHandler(handler);
    }

    /** Names this class and the JDK as what the libraries log by. To be called before a library logs. */
    public static void configure() {
        System.setProperty("java.util.logging.config.class", LoggingConfiguration.class.getName());
        // Undertow's logging would otherwise look for four other log libraries first.
        System.setProperty("org.jboss.logging.provider", "jdk");
    }

    private static final class OneLine extends Formatter {
        @Override
        public String format(LogRecord entry) {
            StringBuilder line = new StringBuilder("pbp-cli: ")
                    .append(entry.getLevel().getName().toLowerCase(Locale.ROOT))
                    .append(": ")
                    .append(formatMessage(entry));
            Throwable thrown = entry.getThrown();
            if (thrown != null) {
                line.append(" (").append(thrown).append(')');
                if (Boolean.getBoolean("pbp.debug")) {
                    StringWriter trace = new StringWriter();
                    thrown.printStackTrace(new PrintWriter(trace));
                    line.append(System.lineSeparator()).append(trace);
                }
            }
            return line.append(System.lineSeparator()).toString();
        }
    }
}
