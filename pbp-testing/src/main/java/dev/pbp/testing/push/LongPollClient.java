package dev.pbp.testing.push;

import java.net.URI;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** A request for each message. */
final class LongPollClient extends PushClient {
    private final URI uri;
    private @Nullable String cursor;

    LongPollClient(int port, String path, @Nullable String cursor) {
        this.uri = URI.create("http://127.0.0.1:" + port + path);
        this.cursor = cursor;
    }

    @Override
    String next() throws Exception {
        HttpResponse<String> response = Http.get(cursor == null ? uri : URI.create(uri + "&cursor=" + cursor));
        if (response.statusCode() == 410 && response.body().contains("/must-refetch\"")) {
            return MUST_REFETCH;
        }
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        cursor = cursor(response.body());
        if (!cursor.equals(Http.header(response, "PBP-Cursor"))) {
            throw new AssertionError(
                    "PBP-Cursor is " + Http.header(response, "PBP-Cursor") + ", the message's " + cursor);
        }
        return response.body();
    }

    @Override
    public void close() {
        // between two messages nothing is open
    }
}
