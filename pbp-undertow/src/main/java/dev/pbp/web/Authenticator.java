package dev.pbp.web;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Identifies clients. Called by the I/O threads, any number of them, so it must not block. */
public interface Authenticator {
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
     * What a rejected client is asked for.
     *
     * @return the value of the header {@code WWW-Authenticate}
     */
    String challenge();
}
