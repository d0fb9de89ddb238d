package dev.pbp.web.internal.legacy;

import dev.pbp.push.http.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A client of the older protocol, written from its description alone: it keeps the largest time as a JavaScript number,
 * and reads the whole table when it is told something. It asks another node each time if there are several.
 */
final class OlderClient {
    private static final String FORM = "application/x-www-form-urlencoded";

    private final HttpClient http = HttpClient.newHttpClient();
    private final IntFunction<URI> nodes;
    private final String browser;
    private int polls;
    private volatile @Nullable Double largest;
    private volatile Map<Long, String> rows = Map.of();

    /** Asks the node that the function gives for the number of the poll. */
    OlderClient(IntFunction<URI> nodes) {
        this(nodes, "older client");
    }

    /** One of several browsers. */
    OlderClient(IntFunction<URI> nodes, String browser) {
        this.nodes = nodes;
        this.browser = browser;
    }

    Map<Long, String> rows() {
        return rows;
    }

    @Nullable
    Double largest() {
        return largest;
    }

    /** Turns to the next node. */
    void retry() {
        polls++;
    }

    void forget(@Nullable Double time) {
        largest = time;
    }

    /** Reads the table as the older page does. */
    void read() throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(node().resolve("/api/testtype"))
                        .header("X-Requested-With", "XMLHttpRequest")
                        .header("Accept", "*/*")
                        .header("User-Agent", browser)
                        .timeout(Duration.ofSeconds(60))
                        .build(),
                BodyHandlers.ofString());
        if (response.statusCode() != 200
                || !response.headers().firstValue("Content-Type").orElse("").startsWith("text/plain")) {
            throw new IOException("read: " + response.statusCode() + " " + response.body());
        }
        Map<Long, String> read = new TreeMap<>();
        for (JsonNode row : Json.read(response.body().getBytes(StandardCharsets.UTF_8))) {
            read.put(row.get("id").asLong(), row.get("val").asString());
        }
        rows = read;
    }

    /** Polls for all changes of the table. */
    CompletableFuture<JsonNode> poll() {
        return poll("{\"type\":\"testtype\"}");
    }

    /** Polls with one subscription for each of the types. */
    CompletableFuture<JsonNode> poll(String... types) {
        Double time = largest;
        StringBuilder body = new StringBuilder("[");
        for (String type : types) {
            body.append(body.length() > 1 ? "," : "").append('{');
            body.append(time == null ? "" : "\"laterthan\":" + time + ",");
            body.append("\"types\":[").append(type).append("]}");
        }
        return post(body.append(']').toString(), FORM).thenApply(this::keep);
    }

    CompletableFuture<HttpResponse<String>> post(String body, String contentType) {
        return http.sendAsync(
                HttpRequest.newBuilder(node().resolve("/api/_listen"))
                        .header("Content-Type", contentType)
                        .header("User-Agent", browser)
                        .timeout(Duration.ofSeconds(90))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private JsonNode keep(HttpResponse<String> response) {
        polls++;
        if (response.statusCode() != 200) {
            throw new IllegalStateException("poll: " + response.statusCode() + " " + response.body());
        }
        JsonNode answer = Json.read(response.body().getBytes(StandardCharsets.UTF_8));
        for (JsonNode event : answer) {
            Double known = largest;
            double time = new BigDecimal(event.get("mtime").asString()).doubleValue();
            largest = known == null ? time : Math.max(known, time);
        }
        return answer;
    }

    private URI node() {
        return nodes.apply(polls);
    }
}
