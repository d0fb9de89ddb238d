package dev.pbp.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The words that the glossary has replaced do not come back into a module's sources. A module's test extends it. */
public abstract class VocabularyRules {
    /** "Reported" and its like say it; a comment names its subject. */
    private static final String REPLACED_WORDS =
            "\\b([Tt]old|[Tt]ells?|[Tt]elling|[Ww]hoever|[Nn]obody|[Ss]omebody|[Ee]verybody)\\b";

    /** Where the module's sources do without the replaced words. */
    protected enum Where {
        /** In comments; messages have them still. */
        COMMENTS("(\\*|//).*"),
        /** Also in messages. */
        EVERYWHERE("");

        private final Pattern words;

        Where(String before) {
            words = Pattern.compile(before + REPLACED_WORDS);
        }
    }

    private final Where where;
    private final int leastSources;
    private final Pattern replacedNames;

    /**
     * Takes the names.
     *
     * @param where where the replaced words do not occur
     * @param leastSources how many files the module has at least; guards against a search in the wrong place
     * @param replacedNames former names of classes
     */
    protected VocabularyRules(Where where, int leastSources, String... replacedNames) {
        this.where = where;
        this.leastSources = leastSources;
        this.replacedNames = Pattern.compile("\\b(" + String.join("|", replacedNames) + ")\\b");
    }

    @Test
    void theSourcesUseNoReplacedNameAndTheMainSourcesNoReplacedWord() throws IOException {
        List<String> found = new ArrayList<>();
        int sources = search(Path.of("src", "main", "java"), found, replacedNames, where.words)
                + search(Path.of("src", "test", "java"), found, replacedNames);
        assertThat(sources).as("sources below %s", Path.of("").toAbsolutePath()).isGreaterThanOrEqualTo(leastSources);
        assertThat(found).isEmpty();
    }

    private static int search(Path root, List<String> found, Pattern... replaced) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(root)) {
            files = walk.filter(file -> file.toString().endsWith(".java") && !file.endsWith("VocabularyTest.java"))
                    .toList();
        }
        for (Path file : files) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                for (Pattern pattern : replaced) {
                    if (pattern.matcher(lines.get(i)).find()) {
                        found.add(file + ":" + (i + 1) + ": " + lines.get(i).strip());
                    }
                }
            }
        }
        return files.size();
    }
}
