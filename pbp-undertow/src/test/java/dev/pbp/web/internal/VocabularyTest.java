package dev.pbp.web.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The words that the glossary has replaced do not come back. */
final class VocabularyTest {
    private static final Path THIS = Path.of("VocabularyTest.java");

    /** Former names of classes. */
    private static final Pattern REPLACED_NAMES = Pattern.compile("\\b(Outlet|ExchangeOutlet|CountedOutlet|Following"
            + "|ChangesFollowing|ChannelsFollowing|Entrance|Rights|Gate|Guard|Deadlines|Due|Answers|Way"
            + "|SilenceWatch|Ending|ReadToItsEnd|GoneWatch|ExchangeWatch|BodyWatch|AnswerWatch|ChannelPlace|ChannelNews"
            + "|Encodings|Bodies|ChannelWriter|WebSocketStream)\\b");

    /** A comment names its subject, and uses the verbs of the trade. */
    private static final Pattern REPLACED_WORDS = Pattern.compile(
            "(\\*|//).*\\b([Tt]old|[Tt]ells?|[Tt]elling|[Ww]hoever|[Nn]obody|[Ss]omebody|[Ee]verybody)\\b");

    @Test
    void theSourcesUseNoReplacedNameAndTheMainSourcesNoReplacedWord() throws IOException {
        List<String> found = new ArrayList<>();
        search(Path.of("src", "main", "java"), found, REPLACED_NAMES, REPLACED_WORDS);
        search(Path.of("src", "test", "java"), found, REPLACED_NAMES);
        assertThat(found).isEmpty();
    }

    private static void search(Path root, List<String> found, Pattern... replaced) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(root)) {
            files = walk.filter(file -> file.toString().endsWith(".java") && !file.endsWith(THIS))
                    .toList();
        }
        assertThat(files).as("sources below %s", root.toAbsolutePath()).hasSizeGreaterThan(20);
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
    }
}
