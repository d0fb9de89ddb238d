package dev.pbp.web;

import io.undertow.Undertow;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import jdk.net.ExtendedSocketOptions;

/**
 * When the kernel asks a client that is silent whether it is still there, and when it gives it up: after 10 + 2 × 5 seconds. The
 * machine's own times are more than two hours. They are set on the listening socket, from which Linux hands them on to all that
 * it accepts.
 *
 * <p>Neither Undertow nor XNIO has an option for them, and both keep the socket in private fields:
 * docs/decisions/0008-keep-alive-times.md.
 */
final class KeepAlive {
    private static final Logger LOG = System.getLogger(KeepAlive.class.getName());
    private static final int IDLE_SECONDS = 10;
    private static final int INTERVAL_SECONDS = 5;
    private static final int PROBES = 2;

    private KeepAlive() {}

    /**
     * Sets the times, or says in the log that they are the machine's.
     *
     * @param server a server that has started, with one listener
     */
    static void set(Undertow server, boolean tls) {
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

    private static ServerSocketChannel socket(Undertow server, boolean tls) throws ReflectiveOperationException {
        Object listener = ((List<?>) field(server, "channels")).get(0);
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
