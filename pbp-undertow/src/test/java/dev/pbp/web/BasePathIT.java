package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A site that a proxy shows under a path. */
@PostgresTest
class BasePathIT {
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.withPage(database, settings -> settings.withBasePath("/apps/live"));
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/static/pbp.js",
                "/api/testtype",
                "/api/_changes?table=testtype&wait=0",
                "/api/_channels/names",
                "/healthz",
                "/readyz"
            })
    @Evidence(guarantee = "behind-proxies", brokenOnce = "PathPrefixHandler: `setRequestPath` left out")
    void everythingAnswersWhetherOrNotTheProxyRemovesThePath(String path) throws Exception {
        assertThat(Http.get(site.uri(path)).statusCode()).isEqualTo(200);
        assertThat(Http.get(site.uri("/apps/live" + path)).statusCode()).isEqualTo(200);
    }

    @Test
    void otherPathsAreNotFound() throws Exception {
        for (String path : new String[] {"/apps", "/apps/livex", "/apps/live/apps/live", "/live/", "/apps/live/x"}) {
            assertThat(Http.get(site.uri(path)).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void aNewRowsAddressIsTheBrowsers() throws Exception {
        for (String path : new String[] {"/api/testtype", "/apps/live/api/testtype"}) {
            HttpResponse<String> written = Http.post(site.uri(path), "val=a");
            assertThat(written.statusCode()).isEqualTo(201);
            String location = Http.header(written, "Location");
            assertThat(location).startsWith("/apps/live/api/testtype/");
            assertThat(Http.get(site.uri(location)).body()).isEqualTo(written.body());
        }
    }

    @Test
    void thePathWithoutASlashLeadsToThePage() throws Exception {
        HttpResponse<String> moved = Http.get(site.uri("/apps/live?x=y"));
        assertThat(moved.statusCode()).isEqualTo(308);
        assertThat(Http.header(moved, "Location")).isEqualTo("/apps/live/?x=y");
    }

    @Test
    void aForeignHostIsRejectedBelowThePathToo() throws Exception {
        for (String path : new String[] {"/apps/live", "/apps/live/", "/apps/live/api/testtype"}) {
            assertThat(Http.answer(
                            site.port(),
                            "GET " + path + " HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 421 ");
        }
    }

    /** No link of the page begins at the root, so that all of them stay below the path. */
    @Test
    void everyLinkOfThePageIsBelowThePath() throws Exception {
        String page = Http.get(site.uri("/apps/live/")).body();
        String[] links = Pattern.compile("(?:href|src)=\"([^\"]*)\"")
                .matcher(page)
                .results()
                .map(MatchResult::group)
                .map(link -> link.replaceAll(".*=\"|\"", ""))
                .toArray(String[]::new);
        assertThat(links).hasSizeGreaterThan(3);
        for (String link : links) {
            assertThat(link).doesNotStartWith("/");
            assertThat(Http.get(site.uri("/apps/live/").resolve(link)).statusCode())
                    .as(link)
                    .isEqualTo(200);
        }
    }
}
