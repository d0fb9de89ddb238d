package dev.pbp.cli;

import dev.pbp.cli.settings.PostgresAddress;
import java.sql.SQLException;

/** Turns the database's errors into messages that say what to do next. */
final class DatabaseErrors {
    private DatabaseErrors() {}

    static boolean isMissingDatabase(SQLException e) {
        return "3D000".equals(e.getSQLState());
    }

    static Failure explain(SQLException e, PostgresAddress address) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        if (isMissingDatabase(e)) {
            return new Failure(
                    "database \"" + address.database() + "\" does not exist on " + servers(address)
                            + ": make it with  pbp-cli initdb " + address.database(),
                    e);
        }
        return new Failure(address + ": " + message + nextStep(state, message, address), e);
    }

    private static String nextStep(String state, String message, PostgresAddress address) {
        boolean noPassword = message.contains("no password was provided");
        return switch (state) {
            case "28P01" ->
                "; check user and password of the URL, PGPASSWORD or ~/.pgpass";
            case "28000" -> "; the server's pg_hba.conf has to admit this user, database and address";
            case "42501" -> "; ask the database's owner or a superuser for the right";
            case "53300" -> "; raise max_connections, or end sessions that are not needed";
            case "57P03" -> "; try again when it has started";
            case "08004" ->
                noPassword ? "; put the password into PGPASSWORD or ~/.pgpass" : "; check address and authentication";
            case "08001", "08006" -> "; check that a server runs at " + servers(address) + " and can be reached";
            default -> "";
        };
    }

    private static String servers(PostgresAddress address) {
        return address.hosts().toString().replace("[", "").replace("]", "");
    }
}
