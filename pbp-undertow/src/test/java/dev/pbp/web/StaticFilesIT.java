package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@PostgresTest
class StaticFilesIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.on(database);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    private static HttpResponse<byte[]> get(String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(site.uri("/static/pbp.js")).timeout(Duration.ofSeconds(30));
        return CLIENT.send(
                (headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br, GZIP ", "gzip;q=0.5"})
    void areGzippedForThoseWhoTakeThat(String accepted) throws Exception {
        HttpResponse<byte[]> zipped = get("Accept-Encoding", accepted);
        assertThat(header(zipped, "Content-Encoding")).isEqualTo("gzip");
        assertThat(header(zipped, "Vary")).contains("Accept-Encoding");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(zipped.body())).readAllBytes())
                .isEqualTo(get().body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "br", "gzip;q=0", "gzip;q=0.00", "x-gzipped"})
    void comeAsTheyAreForAllOthers(String accepted) throws Exception {
        assertThat(header(get("Accept-Encoding", accepted), "Content-Encoding")).isEmpty();
    }

    @Test
    void areNotSentAgainToThoseWhoHaveThem() throws Exception {
        String plain = header(get(), "ETag");
        String zipped = header(get("Accept-Encoding", "gzip"), "ETag");
        assertThat(plain).isNotEqualTo(zipped);
        assertThat(get("If-None-Match", plain).statusCode()).isEqualTo(304);
        assertThat(get("If-None-Match", zipped, "Accept-Encoding", "gzip").statusCode())
                .isEqualTo(304);
        assertThat(get("If-None-Match", plain, "Accept-Encoding", "gzip").statusCode())
                .isEqualTo(200);
    }
}
