package dev.pbp.cli.terminal;

/** A command that cannot do its work. The message names the thing, the cause and the next step. */
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Fails without a cause.
     *
     * @param message names the thing, the cause and the next step
     */
    public CommandException(String message) {
        super(message);
    }

    /**
     * Fails for a cause.
     *
     * @param message names the thing, the cause and the next step
     * @param cause is shown with {@code --debug}
     */
    public CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
