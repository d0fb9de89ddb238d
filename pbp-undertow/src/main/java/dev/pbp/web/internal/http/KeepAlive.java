package dev.pbp.web.internal.http;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.nio.channels.ServerSocketChannel;
import jdk.net.ExtendedSocketOptions;

/**
 * The kernel's times for TCP keep-alive: it probes a silent client, and closes its connection after 10 + 2 × 5 seconds. The
 * machine's own times are more than two hours. They are set on the listening socket, from which Linux copies them to all
 * connections that it accepts.
 *
 * <p>XNIO has no option for them, and keeps the socket in private fields:
 * docs/decisions/0008-keep-alive-times.md.
 */
public final class KeepAlive {
    private static final Logger LOG = System.getLogger(KeepAlive.class.getName());
    private static final int IDLE_SECONDS = 10;
    private static final int INTERVAL_SECONDS = 5;
    private static final int PROBES = 2;

    private KeepAlive() {}

    /**
     * Sets the times, or logs a warning that they are the machine's.
     *
     * @param server a server that has started
     * @param tls whether its listener uses TLS
     */
    public static void set(HttpServer server, boolean tls) {
        try {
            ServerSocketChannel socket = socket(server, tls);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, IDLE_SECONDS);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, INTERVAL_SECONDS);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError | IOException e) {
            LOG.log(
                    Level.WARNING,
                    "site: keep-alive times are the machine''s: a long poll whose network swallows everything is noticed"
                            + " only when its wait is over: {0}",
                    e.toString());
        }
    }

    private static ServerSocketChannel socket(HttpServer server, boolean tls) throws ReflectiveOperationException {
        Object listener = server.accepting();
        Object queued = tls ? field(listener, "tcpServer") : listener;
        return (ServerSocketChannel) field(field(queued, "realServer"), "channel");
    }

    private static Object field(Object holder, String name) throws ReflectiveOperationException {
        Field field = holder.getClass().getDeclaredField(name);
        field.setAccessible(true);
        Object value = field.get(holder);
        if (value == null) {
            throw new NoSuchFieldException(name + " of " + holder.getClass() + " is null");
        }
        return value;
    }
}
