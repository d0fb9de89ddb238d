package dev.pbp.web;

import java.util.Optional;

/** A condition of readiness. */
@FunctionalInterface
public interface Condition {
    /**
     * Checks whether it holds. Called by one thread at a time, which it may block for a few seconds.
     *
     * @return what is wrong, in a few words that name no secret; empty if it holds
     */
    Optional<String> problem();
}
