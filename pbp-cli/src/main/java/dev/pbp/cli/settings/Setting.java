package dev.pbp.cli.settings;

import org.jspecify.annotations.Nullable;

/** The things that can be set, with the names they have in each place. */
public enum Setting {
    /** The file with further settings. */
    CONFIG("--config", "PBP_CONFIG", null),
    /** The server's address. */
    URL("--url", "PBP_URL", null),
    /** The database's name. */
    DB("--db", null, null),
    /** The embedded server's directory. */
    DATA("--data", "PBP_DATA", null),
    /** The HTTP port. */
    PORT("--port", "PBP_PORT", "8888"),
    /** The address that HTTP listens on. */
    BIND("--bind", "PBP_BIND", "127.0.0.1"),
    /** The NOTIFY channels that browsers may see. */
    CHANNELS("--channels", "PBP_CHANNELS", "hello"),
    /** The size above which a statement logs that its table must be refetched. */
    MAX_STATEMENT("--max-statement", "PBP_MAX_STATEMENT", null);

    private final String option;
    private final @Nullable String variable;
    private final @Nullable String fallback;

    Setting(String option, @Nullable String variable, @Nullable String fallback) {
        this.option = option;
        this.variable = variable;
        this.fallback = fallback;
    }

    /**
     * The command line option.
     *
     * @return the name with its dashes
     */
    public String option() {
        return option;
    }

    /**
     * The environment variable.
     *
     * @return its name; null if there is none
     */
    public @Nullable String variable() {
        return variable;
    }

    /**
     * The key in a file of settings, and the name by which it is shown.
     *
     * @return the option's name without its dashes
     */
    public String key() {
        return option.substring(2);
    }

    /** What has no environment variable belongs to one call alone, and so not into a file either. */
    boolean isInFile() {
        return variable != null && this != CONFIG;
    }

    @Nullable
    String fallback() {
        return fallback;
    }
}
