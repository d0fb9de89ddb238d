package dev.pbp.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PostgresToolTest {
    private static final int MORE_THAN_A_PIPE_HOLDS = 1 << 20;

    @Test
    void whatAProgramSaysIsToldThoughItEndedBeforeItReadItsInput() {
        PostgresTool.Ended ended = PostgresTool.run(
                "x".repeat(MORE_THAN_A_PIPE_HOLDS), Path.of("/bin/sh"), "-c", "echo no such luck >&2; exit 3");
        assertThat(ended).isEqualTo(new PostgresTool.Ended(3, "no such luck"));
    }
}
