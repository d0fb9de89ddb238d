package dev.pbp.web;

import dev.pbp.push.connection.Transport;
import dev.pbp.push.http.Json;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A client that follows {@code testtype} by any transport, one message at a time, each from whichever site it is told. */
public final class Follower {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String PATH = "/api/_changes?table=testtype&cursor=";

    private final Transport transport;
    private final List<Integer> inserted = new ArrayList<>();
    private String cursor;

    public Follower(Transport transport, String cursor) {
        this.transport = transport;
        this.cursor = cursor;
    }

    public static String cursor(RunningSite site) throws Exception {
        HttpRequest read = HttpRequest.newBuilder(site.uri("/api/testtype")).build();
        return CLIENT.send(read, BodyHandlers.ofString())
                .headers()
                .firstValue("PBP-Cursor")
                .orElseThrow();
    }

    /** The values, as numbers, of the rows whose insertion it was told, in the order in which it was. */
    public List<Integer> inserted() {
        return inserted;
    }

    /** Connects, takes the next message with a change, and leaves. */
    public void takeOne(RunningSite site) throws Exception {
        switch (transport) {
            case LONG_POLL -> {
                HttpRequest poll =
                        HttpRequest.newBuilder(site.uri(PATH + cursor)).build();
                HttpResponse<String> answer = CLIENT.send(poll, BodyHandlers.ofString());
                if (answer.statusCode() != 200) {
                    throw new IllegalStateException(answer.statusCode() + " " + answer.body());
                }
                take(answer.body());
            }
            case EVENT_STREAM -> {
                try (EventClient events = new EventClient(site, "/api/_changes?table=testtype", cursor)) {
                    events.nextData();
                    take(events.nextData());
                }
            }
            case WEBSOCKET -> {
                try (RawWebSocket socket = RawWebSocket.open(site.port(), PATH + cursor)) {
                    socket.read(RawWebSocket.TEXT);
                    take(socket.read(RawWebSocket.TEXT).text());
                }
            }
            case LISTEN -> throw new IllegalArgumentException("it has no cursors");
        }
    }

    private void take(String message) {
        JsonNode batch = Json.read(message.getBytes(StandardCharsets.UTF_8));
        cursor = batch.get("cursor").asString();
        for (JsonNode change : batch.get("changes")) {
            inserted.add(Integer.parseInt(change.get("new").get("val").asString()));
        }
    }
}
