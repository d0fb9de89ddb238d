package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.Cursors;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A table that the site knows nothing of has the same REST, by the class that the documentation shows. */
@PostgresTest
class OwnResourceIT {
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.withPool(database, (parts, pool) -> {
            try {
                return parts.resource(new ItemResource(new Items(pool, Cursors.of(pool))));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        site.execute("CREATE TABLE item (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text NOT NULL,"
                + " pieces bigint NOT NULL, version bigint NOT NULL DEFAULT 1)");
        site.execute("SELECT pbp.track('item')");
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @Test
    void aRowIsCreatedReadChangedAndDeleted() throws Exception {
        HttpResponse<String> created = Http.post(site.uri("/api/item"), "name=screw&pieces=100");
        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(created.body()).isEqualTo("{\"id\":1,\"name\":\"screw\",\"pieces\":100,\"version\":1}");
        assertThat(Http.header(created, "Location")).isEqualTo("/api/item/1");
        assertThat(Http.header(created, "PBP-Txid")).isNotEmpty();
        String etag = Http.header(created, "ETag");

        HttpResponse<String> changed = Http.send(Http.to(site.uri("/api/item/1"))
                .header("Content-Type", "application/json")
                .header("If-Match", etag)
                .PUT(BodyPublishers.ofString("{\"name\":\"screw\",\"pieces\":99}")));
        assertThat(changed.statusCode()).isEqualTo(200);
        HttpResponse<String> stale = Http.send(
                Http.to(site.uri("/api/item/1")).header("If-Match", etag).DELETE());
        assertThat(stale.statusCode()).isEqualTo(412);
        assertThat(stale.body()).contains("\"current\":" + changed.body());

        HttpResponse<String> all = Http.get(site.uri("/api/item"));
        assertThat(all.body()).isEqualTo("[" + changed.body() + "]");
        assertThat(Http.header(all, "PBP-Cursor")).isNotEmpty();
        assertThat(Http.send(Http.to(site.uri("/api/item"))
                                .header("Content-Type", Http.FORM)
                                .method("DELETE", BodyPublishers.ofString("id=1")))
                        .statusCode())
                .isEqualTo(204);
        assertThat(Http.get(site.uri("/api/item/1")).statusCode()).isEqualTo(404);
    }

    @Test
    void badFieldsAreNamed() throws Exception {
        assertThat(Http.post(site.uri("/api/item"), "name=nail").body()).contains("\"field\":\"pieces\"", "missing");
        assertThat(Http.post(site.uri("/api/item"), "name=nail&pieces=-1").body())
                .contains("expected 0 or more");
        assertThat(Http.post(site.uri("/api/item"), "name=nail&pieces=many").statusCode())
                .isEqualTo(400);
    }

    @Test
    void theDocumentationShowsThisClass() throws Exception {
        Path root = Path.of(System.getProperty("pbp.root"));
        String source = Files.readString(root.resolve("pbp-undertow/src/test/java/dev/pbp/web/ItemResource.java"));
        String shown = source.substring(source.indexOf("/** The table"), source.indexOf("// endregion docs"));
        assertThat(Files.readString(root.resolve("docs/own-resource.md"))).contains(shown.strip());
    }
}
