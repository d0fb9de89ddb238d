package dev.pbp.web;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says who asks. Called by the I/O threads, any number of them, so it must not block. */
public interface Authenticator {
    /** What a request bears. */
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
     * Looks at a request.
     *
     * @param request what it bears
     * @return who asks; empty to refuse, which is answered 401
     */
    Optional<Identity> authenticate(Request request);

    /**
     * What a refused client is asked for.
     *
     * @return the value of the header {@code WWW-Authenticate}
     */
    String challenge();
}
