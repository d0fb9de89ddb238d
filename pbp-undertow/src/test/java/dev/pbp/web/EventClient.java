package dev.pbp.web;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client of an event stream that reads event by event. */
final class EventClient implements AutoCloseable {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final InputStream body;
    private final BufferedReader lines;
    private String lastId = "";

    EventClient(RunningSite site, String path, @Nullable String lastEventId) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(site.uri(path)).header("Accept", "text/event-stream");
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> response = CLIENT.send(request.build(), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new IOException("status " + response.statusCode());
        }
        body = response.body();
        lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    /** The lines up to the next empty one; a comment alone counts too. Empty at the end. */
    String next() throws IOException {
        StringBuilder event = new StringBuilder();
        for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
            lastId = line.startsWith("id: ") ? line.substring(4) : lastId;
            event.append(line).append('\n');
        }
        return event.toString();
    }

    /** The data of the next event that has any. */
    String nextData() throws IOException {
        for (String event = next(); !event.isEmpty(); event = next()) {
            int data = event.indexOf("data: ");
            if (data >= 0) {
                return event.substring(data + "data: ".length()).strip();
            }
        }
        throw new IOException("the stream has ended");
    }

    String lastId() {
        return lastId;
    }

    boolean ended() throws IOException {
        return lines.readLine() == null;
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
