package dev.pbp.cli.terminal;

/** How the process can end. */
public final class ExitStatus {
    /** The command has succeeded. */
    public static final int DONE = 0;
    /** The command has failed; standard error says why. */
    public static final int FAILED = 1;
    /** The command line or a setting is wrong. */
    public static final int WRONG_USAGE = 2;
    /** The timeout passed before the count was met. */
    public static final int TIMED_OUT = 124;
    /** The output is a pipe whose reader has gone; as a shell reports it: 128 + SIGPIPE. */
    public static final int OUTPUT_CLOSED = 141;

    private ExitStatus() {}
}
