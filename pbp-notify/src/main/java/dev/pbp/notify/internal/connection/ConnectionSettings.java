package dev.pbp.notify.internal.connection;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;

/**
 * How to make a listening connection and to watch it.
 *
 * @param name the hub's, for messages and as application_name
 * @param url the JDBC address
 * @param properties the driver's
 * @param heartbeatInterval after so much silence the server is asked whether it is there
 * @param heartbeatLimit how long the server may be silent when asked
 * @param clock for the times that gaps have
 */
public record ConnectionSettings(
        String name,
        String url,
        Properties properties,
        Duration heartbeatInterval,
        Duration heartbeatLimit,
        InstantSource clock) {}
