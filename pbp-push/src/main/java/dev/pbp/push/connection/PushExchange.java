package dev.pbp.push.connection;

import dev.pbp.core.model.Principal;
import dev.pbp.push.http.Problem;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A request to subscribe, and its response, as a server's adapter gives them. Used by one thread at a time. */
public interface PushExchange {
    /**
     * The request's method.
     *
     * @return in upper case
     */
    String method();

    /**
     * The values of a header.
     *
     * @param name the header's name
     * @return one for each time that it is given; empty if it is missing
     */
    List<String> headers(String name);

    /**
     * The names of the query parameters.
     *
     * @return decoded, in any order
     */
    Set<String> parameterNames();

    /**
     * The values of a query parameter.
     *
     * @param name the parameter's name
     * @return decoded, one for each time that it is given; empty if it is missing
     */
    List<String> parameters(String name);

    /**
     * The client's address.
     *
     * @return null if the client has closed the connection
     */
    @Nullable
    InetAddress address();

    /**
     * The client to the database.
     *
     * @return its role and settings
     */
    Principal principal();

    /**
     * Whether the client may subscribe to a channel that is offered.
     *
     * @param channel the channel's name
     * @return true unless the client's credentials exclude it
     */
    default boolean mayListen(String channel) {
        return true;
    }

    /**
     * Checks, at any time after the request, that the client's credentials still hold. Asked before each message, by any thread.
     *
     * @return gives null while they hold, else the reason for which the subscription ends
     */
    default Supplier<@Nullable Problem> revocation() {
        return () -> null;
    }

    /**
     * Leaves the request open while something is looked up.
     *
     * @param lookup runs once the server's handler has returned; must not block
     */
    void suspend(Runnable lookup);

    /**
     * Goes on with a request that was suspended.
     *
     * @param action runs where the server's handler would; may throw
     */
    void resume(Runnable action);

    /**
     * Opens a connection to the client.
     *
     * @param transport any but {@link Transport#LISTEN}
     * @param subscribe receives the connection once it can send
     * @throws Problem if the request is not what the transport needs
     */
    void open(Transport transport, Consumer<ClientConnection> subscribe);

    /**
     * Registers an action for the end of the exchange: once the response is sent or the client is gone; for a WebSocket once its
     * connection is closed.
     *
     * @param transport the transport that the request asks for
     * @param action may run on any thread, and must not block
     */
    void onComplete(Transport transport, Runnable action);

    /**
     * Sends a response that must not be cached.
     *
     * @param contentType its type
     * @param body its content
     */
    void respond(String contentType, String body);

    /**
     * Sends an error response.
     *
     * @param failure as for {@link Problem#of}
     */
    void fail(Throwable failure);
}
