package dev.pbp.testing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The maintainers' page of evidence, as Markdown. */
final class EvidencePage {
    private static final Pattern PROMISE = Pattern.compile("<a id=\"([a-z-]+)\"></a>\\*\\*(.+?)\\*\\*");
    private static final String HEAD = """
            # Evidence

            Which test attacks which promise of [guarantees.md](guarantees.md), and the line that was broken once to see it fail: the line
            was changed as described, the test failed, the line was restored. Generated from the tests; CONTRIBUTING.md describes how.
            """;

    private EvidencePage() {}

    /** The promises of {@code docs/guarantees.md}: id to title, in their order. */
    static Map<String, String> promises(String guarantees) {
        Map<String, String> promises = new LinkedHashMap<>();
        Matcher matcher = PROMISE.matcher(guarantees);
        while (matcher.find()) {
            promises.put(matcher.group(1), matcher.group(2).replaceAll("[.,]$", ""));
        }
        return promises;
    }

    /** The page: a table for each promise, its rows in the order of their tests' names. */
    static String of(Map<String, String> promises, List<EvidenceRecord> records) {
        StringBuilder page = new StringBuilder(HEAD);
        promises.forEach((id, title) -> {
            page.append("\n## ")
                    .append(title)
                    .append("\n\n[`")
                    .append(id)
                    .append("`](guarantees.md#")
                    .append(id);
            page.append(")\n\n| test | shows | broken once |\n| --- | --- | --- |\n");
            records.stream()
                    .filter(one -> one.guarantee().equals(id))
                    .sorted(Comparator.comparing(EvidenceRecord::test).thenComparing(EvidenceRecord::claim))
                    .forEach(one -> page.append(row(one)));
        });
        return page.toString();
    }

    private static String row(EvidenceRecord one) {
        String claim = one.claim().isEmpty() ? words(one.test()) : one.claim();
        String how = one.how().isEmpty() ? "" : " (" + one.how() + ")";
        return "| " + code(one.test()) + " | " + cell(claim + how) + " | " + cell(line(one)) + " |\n";
    }

    private static String line(EvidenceRecord one) {
        if (!one.recordedAt().isEmpty()) {
            return "see " + code(one.recordedAt());
        } else if (!one.notBroken().isEmpty()) {
            return "not broken: " + one.notBroken();
        }
        List<String> lines = new ArrayList<>();
        for (String broken : one.brokenOnce()) {
            int end = broken.indexOf(": ");
            lines.add(code(broken.substring(0, end)) + broken.substring(end));
        }
        return String.join("<br>", lines);
    }

    /** The words of a method's name, or what a test is called in JavaScript. */
    private static String words(String test) {
        int name = test.indexOf(": ");
        if (name >= 0) {
            return test.substring(name + 2);
        }
        String method = test.substring(test.lastIndexOf('.') + 1);
        String words = method.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ")
                .toLowerCase(Locale.ROOT);
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    private static String code(String test) {
        int name = test.indexOf(": ");
        return "`" + (name < 0 ? test : test.substring(0, name)) + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
