package dev.pbp.notify;

import dev.pbp.notify.internal.payload.Utf8;

/** What PostgreSQL takes as a channel's name or as text at all, said before it is asked. */
final class Names {
    /** One less than NAMEDATALEN, in bytes. */
    static final int LONGEST_CHANNEL = 63;

    private Names() {}

    /** Returns the name if LISTEN and NOTIFY take it as it is: clients differ in how they cut longer ones. */
    static String requireChannel(String name) {
        requireName("channel", name, LONGEST_CHANNEL);
        return name;
    }

    static void requireName(String subject, String name, int longest) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException(subject + ": the name is empty");
        }
        requireCarriable(subject + " name", name);
        int length = Utf8.length(name);
        if (length > longest) {
            throw new IllegalArgumentException(subject + " \"" + shortened(name) + "\": the name has " + length
                    + " bytes in UTF-8, and at most " + longest + " are possible");
        }
    }

    static void requireCarriable(String subject, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new IllegalArgumentException(subject + " \"" + shortened(text) + "\": character " + (i + 1)
                        + " of " + text.length() + " is NUL, which PostgreSQL cannot carry in text");
            }
            if (Character.isSurrogate(c)) {
                if (Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else {
                    throw new IllegalArgumentException(subject + ": character " + (i + 1) + " of " + text.length()
                            + " is half a surrogate pair, which has no form in UTF-8");
                }
            }
        }
    }

    private static String shortened(String text) {
        String visible = text.replace('\0', '\u2400');
        return visible.length() <= 40 ? visible : visible.substring(0, 40) + "…";
    }
}
