package dev.pbp.web.internal.hello;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import dev.pbp.web.RunningSite;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The table of the hello-world site over HTTP, as its older clients know it. */
@PostgresTest
class TestTypeIT {
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.withPage(database);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        site.execute("TRUNCATE testtype RESTART IDENTITY");
    }

    private static HttpRequest.Builder request(String method, String body) {
        return Http.to(site.uri("/api/testtype/1"))
                .method(method, BodyPublishers.ofString(body))
                .header("Content-Type", Http.FORM);
    }

    private static HttpResponse<String> create(String form) throws Exception {
        return Http.post(site.uri("/api/testtype"), form);
    }

    @Test
    void aRowLooksInTheFeedAsItDoesHere() throws Exception {
        String cursor = Http.header(Http.get(site.uri("/api/testtype")), "PBP-Cursor");
        String created = create("val=same").body();
        assertThat(Http.get(site.uri("/api/_changes?table=testtype&cursor=" + cursor))
                        .body())
                .contains("\"new\":" + created);
    }

    @Test
    void settingTheSameValueHasNoTransaction() throws Exception {
        create("val=a");
        assertThat(Http.header(Http.send(request("PUT", "val=a")), "PBP-Txid")).isEmpty();
    }

    @Test
    void aVersionThatIsNoLongerThereIsRefusedWithTheOneThatIs() throws Exception {
        String etag = Http.header(create("val=a"), "ETag");
        HttpResponse<String> changed = Http.send(request("PUT", "val=b").header("If-Match", etag));
        assertThat(changed.statusCode()).isEqualTo(200);
        HttpResponse<String> stale = Http.send(request("PUT", "val=c").header("If-Match", etag));
        assertThat(stale.statusCode()).isEqualTo(412);
        assertThat(stale.body()).contains("\"current\":" + changed.body());
        assertThat(Http.send(request("DELETE", "").header("If-Match", Http.header(changed, "ETag")))
                        .statusCode())
                .isEqualTo(204);
    }
}
