package dev.pbp.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
    private static final List<String> COMMANDS =
            List.of("serve", "initdb", "status", "listen", "track", "untrack", "tail");

    @Test
    void takesALetterTooManyTooFewWrongOrSwapped() {
        assertThat(Nearest.of("servee", COMMANDS)).containsExactly("serve");
        assertThat(Nearest.of("lisen", COMMANDS)).containsExactly("listen");
        assertThat(Nearest.of("trakc", COMMANDS)).containsExactly("track");
        assertThat(Nearest.of("sttus", COMMANDS)).containsExactly("status");
        assertThat(Nearest.of("INITDB", COMMANDS)).containsExactly("initdb");
    }

    @Test
    void putsTheNearestFirstAndNamesAtMostThree() {
        assertThat(Nearest.of("orders", List.of("borders", "orders2", "order", "ordersX", "elsewhere", "ordres")))
                .hasSize(3);
        assertThat(Nearest.of("untrac", List.of("untracked", "untrack"))).startsWith("untrack");
        assertThat(Nearest.question("seve", COMMANDS)).isEqualTo(" (did you mean serve?)");
    }

    @Test
    void namesNothingThatIsFar() {
        assertThat(Nearest.of("xyz", COMMANDS)).isEmpty();
        assertThat(Nearest.of("", COMMANDS)).isEmpty();
        assertThat(Nearest.question("frobnicate", COMMANDS)).isEmpty();
    }
}
