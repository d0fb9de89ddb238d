package dev.pbp.web.internal.legacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.postgres.JdbcTableRights;
import dev.pbp.postgres.JdbcTrackedTables;
import dev.pbp.push.connection.Transport;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import dev.pbp.web.RunningSite;
import dev.pbp.web.TokenAuthenticator;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the older protocol may push to clients that have a database role. */
@PostgresTest
class LegacyRolesIT {
    private static final String OWN = "own-0123456789abcdef";
    private static final String STRANGER = "stranger-0123456789a";
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database, @TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(
                folder.resolve("tokens"), "admin - " + OWN + "\nbob pbp_legacy_stranger " + STRANGER + "\n");
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
        TokenAuthenticator authenticator = TokenAuthenticator.read(tokens);
        site = RunningSite.withPool(
                database,
                (parts, pool) -> parts.authenticator(authenticator)
                        .rights(new JdbcTrackedTables(pool), new JdbcTableRights(pool)));
        site.execute("DO $$ BEGIN CREATE ROLE pbp_legacy_stranger; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    }

    @AfterAll
    static void stop() throws Exception {
        site.execute("DROP ROLE pbp_legacy_stranger");
        site.close();
    }

    private static HttpRequest.Builder as(String token, String path) {
        return Http.to(site.uri(path)).header("Authorization", "Bearer " + token);
    }

    @Test
    void whatARoleMayNotReadIsNotPushedToIt() throws Exception {
        HttpResponse<String> rejected = Http.send(as(STRANGER, "/api/_listen")
                .POST(BodyPublishers.ofString("[{\"laterthan\":0,\"types\":[{\"type\":\"testtype\"}]}]")));
        assertThat(rejected.statusCode()).isEqualTo(404);
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            claim = "The older protocol reports nothing of such a table to waiting clients either",
            brokenOnce = "ListenHandler: the refusal passed over")
    void nothingIsPushedOfATableWhoseRowLevelSecurityIsSwitchedOnDuringTheWait() throws Exception {
        CompletableFuture<HttpResponse<String>> waiting = Http.sendAsync(
                as(OWN, "/api/_listen").POST(BodyPublishers.ofString("[{\"types\":[{\"type\":\"testtype\"}]}]")));
        site.awaitClients(Transport.LISTEN, 1);
        site.execute("ALTER TABLE testtype ENABLE ROW LEVEL SECURITY");
        await().atMost(Duration.ofMinutes(1)) // what is known about the table is at most a second old
                .until(() -> Http.send(as(OWN, "/api/_changes?table=testtype&wait=0"))
                                .statusCode()
                        == 403);
        site.execute("INSERT INTO testtype (val) VALUES ('not for everybody')");
        HttpResponse<String> rejected = waiting.get(60, TimeUnit.SECONDS);
        assertThat(rejected.statusCode()).isEqualTo(403);
        assertThat(rejected.body()).contains("row-level security").doesNotContain("mtime");
    }
}
