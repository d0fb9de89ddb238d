package dev.pbp.cli;

/** A command that cannot do its work. The message names the thing, the cause and the next step. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
        super(message);
    }

    Failure(String message, Throwable cause) {
        super(message, cause);
    }
}
