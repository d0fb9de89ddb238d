package dev.pbp.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.push.http.Problem;
import dev.pbp.testing.Evidence;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PushRequestTest {
    @Test
    @Evidence(guarantee = "push-any-node", brokenOnce = "PushRequest.maxWait: always the whole wait")
    void waitsEndUpToASixthEarlyAndNeverLate() {
        List<Duration> waits =
                Stream.generate(() -> PushRequest.maxWait("30")).limit(1000).toList();
        assertThat(waits)
                .allMatch(wait ->
                        wait.compareTo(Duration.ofSeconds(25)) >= 0 && wait.compareTo(Duration.ofSeconds(30)) <= 0);
        assertThat(waits).anyMatch(wait -> wait.compareTo(Duration.ofSeconds(26)) < 0);
        assertThat(waits).anyMatch(wait -> wait.compareTo(Duration.ofSeconds(29)) > 0);
    }

    @Test
    void badWaitsAreNamed() {
        for (String bad : List.of("-1", "61", "x", "NaN", "")) {
            assertThatThrownBy(() -> PushRequest.maxWait(bad))
                    .isInstanceOf(Problem.class)
                    .hasMessageStartingWith("wait: ");
        }
    }
}
