package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Read;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.Written;
import dev.pbp.postgres.Cursors;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
                return parts.resource(new ItemResource(new Items(pool, Cursors.of(pool))))
                        .resource(new Words(List.of("..a", "b")));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        site.execute("CREATE TABLE item (sku text PRIMARY KEY, pieces bigint NOT NULL,"
                + " version bigint NOT NULL DEFAULT 1)");
        site.execute("SELECT pbp.track('item')");
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @Test
    void aRowIsCreatedReadChangedAndDeleted() throws Exception {
        HttpResponse<String> created = Http.post(site.uri("/api/item"), "sku=M4%2F8,+zinc&pieces=100");
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        assertThat(created.body()).contains("\"sku\":\"M4/8, zinc\"", "\"pieces\":100", "\"version\":1");
        String path = Http.header(created, "Location");
        assertThat(path).isEqualTo("/api/item/M4%2F8%2C%20zinc");
        assertThat(Http.header(created, "PBP-Txid")).isNotEmpty();
        assertThat(Http.get(site.uri("/api/item/M4%2F8,%20zinc")).body()).isEqualTo(created.body());
        String etag = Http.header(created, "ETag");

        HttpResponse<String> changed = Http.send(Http.to(site.uri(path))
                .header("Content-Type", "application/json")
                .header("If-Match", etag)
                .PUT(BodyPublishers.ofString("{\"pieces\":90}")));
        assertThat(changed.statusCode()).isEqualTo(200);
        HttpResponse<String> stale =
                Http.send(Http.to(site.uri(path)).header("If-Match", etag).DELETE());
        assertThat(stale.statusCode()).isEqualTo(412);
        assertThat(stale.body()).contains("item: the row with key M4/8, zinc has changed", "\"version\":2");
        HttpResponse<String> patched = Http.send(Http.to(site.uri(path))
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString("{\"pieces\":80}")));
        assertThat(patched.body()).contains("\"pieces\":80");

        HttpResponse<String> all = Http.get(site.uri("/api/item"));
        assertThat(all.body()).isEqualTo("[" + patched.body() + "]");
        assertThat(Http.header(all, "PBP-Cursor")).isNotEmpty();
        assertThat(Http.send(Http.to(site.uri(path)).DELETE()).statusCode()).isEqualTo(204);
        assertThat(Http.get(site.uri(path)).statusCode()).isEqualTo(404);
        HttpResponse<String> wrong = Http.send(Http.to(site.uri("/api/item")).DELETE());
        assertThat(wrong.statusCode()).isEqualTo(405);
        assertThat(Http.header(wrong, "Allow")).isEqualTo("GET, HEAD, POST");
        assertThat(Http.get(site.uri("/api/item/a/b")).statusCode()).isEqualTo(404);
    }

    @Test
    void badFieldsAreNamed() throws Exception {
        assertThat(Http.post(site.uri("/api/item"), "sku=nail").body()).contains("\"field\":\"pieces\"", "missing");
        assertThat(Http.post(site.uri("/api/item"), "sku=nail&pieces=1").body()).contains("expected a multiple of ten");
        assertThat(Http.post(site.uri("/api/item"), "sku=nail&pieces=many").statusCode())
                .isEqualTo(400);
    }

    /** A resource that has only what it must have. */
    private record Words(List<String> all) implements Resource<String> {
        @Override
        public String name() {
            return "words";
        }

        @Override
        public Read<List<String>> findAll() {
            return new Read<>(all, new Cursor("A"));
        }

        @Override
        public Optional<String> find(String key) {
            return all.stream().filter(key::equals).findFirst();
        }

        @Override
        public Written<String> insert(Fields fields) {
            throw new RepositoryException.Forbidden("words: are what they are");
        }

        @Override
        public Written<String> update(String key, Fields fields, Optional<String> version) {
            return new Written<>(key, null);
        }

        @Override
        public Written<String> delete(String key, Optional<String> version) {
            throw new RepositoryException.Forbidden("words: are what they are");
        }

        @Override
        public String key(String row) {
            return row;
        }

        @Override
        public Map<String, ?> members(String row) {
            return Map.of("word", row);
        }
    }

    @Test
    void aVersionIsMadeOfTheRowWhereThereIsNone() throws Exception {
        HttpResponse<String> one = Http.get(site.uri("/api/words/%2E.a"));
        assertThat(one.body()).isEqualTo("{\"word\":\"..a\"}");
        String etag = Http.header(one, "ETag");
        assertThat(etag)
                .matches("\"[A-Za-z0-9_-]{22}\"")
                .isNotEqualTo(Http.header(Http.get(site.uri("/api/words/b")), "ETag"));
        for (String[] each : new String[][] {{etag, "200"}, {"\"other\"", "412"}}) {
            assertThat(Http.send(Http.to(site.uri("/api/words/..a"))
                                    .header("Content-Type", "application/json")
                                    .header("If-Match", each[0])
                                    .PUT(BodyPublishers.ofString("{}")))
                            .statusCode())
                    .isEqualTo(Integer.parseInt(each[1]));
        }
        assertThatThrownBy(() -> new Words(List.of()).as(Principal.of("clerk")))
                .isInstanceOf(RepositoryException.Forbidden.class)
                .hasMessageContaining("clerk");
    }

    @Test
    void theDocumentationShowsThisClass() throws Exception {
        Path root = Path.of(System.getProperty("pbp.root"));
        String source = Files.readString(root.resolve("pbp-undertow/src/test/java/dev/pbp/web/ItemResource.java"));
        String shown = source.substring(source.indexOf("/** The table"), source.indexOf("// endregion docs"));
        assertThat(Files.readString(root.resolve("docs/own-resource.md"))).contains(shown.strip());
    }
}
