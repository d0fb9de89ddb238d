package dev.pbp.cli.settings;

import java.nio.file.Path;

/** Which server to use. */
public sealed interface ServerChoice {
    /**
     * The database to use on it.
     *
     * @return the database's name
     */
    String database();

    /**
     * The embedded server.
     *
     * @param data the directory with its data
     * @param source where the directory was set
     * @param database the database's name
     */
    record Embedded(Path data, String source, String database) implements ServerChoice {}

    /**
     * A server that runs anyway.
     *
     * @param address its address
     * @param source where the address was set
     */
    record External(PostgresAddress address, String source) implements ServerChoice {
        @Override
        public String database() {
            return address.database();
        }
    }
}
