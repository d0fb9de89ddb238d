package dev.pbp.cli.database;

import dev.pbp.cli.settings.DurationFormat;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client's session on the server.
 *
 * @param pid its process
 * @param role its role
 * @param program its {@code application_name}
 * @param database its database
 * @param address where it comes from; null if from the server's machine by a socket
 * @param state such as {@code idle in transaction}
 * @param age how long its transaction has been open
 */
public record ClientSession(
        int pid,
        String role,
        String program,
        String database,
        @Nullable String address,
        String state,
        Duration age) {
    /**
     * Describes it.
     *
     * @return process, role, program, database, address, state and age
     */
    public String described() {
        return "PID " + pid + ", " + role + (program.isEmpty() ? "" : " (" + program + ")") + " in " + database
                + (address == null ? "" : " from " + address) + ", " + state + " for " + DurationFormat.text(age);
    }

    /**
     * The statement that ends it.
     *
     * @return with its semicolon
     */
    public String terminate() {
        return "SELECT pg_terminate_backend(" + pid + ");";
    }
}
