package dev.pbp.cli.database;

import dev.pbp.cli.settings.PostgresAddress;
import dev.pbp.cli.terminal.CommandException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.sql.SQLException;

/** Turns the database's errors into messages that say what to do next. */
public final class DatabaseErrors {
    private DatabaseErrors() {}

    /**
     * Whether the server answers, but has no such database.
     *
     * @param e the database's error
     * @return whether it is that
     */
    public static boolean isMissingDatabase(SQLException e) {
        return "3D000".equals(e.getSQLState());
    }

    /**
     * An error's two halves.
     *
     * @param cause what and why
     * @param nextStep what to do; empty if that is not known
     */
    public record Explained(String cause, String nextStep) {}

    /**
     * Makes an error of a command.
     *
     * @param e the database's
     * @param address what was connected to
     * @return cause and next step in one message
     */
    public static CommandException explain(SQLException e, PostgresAddress address) {
        Explained explained = explained(e, address);
        return new CommandException(
                explained.cause() + (explained.nextStep().isEmpty() ? "" : "; " + explained.nextStep()), e);
    }

    /**
     * Explains an error.
     *
     * @param e the database's
     * @param address what was connected to
     * @return cause and next step
     */
    public static Explained explained(SQLException e, PostgresAddress address) {
        if (isMissingDatabase(e)) {
            return new Explained(
                    "database \"" + address.database() + "\" does not exist on " + servers(address),
                    "make it with  pbp-cli initdb " + address.database());
        }
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String message = message(e);
        return new Explained(address + ": " + message, nextStep(state, message, address));
    }

    /** The database's words; those of a failed connection only say so, and their cause says why. */
    private static String message(SQLException e) {
        String message = String.valueOf(e.getMessage()).strip();
        String whole = message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
        Throwable cause = e.getCause();
        if (cause instanceof UnknownHostException unknown) {
            return "no host is known by the name " + unknown.getMessage();
        }
        return cause instanceof IOException && !message.contains(String.valueOf(cause.getMessage()))
                ? whole + " (" + cause.getMessage() + ")"
                : whole;
    }

    private static String nextStep(String state, String message, PostgresAddress address) {
        boolean noPassword = message.contains("no password was provided");
        return switch (state) {
            case "28P01" -> "check user and password of the URL, PGPASSWORD or ~/.pgpass";
            case "28000" -> "the server's pg_hba.conf has to admit this user, database and address";
            case "42501" -> "ask the database's owner or a superuser for the right";
            case "25006" ->
                message.contains("default_transaction_read_only")
                        ? ""
                        : "the server is a standby, or default_transaction_read_only is on for this role, database or server";
            case "57014" -> "if nobody cancelled it, raise statement_timeout for this role";
            case "57P05" -> "set idle_session_timeout = 0 for this role";
            case "53300" -> "raise max_connections, or end sessions that are not needed";
            case "57P03" -> "try again when it has started";
            case "08004" ->
                noPassword ? "put the password into PGPASSWORD or ~/.pgpass" : "check address and authentication";
            case "08001", "08006" -> "check that a server runs at " + servers(address) + " and can be reached";
            default -> "";
        };
    }

    static String servers(PostgresAddress address) {
        return address.hosts().toString().replace("[", "").replace("]", "");
    }
}
