package dev.pbp.cli.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Suggests a known name in place of one that was mistyped. */
public final class NameSuggestion {
    private static final int MOST = 3;

    private NameSuggestion() {}

    /**
     * The names that a few slips of the fingers turn into the one that was written, the nearest first.
     *
     * @param written what was written
     * @param known the names that there are
     * @return at most three
     */
    public static List<String> of(String written, Collection<String> known) {
        int limit = Math.max(1, written.length() / 3);
        record Near(String name, int slips) {}
        return known.stream()
                .map(name -> new Near(name, slips(lower(written), lower(name))))
                .filter(near -> near.slips <= limit)
                .sorted(Comparator.comparingInt(Near::slips).thenComparing(Near::name))
                .map(Near::name)
                .distinct()
                .limit(MOST)
                .toList();
    }

    /**
     * The question to put behind an error.
     *
     * @param written what was written
     * @param known the names that there are
     * @return {@code (did you mean …?)} behind a blank; empty if nothing is near
     */
    public static String question(String written, Collection<String> known) {
        List<String> near = of(written, known);
        return near.isEmpty() ? "" : " (did you mean " + String.join(" or ", near) + "?)";
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** How many letters to add, leave out, change or swap with their neighbour. */
    private static int slips(String a, String b) {
        int[] before = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                row[j] = Math.min(Math.min(last[j], row[j - 1]) + 1, last[j - 1] + (same ? 0 : 1));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    row[j] = Math.min(row[j], before[j - 2] + 1);
                }
            }
            int[] free = before;
            before = last;
            last = row;
            row = free;
        }
        return last[b.length()];
    }
}
