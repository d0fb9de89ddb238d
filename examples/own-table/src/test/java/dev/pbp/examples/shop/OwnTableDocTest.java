package dev.pbp.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OwnTableDocTest {
    @Test
    void whatIsShownIsWhatIsCompiledHere() throws IOException {
        contains("sql", Files.readString(Path.of("src/main/resources/shop/V001__orders.sql")));
        contains(
                "java",
                Files.readString(Path.of("src/main/java/dev/pbp/examples/shop/Orders.java"))
                        + Files.readString(Path.of("src/test/java/dev/pbp/examples/shop/OrdersIT.java")));
    }

    /** Line by line and in order; how far in they stand does not matter. */
    private static void contains(String language, String source) throws IOException {
        String doc = Files.readString(Path.of("../../docs/own-table.md"));
        List<String> blocks = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(doc)
                .results()
                .map(match -> flush(match.group(1)))
                .toList();
        assertThat(blocks)
                .isNotEmpty()
                .allSatisfy(block -> assertThat(flush(source)).contains(block));
    }

    private static String flush(String text) {
        return text.replaceAll("(?m)^ +", "");
    }
}
