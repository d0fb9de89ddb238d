package dev.pbp.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NameSuggestionTest {
    private static final List<String> COMMANDS =
            List.of("serve", "initdb", "status", "listen", "track", "untrack", "tail");

    @Test
    void takesALetterTooManyTooFewWrongOrSwapped() {
        assertThat(NameSuggestion.of("servee", COMMANDS)).containsExactly("serve");
        assertThat(NameSuggestion.of("lisen", COMMANDS)).containsExactly("listen");
        assertThat(NameSuggestion.of("trakc", COMMANDS)).containsExactly("track");
        assertThat(NameSuggestion.of("sttus", COMMANDS)).containsExactly("status");
        assertThat(NameSuggestion.of("INITDB", COMMANDS)).containsExactly("initdb");
    }

    @Test
    void putsTheNearestFirstAndNamesAtMostThree() {
        assertThat(NameSuggestion.of(
                        "orders", List.of("borders", "orders2", "order", "ordersX", "elsewhere", "ordres")))
                .hasSize(3);
        assertThat(NameSuggestion.of("untrac", List.of("untracked", "untrack"))).startsWith("untrack");
        assertThat(NameSuggestion.question("seve", COMMANDS)).isEqualTo(" (did you mean serve?)");
    }

    @Test
    void namesNothingThatIsFar() {
        assertThat(NameSuggestion.of("xyz", COMMANDS)).isEmpty();
        assertThat(NameSuggestion.of("", COMMANDS)).isEmpty();
        assertThat(NameSuggestion.question("frobnicate", COMMANDS)).isEmpty();
    }
}
