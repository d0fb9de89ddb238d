package dev.pbp.cli;

/** How the process can end. */
final class ExitStatus {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;
    static final int TIMED_OUT = 124;
    /** What a shell reports of a process that wrote to a pipe that nobody reads any more: 128 + SIGPIPE. */
    static final int OUTPUT_CLOSED = 141;

    private ExitStatus() {}
}
