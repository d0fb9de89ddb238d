package dev.pbp.testing.push;

import java.time.Duration;

/** A running server that pushes the changes of the table {@code testtype}, as {@link PushConformance} sees it. */
public interface PushServer extends AutoCloseable {
    /**
     * How a server is started.
     *
     * @param heartbeat the interval in which streams send a heartbeat
     * @param clientsPerAddress how many clients of one address may wait
     */
    record Settings(Duration heartbeat, int clientsPerAddress) {
        /** Those of a server in production. */
        public static final Settings STANDARD = new Settings(Duration.ofSeconds(12), 50_000);

        /** The same with another interval. */
        public static Settings heartbeat(Duration interval) {
            return new Settings(interval, STANDARD.clientsPerAddress);
        }
    }

    /** The port on 127.0.0.1. */
    int port();

    /** How many clients wait at this moment. */
    int waiting();

    /** Asks clients to reconnect, answers what is under way, and ends. */
    @Override
    void close();
}
