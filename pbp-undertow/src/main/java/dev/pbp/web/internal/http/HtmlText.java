package dev.pbp.web.internal.http;

import java.util.Locale;

/** Writes texts of others into HTML. */
public final class HtmlText {
    private HtmlText() {}

    /**
     * Escapes a text. A parser would take a carriage return as the end of a line, so that is escaped too.
     *
     * @param text any text
     * @return as it stands in an element or in a quoted attribute
     */
    public static String escape(String text) {
        StringBuilder html = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> append(html, c));
        return html.toString();
    }

    /**
     * Escapes a text, and shows its control characters by their numbers: those of directions would show the text in another
     * order, the others not at all. The script's {@code text.js} does the same.
     *
     * @param text any text
     * @return as it stands in an element
     */
    public static String visible(String text) {
        StringBuilder html = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (isHidden(c)) {
                html.append("<span class=\"control\">U+")
                        .append(String.format(Locale.ROOT, "%04X", c))
                        .append("</span>");
            } else {
                append(html, c);
            }
        });
        return html.toString();
    }

    private static void append(StringBuilder html, int c) {
        switch (c) {
            case '&' -> html.append("&amp;");
            case '<' -> html.append("&lt;");
            case '>' -> html.append("&gt;");
            case '"' -> html.append("&quot;");
            case '\r' -> html.append("&#13;");
            default -> html.appendCodePoint(c);
        }
    }

    /** Controls but for tab and the ends of lines, and format characters but for those that join letters and emoji. */
    private static boolean isHidden(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL -> c != '\t' && c != '\n' && c != '\r';
            case Character.FORMAT -> c != 0x200C && c != 0x200D && c < 0xE0000;
            default -> false;
        };
    }
}
