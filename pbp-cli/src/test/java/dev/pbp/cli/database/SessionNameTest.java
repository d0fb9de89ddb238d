package dev.pbp.cli.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "command-line",
        claim = "The channels that a session of pbp listens to can be read from its name",
        brokenOnce = "SessionName.of: channels not encoded")
class SessionNameTest {
    private static List<String> readBack(String... channels) {
        return SessionName.read(SessionName.of("pbp-cli listen", List.of(channels)))
                .orElseThrow()
                .channels();
    }

    @Test
    void keepsNamesOfAnyKind() {
        assertThat(SessionName.of("pbp-cli listen", List.of("a", "my orders")))
                .isEqualTo("pbp-cli listen: a, my orders");
        assertThat(readBack("grüße", "a, b", "50 %", "%41")).containsExactly("grüße", "a, b", "50 %", "%41");
    }

    /** PostgreSQL cuts at 63 bytes, and shows others than ASCII as question marks. */
    @Test
    void leavesOutWhatTheServerWouldCut() {
        String name = SessionName.of("pbp-cli listen", Collections.nCopies(20, "ö"));
        assertThat(name).hasSizeLessThanOrEqualTo(63).matches("[ -~]+").endsWith("%C3%B6, ...");
        assertThat(readBack("x".repeat(63))).containsExactly("...");
    }

    @Test
    void takesNoOtherProgramsNameForOneOfOurs() {
        assertThat(SessionName.read("billing: v2")).isEmpty();
        assertThat(SessionName.read("pbp-cli status")).isEmpty();
    }
}
