package dev.pbp.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    @Test
    void theJavaInTheReadmeIsWhatIsCompiledHere() throws IOException {
        String readme = Files.readString(Path.of("../../README.md"));
        List<String> blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(readme)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
        String program = Files.readString(Path.of("src/main/java/dev/pbp/examples/FollowTable.java"));
        assertThat(blocks).isNotEmpty().allSatisfy(block -> assertThat(program).contains(block.indent(8)));
    }
}
