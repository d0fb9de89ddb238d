package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The names that those of the field have replaced do not come back. */
final class VocabularyTest {
    private static final Pattern REPLACED =
            Pattern.compile("\\b(class|record|interface|enum) (Arrivals|BadSetting|Build"
                    + "|ChangeCheck|Channels|Circumstances|Commands|Databases|Door|Errors|Failure|Given|HeldRows|Hints|Hubs"
                    + "|Json|LibraryLog|Libpq|Lines|Listeners|Locks|Look|Loss|MuteServer|Nearest|Notifier|Observation|Omission"
                    + "|Parameters|Patient|Percent|PrintConfig|Printing|Programs|Progress|Question|Report|Screen|Server|Session"
                    + "|Shown|Sources|Spans|Stop|Text|Tool|Tracking|Trees|WakeUp|WarmUp)\\b");

    @Test
    void noTypeHasAReplacedName() throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(Path.of("src"))) {
            files = walk.filter(file -> file.toString().endsWith(".java")).toList();
        }
        assertThat(files).hasSizeGreaterThan(100);
        for (Path file : files) {
            assertThat(Files.readAllLines(file))
                    .as(file.toString())
                    .noneMatch(line -> REPLACED.matcher(line).find());
        }
    }
}
