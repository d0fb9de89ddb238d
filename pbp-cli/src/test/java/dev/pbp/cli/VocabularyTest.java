package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The names and words that those of the field have replaced do not come back. */
final class VocabularyTest {
    private static final Pattern NAMES = Pattern.compile("\\b(class|record|interface|enum) (Arrivals|BadSetting|Build"
            + "|ChangeCheck|Channels|Circumstances|Commands|Databases|Door|Errors|Failure|Given|HeldRows|Hints|Hubs"
            + "|Json|LibraryLog|Libpq|Lines|Listeners|Locks|Look|Loss|MuteServer|Nearest|Notifier|Observation|Omission"
            + "|Parameters|Patient|Percent|PrintConfig|Printing|Programs|Progress|Question|Report|Screen|Server|Session"
            + "|Shown|Sources|Spans|Stop|Text|Tool|Tracking|Trees|WakeUp|WarmUp)\\b");

    /** In comments; messages are another matter. */
    private static final Pattern WORDS = Pattern.compile(
            "^\\s*(/?\\*|//).*\\b([Tt]old|[Tt]ells?|[Tt]elling|[Ww]hoever|[Nn]obody|[Ss]omebody|[Ee]verybody)\\b");

    @Test
    void noTypeHasAReplacedName() throws IOException {
        assertThat(found(Path.of("src"), NAMES)).isEmpty();
    }

    @Test
    void commentsNameTheirSubject() throws IOException {
        assertThat(found(Path.of("src", "main", "java"), WORDS)).isEmpty();
    }

    private static List<String> found(Path root, Pattern replaced) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(root)) {
            files = walk.filter(file -> file.toString().endsWith(".java")).toList();
        }
        assertThat(files).as("sources below %s", root.toAbsolutePath()).hasSizeGreaterThan(100);
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            for (String line : Files.readAllLines(file)) {
                if (replaced.matcher(line).find()) {
                    found.add(file + ": " + line.strip());
                }
            }
        }
        return found;
    }
}
