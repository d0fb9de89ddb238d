package dev.pbp.web.internal.hello;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import dev.pbp.web.RunningSite;
import dev.pbp.web.TokenAuthenticator;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page for clients that have a database role. */
@PostgresTest
class PageRolesIT {
    private static final String OWN = "own-0123456789abcdef";
    private static final String READER = "reader-0123456789abc";
    private static final String STRANGER = "stranger-0123456789a";
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database, @TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(
                folder.resolve("tokens"),
                "admin - " + OWN + "\nann pbp_page_reader " + READER + "\nbob pbp_page_stranger " + STRANGER + "\n");
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
        TokenAuthenticator authenticator = TokenAuthenticator.read(tokens);
        site = RunningSite.withPage(database, (parts, pool) -> parts.authenticator(authenticator));
        for (String role : new String[] {"pbp_page_reader", "pbp_page_stranger"}) {
            site.execute("DO $$ BEGIN CREATE ROLE " + role + "; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        }
        site.execute("GRANT SELECT ON testtype TO pbp_page_reader; INSERT INTO testtype (val) VALUES ('a')");
    }

    @AfterAll
    static void stop() throws Exception {
        site.execute("DROP OWNED BY pbp_page_reader; DROP ROLE pbp_page_reader; DROP ROLE pbp_page_stranger");
        site.close();
    }

    private static HttpRequest.Builder as(String token, String path) {
        return Http.to(site.uri(path)).header("Authorization", "Bearer " + token);
    }

    @Test
    @Evidence(guarantee = "role-rights", brokenOnce = "PageHandler.newest: without `as`")
    void thePageShowsWhatTheRoleMayRead() throws Exception {
        site.execute("INSERT INTO testtype (val) VALUES ('hidden')");
        site.execute("ALTER TABLE testtype ENABLE ROW LEVEL SECURITY");
        site.execute("DROP POLICY IF EXISTS seen ON testtype; CREATE POLICY seen ON testtype USING (val <> 'hidden')");
        HttpResponse<String> own = Http.send(as(OWN, "/"));
        assertThat(own.body()).contains(">a</span>", ">hidden</span>");
        assertThat(Http.header(own, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
        assertThat(Http.header(own, "Cache-Control")).isEqualTo("no-store");
        assertThat(Http.send(as(READER, "/")).body()).contains(">a</span>").doesNotContain(">hidden</span>");
        HttpResponse<String> stranger = Http.send(as(STRANGER, "/"));
        assertThat(stranger.statusCode()).isEqualTo(200);
        assertThat(stranger.body()).contains("Hello, World").doesNotContain(">a</span>");
    }
}
