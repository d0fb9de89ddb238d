package dev.pbp.cli.settings;

/** A setting that cannot be meant. The message names the setting, where it was set and what is wrong with it. */
public final class InvalidSettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what is wrong.
     *
     * @param source the option, variable or file in which the value was set
     * @param problem what is wrong and what is expected
     */
    public InvalidSettingException(String source, String problem) {
        super(source + ": " + problem);
    }
}
