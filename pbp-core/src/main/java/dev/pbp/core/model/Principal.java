package dev.pbp.core.model;

import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who reads and writes: a database role, whose grants and row-level security hold, and settings that its policies may read with
 * {@code current_setting}. Two are equal if they have the same role and the same settings; to the database they are one.
 *
 * @param role the role's name as PostgreSQL knows it: not folded, not in quotes; null for the application's own
 * @param settings PostgreSQL's customized options, such as {@code request.jwt.claims}, and their values: at most
 *     {@value #MAX_SETTINGS}, and {@value #MAX_LENGTH} characters in all
 */
public record Principal(@Nullable String role, Map<String, String> settings) {
    /** The greatest number of settings. */
    public static final int MAX_SETTINGS = 32;

    /** The greatest length of all names and values, in characters. */
    public static final int MAX_LENGTH = 16_384;

    /** The application itself: its own role, without settings. */
    public static final Principal APPLICATION = new Principal(null, Map.of());

    private static final Pattern CUSTOMIZED = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*(\\.[A-Za-z_][A-Za-z0-9_$]*)+");

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if the role has no name or that of none, if a setting is not a customized option, whose name
     *     has a dot, if a value has a character 0, or if there is too much
     */
    public Principal {
        if (role != null && (role.isEmpty() || role.equals("none"))) {
            // To PostgreSQL, none is no role but the way back to the one that logged in, also in quotes.
            throw new IllegalArgumentException("\"" + role + "\" is not a role");
        }
        int length = 0;
        for (Map.Entry<String, String> each : settings.entrySet()) {
            if (!CUSTOMIZED.matcher(each.getKey()).matches()) {
                throw new IllegalArgumentException("setting \"" + each.getKey()
                        + "\": expected the name of a customized option, such as app.tenant: words with dots between");
            }
            if (each.getValue().indexOf('\0') >= 0) {
                throw new IllegalArgumentException("setting \"" + each.getKey() + "\": the value has a character 0");
            }
            length += each.getKey().length() + each.getValue().length();
        }
        if (settings.size() > MAX_SETTINGS || length > MAX_LENGTH) {
            throw new IllegalArgumentException("settings: expected at most " + MAX_SETTINGS + " of " + MAX_LENGTH
                    + " characters in all, got " + settings.size() + " of " + length);
        }
        settings = Map.copyOf(settings);
    }

    /**
     * A role without settings.
     *
     * @param role the role's name as PostgreSQL knows it; null for the application's own
     * @return the principal
     * @throws IllegalArgumentException if no role can have this name
     */
    public static Principal of(@Nullable String role) {
        return role == null ? APPLICATION : new Principal(role, Map.of());
    }

    /**
     * Whether this is the application itself.
     *
     * @return true for {@link #APPLICATION}, and for any that equals it
     */
    public boolean isApplication() {
        return role == null && settings.isEmpty();
    }

    /** Names the role; the settings may hold what is not for a log. */
    @Override
    public String toString() {
        return role == null ? "the application's role" : "role \"" + role + "\"";
    }
}
