package dev.pbp.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * docs/reference/settings.md lists libpq's parameters and variables. With {@code -Dpbp.settings=write} that table is written.
 */
class LibpqParameterTest {
    private static final Path PAGE = Path.of("../docs/reference/settings.md");
    private static final String BEGIN = "<!-- libpq: made from LibpqParameter.java -->\n";
    private static final String END = "<!-- end -->";

    @Test
    void thePageListsAllOfThem() throws IOException {
        String table = "| parameter | variable | here |\n| --- | --- | --- |\n"
                + Arrays.stream(LibpqParameter.values())
                        .map(LibpqParameterTest::row)
                        .collect(Collectors.joining());
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        String upToDate = page.substring(0, begin) + table + page.substring(page.indexOf(END, begin));
        if ("write".equals(System.getProperty("pbp.settings"))) {
            Files.writeString(PAGE, upToDate);
            return;
        }
        assertThat(page).as("write it anew with -Dpbp.settings=write").isEqualTo(upToDate);
    }

    private static String row(LibpqParameter one) {
        return "| " + (one.isParameter() ? "`" + one.key() + "`" : "–") + " | "
                + (one.variable() == null ? "–" : "`" + one.variable() + "`") + " | " + support(one) + " |\n";
    }

    private static String support(LibpqParameter one) {
        if (one.isSupported()) {
            return "supported";
        }
        String accepted =
                one.accepted().stream().sorted().map(value -> "`" + value + "`").collect(Collectors.joining(", "));
        return "unsupported: " + one.advice() + (accepted.isEmpty() ? "" : "; accepted: " + accepted);
    }
}
