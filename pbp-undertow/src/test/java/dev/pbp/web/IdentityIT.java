package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pbp.postgres.JdbcTableRights;
import dev.pbp.postgres.JdbcTrackedTables;
import dev.pbp.push.connection.Transport;
import dev.pbp.push.http.Json;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is known by a token reads and writes as its database role, and is pushed what that role may read. */
@PostgresTest
@Evidence(
        guarantee = "secrets",
        claim = "The access log holds no secret",
        brokenOnce = "AccessLog: the query written too")
class IdentityIT {
    private static final String OWN = "own-0123456789abcdef";
    private static final String READER = "reader-0123456789abc";
    private static final String STRANGER = "stranger-0123456789a";
    private static RunningSite site;
    private static final StringWriter LOG = new StringWriter();

    @BeforeAll
    static void start(TestDatabase database, @TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(
                folder.resolve("tokens"),
                "# name role token\nadmin - " + OWN + "\n\nann pbp_it_reader " + READER + "\nbob pbp_it_stranger "
                        + STRANGER + "\n");
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
        TokenAuthenticator authenticator = TokenAuthenticator.read(tokens);
        site = RunningSite.withPool(
                database,
                (parts, pool) -> parts.authenticator(authenticator)
                        .resource(TestRows.of(pool))
                        .rights(new JdbcTrackedTables(pool), new JdbcTableRights(pool))
                        .accessLog(LOG));
        for (String role : new String[] {"pbp_it_reader", "pbp_it_stranger"}) {
            site.execute("DO $$ BEGIN CREATE ROLE " + role + "; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        }
        site.execute("GRANT SELECT ON testtype TO pbp_it_reader");
    }

    @AfterAll
    static void stop() throws Exception {
        site.execute("DROP OWNED BY pbp_it_reader; DROP ROLE pbp_it_reader; DROP ROLE pbp_it_stranger");
        site.close();
        String log = LOG.toString();
        assertThat(log).contains("\"user\":\"ann\"", "\"path\":\"/api/testtype\"", "\"status\":401");
        assertThat(log).doesNotContain(OWN, READER, STRANGER, "secret-in-the-query");
        assertThat(log.lines()).allSatisfy(line -> Json.read(line.getBytes(StandardCharsets.UTF_8)));
    }

    @BeforeEach
    void oneRow() throws Exception {
        site.execute("ALTER TABLE testtype DISABLE ROW LEVEL SECURITY");
        site.execute("DELETE FROM testtype; INSERT INTO testtype (val) VALUES ('a')");
        awaitOtherThan(403, "table=testtype"); // what the test before switched on
    }

    private static HttpRequest.Builder as(String token, String path) {
        return Http.to(site.uri(path)).header("Authorization", "Bearer " + token);
    }

    private static int status(HttpRequest.Builder request) throws Exception {
        return Http.send(request).statusCode();
    }

    @Test
    void whoIsNotKnownIsAskedWhoItIs() throws Exception {
        for (String path : new String[] {"/", "/api/testtype?token=secret-in-the-query", "/api/_changes", "/metrics"}) {
            HttpResponse<String> refused = Http.get(site.uri(path));
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(Http.header(refused, "WWW-Authenticate")).startsWith("Basic ");
        }
        assertThat(status(as(OWN + "x", "/api/testtype"))).isEqualTo(401);
        assertThat(status(as("", "/api/testtype"))).isEqualTo(401);
        assertThat(Http.get(site.uri("/healthz")).statusCode()).isEqualTo(200);
    }

    @Test
    void aTokenMayComeAsAPassword() throws Exception {
        String credentials = Base64.getEncoder().encodeToString(("whoever:" + OWN).getBytes(StandardCharsets.UTF_8));
        assertThat(status(Http.to(site.uri("/")).header("Authorization", "Basic " + credentials)))
                .isEqualTo(200);
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            claim = "Reads and writes hold to the role's rights and to the table's policies",
            brokenOnce = "ResourceHandler: the role not taken")
    void readsAndWritesHoldToTheRolesRights() throws Exception {
        assertThat(status(as(READER, "/api/testtype"))).isEqualTo(200);
        assertThat(status(as(STRANGER, "/api/testtype"))).isEqualTo(403);
        HttpRequest.BodyPublisher val = BodyPublishers.ofString("val=b");
        assertThat(status(as(READER, "/api/testtype")
                        .header("Content-Type", Http.FORM)
                        .POST(val)))
                .isEqualTo(403);
        assertThat(status(as(OWN, "/api/testtype")
                        .header("Content-Type", Http.FORM)
                        .POST(val)))
                .isEqualTo(201);
    }

    @Test
    @Evidence(guarantee = "role-rights", recordedAt = "IdentityIT.readsAndWritesHoldToTheRolesRights")
    void readsHoldToTheTablesPolicies() throws Exception {
        site.execute("INSERT INTO testtype (val) VALUES ('hidden')");
        site.execute("ALTER TABLE testtype ENABLE ROW LEVEL SECURITY");
        site.execute("DROP POLICY IF EXISTS seen ON testtype; CREATE POLICY seen ON testtype USING (val <> 'hidden')");
        assertThat(Http.send(as(READER, "/api/testtype")).body())
                .contains("\"a\"")
                .doesNotContain("hidden");
    }

    @Test
    void aRoleWithoutNameIsNotTakenForTheApplicationsOwn() {
        assertThatThrownBy(() -> new Identity("ann", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"ann\"");
    }

    @Test
    @Evidence(guarantee = "role-rights", brokenOnce = "PushAuthorizer.refusal: `readable` not asked")
    void whatARoleMayNotReadIsNotPushedToIt() throws Exception {
        assertThat(status(as(READER, "/api/_changes?table=testtype&wait=0"))).isEqualTo(200);
        HttpResponse<String> refused = Http.send(as(STRANGER, "/api/_changes?table=testtype&wait=0"));
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(refused.body()).contains("no table of this name is offered to you");
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            brokenOnce = {
                "PushAuthorizer.refusal: `rowSecurity` not asked",
                "SubscriptionGate: asked at the beginning alone"
            })
    void aTableWithRowLevelSecurityIsNotPushedAlsoWhenItIsSwitchedOnLater() throws Exception {
        HttpRequest stream = as(OWN, "/api/_changes?table=testtype")
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<InputStream> open = HttpClient.newHttpClient().send(stream, BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(open.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).startsWith("id: ");
            site.execute("ALTER TABLE testtype ENABLE ROW LEVEL SECURITY");
            awaitRefusal();
            site.execute("INSERT INTO testtype (val) VALUES ('not for everybody')");
            StringBuilder rest = new StringBuilder();
            String line;
            do {
                line = lines.readLine();
                rest.append(line).append('\n');
            } while (line != null && !line.contains("not for everybody"));
            assertThat(rest.toString()).contains("event: must-refetch").doesNotContain("not for everybody");
        }
        HttpResponse<String> refused = Http.send(as(OWN, "/api/_changes?table=testtype"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("row-level security");
        assertThat(status(as(OWN, "/api/testtype"))).isEqualTo(200);
    }

    /** The row before it is pushed, so what is known of the role's rights is a moment old. */
    @Test
    @Evidence(
            guarantee = "role-rights",
            claim = "A row that is committed together with the end of a role's rights is not pushed to it",
            brokenOnce = "SubscriptionGate.recheck: `check` in place of `checkChanges`")
    void aRowThatIsCommittedTogetherWithARevokeIsNotPushed() throws Exception {
        Map<String, String> ends = new LinkedHashMap<>();
        ends.put("REVOKE SELECT ON testtype FROM pbp_it_reader", "GRANT SELECT ON testtype TO pbp_it_reader");
        ends.put("REVOKE USAGE ON SCHEMA public FROM PUBLIC", "GRANT USAGE ON SCHEMA public TO PUBLIC");
        ends.put("ALTER TABLE testtype ENABLE ROW LEVEL SECURITY", "ALTER TABLE testtype DISABLE ROW LEVEL SECURITY");
        for (Map.Entry<String, String> end : ends.entrySet()) {
            HttpRequest stream = as(READER, "/api/_changes?table=testtype")
                    .header("Accept", "text/event-stream")
                    .build();
            HttpResponse<InputStream> open = HttpClient.newHttpClient().send(stream, BodyHandlers.ofInputStream());
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(open.body(), StandardCharsets.UTF_8))) {
                assertThat(lines.readLine()).startsWith("id: ");
                site.execute("INSERT INTO testtype (val) VALUES ('the last one')");
                String line = "";
                while (!line.contains("the last one")) {
                    line = lines.readLine();
                }
                site.execute("BEGIN; INSERT INTO testtype (val) VALUES ('no longer'); " + end.getKey() + "; COMMIT");
                assertThat(lines.lines().collect(Collectors.joining("\n")))
                        .as(end.getKey())
                        .contains("event: must-refetch")
                        .doesNotContain("no longer");
            } finally {
                site.execute(end.getValue());
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> status(as(READER, "/api/_changes?table=testtype&wait=0")) == 200);
        }
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            claim = "A table that is not tracked is not followed in silence, also when it ends later",
            brokenOnce = "PushAuthorizer.refusal: passed over")
    void aTableThatIsTrackedNoMoreIsNotFollowedInSilence() throws Exception {
        assertThat(status(as(OWN, "/api/_changes?table=second&wait=0"))).isEqualTo(404);
        site.execute("CREATE TABLE second (id bigint PRIMARY KEY); SELECT pbp.track('second')");
        awaitOtherThan(404, "table=second");
        CompletableFuture<HttpResponse<String>> waiting =
                Http.sendAsync(as(OWN, "/api/_changes?table=second&table=testtype"));
        site.awaitClients(Transport.LONG_POLL, 1);
        site.execute("SELECT pbp.untrack('second')");
        assertThat(waiting.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(410);
        awaitOtherThan(200, "table=second");
        HttpResponse<String> refused = Http.send(as(OWN, "/api/_changes?table=second&wait=0"));
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(refused.body()).contains("second: no table of this name is offered");
    }

    /** What is known about the table is at most a second old. */
    private static void awaitRefusal() throws Exception {
        awaitOtherThan(200, "table=testtype");
    }

    private static void awaitOtherThan(int status, String table) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> status(as(OWN, "/api/_changes?" + table + "&wait=0")) != status);
    }
}
