package dev.pbp.web;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Identifies clients. Called by the I/O threads, any number of them, so it must not block. Closed with the site. */
public interface Authenticator extends AutoCloseable {
    /** The credentials of a request. */
    interface Request {
        /**
         * A header.
         *
         * @param name its name
         * @return its value; null if it is missing or given more than once
         */
        @Nullable
        String header(String name);

        /**
         * A cookie.
         *
         * @param name its name
         * @return its value; null if it is missing
         */
        @Nullable
        String cookie(String name);
    }

    /**
     * Identifies the client of a request.
     *
     * @param request its credentials
     * @return the client's identity; empty to reject the request with 401
     */
    Optional<Identity> authenticate(Request request);

    /**
     * Whether an identity still holds. Asked before each message of a stream, by any thread, so it must not block.
     *
     * @param identity the object that {@link #authenticate} returned for the request
     * @return false to end the stream
     */
    default boolean isValid(Identity identity) {
        return true;
    }

    /**
     * Registers what ends the streams of identities that are not valid any more. Called once, when the site starts.
     *
     * @param action to be run whenever an identity has ceased to be valid; it does not block
     */
    default void onRevocation(Runnable action) {
        // identities hold for as long as a stream lasts
    }

    /** Frees what it holds. Does nothing unless overridden. */
    @Override
    default void close() {
        // it holds nothing
    }

    /**
     * What a rejected client is asked for.
     *
     * @return the value of the header {@code WWW-Authenticate}
     */
    String challenge();
}
