package dev.pbp.web.internal.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.http.Problem;
import io.undertow.util.StatusCodes;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemTest {
    private static final List<Integer> STATUSES =
            List.of(400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 414, 415, 426, 429, 500, 503);

    @Test
    void titlesAreTheReasonsThatTheServerSends() {
        for (int status : STATUSES) {
            assertThat(new Problem(status, "x").json())
                    .isEqualTo("{\"type\":\"about:blank\",\"title\":\"" + StatusCodes.getReason(status)
                            + "\",\"status\":" + status + ",\"detail\":\"x\"}");
        }
    }
}
