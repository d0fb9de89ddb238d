package dev.pbp.cli.status;

import dev.pbp.cli.database.ClientSession;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of things at one moment. What could not be seen is null, and said in {@code notSeen}.
 *
 * @param at when, by the server's clock
 * @param server the server
 * @param feed how the feed does; null if the database has not been initialised
 * @param log the change log; null likewise
 * @param queueUsage how full the server's notification queue is, 0 to 1
 * @param oldest the session whose transaction has been open longest on the server; null if there is none
 * @param tables the tracked tables by name
 * @param listeners the sessions known to listen in this database, longest first
 * @param notSeen what could not be looked at, and why
 */
public record Status(
        Instant at,
        ServerState server,
        @Nullable Feed feed,
        @Nullable Log log,
        @Nullable Double queueUsage,
        @Nullable ClientSession oldest,
        List<Table> tables,
        List<Listener> listeners,
        List<String> notSeen) {
    /** Copies the lists. */
    public Status {
        tables = List.copyOf(tables);
        listeners = List.copyOf(listeners);
        notSeen = List.copyOf(notSeen);
    }

    /**
     * The server.
     *
     * @param version PostgreSQL's
     * @param started when it was started
     * @param standby whether it is a standby
     * @param database the database's name
     * @param bytes the database's size
     */
    public record ServerState(String version, Instant started, boolean standby, String database, long bytes) {}

    /**
     * How the feed does, as measured now with a reader of our own.
     *
     * @param wake from a NOTIFY to its arrival on another connection; null if none came
     * @param look one look at the log's end
     * @param awakeFor how long a reader has promised to look without a wake-up; zero if all sleep
     */
    public record Feed(@Nullable Duration wake, Duration look, Duration awakeFor) {
        /**
         * How late a reader that sleeps has a change.
         *
         * @return null if no wake-up came
         */
        public @Nullable Duration lag() {
            return wake == null ? null : wake.plus(look);
        }
    }

    /**
     * The change log.
     *
     * @param rows about how many rows, as PostgreSQL's statistics count them
     * @param bytes its size with its index
     * @param oldest when the oldest change in it was made; null if it is empty
     * @param newest when the newest was made
     */
    public record Log(
            long rows,
            long bytes,
            @Nullable Instant oldest,
            @Nullable Instant newest) {}

    /**
     * A tracked table.
     *
     * @param name as readers see it
     * @param rows about how many rows, as PostgreSQL's statistics count them
     * @param bytes its size with indexes and partitions
     */
    public record Table(String name, long rows, long bytes) {}

    /**
     * A session that listens.
     *
     * @param pid its process
     * @param role its role
     * @param program its {@code application_name}, without the channels
     * @param address where it comes from; null if from this machine by a socket, or hidden
     * @param since when it connected; null if hidden
     * @param channels what it listens to, the last one {@code ...} if there are more; null if only it knows
     * @param statement its last one; null if its channels are known, or it is hidden
     */
    public record Listener(
            int pid,
            String role,
            String program,
            @Nullable String address,
            @Nullable Instant since,
            @Nullable List<String> channels,
            @Nullable String statement) {}
}
