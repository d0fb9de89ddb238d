package dev.pbp.cli.embedded;

/** What to do about failures of PostgreSQL's programs that have a known cause. */
final class FailureHints {
    private FailureHints() {}

    static String forRoot(String output) {
        boolean root = output.contains("cannot be run as root") || output.contains("unshare");
        return root
                ? " (PostgreSQL does not run as root, and 'unshare -U' is not to be had here:"
                        + " run as another user, or name a server with --url)"
                : "";
    }
}
