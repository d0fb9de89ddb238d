/** A LISTEN/NOTIFY multiplexer for PostgreSQL: one connection, any number of channels, nothing lost silently. */
module dev.pbp.notify {
    requires transitive java.sql;
    requires org.postgresql.jdbc;
    requires java.naming; // the supertypes of the driver's data sources
    requires static org.jspecify;
    requires static micrometer.core;

    exports dev.pbp.notify;
    // The driver makes these two socket factories by their names.
    exports dev.pbp.notify.internal.socket to
            org.postgresql.jdbc;
}
