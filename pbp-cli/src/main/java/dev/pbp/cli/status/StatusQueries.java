package dev.pbp.cli.status;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs queries one after the other, and notes those that the server refuses. */
final class StatusQueries {
    /** A query, or several. */
    interface Query<T> {
        T run() throws SQLException;
    }

    private final List<String> notSeen = new ArrayList<>();

    List<String> notSeen() {
        return notSeen;
    }

    void couldNot(String what, String why) {
        notSeen.add(what + ": " + why.replaceFirst("^ERROR: ", "").replaceAll("\\s*\\R\\s*", "; "));
    }

    /** Runs a query; empty, with a note, if the server refuses it. A lost connection is thrown on. */
    <T> Optional<T> run(String what, Query<T> query) throws SQLException {
        try {
            return Optional.of(query.run());
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (state.startsWith("08") || state.startsWith("57P")) {
                throw e;
            }
            couldNot(what, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
