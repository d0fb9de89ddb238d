package dev.pbp.bench.push;

import java.nio.charset.StandardCharsets;

/** The transports, and what a client says to begin, with headers as a browser sends them. */
enum ClientTransport {
    SSE("sse"),
    WEBSOCKET("websocket"),
    LONGPOLL("longpoll");

    private static final String BROWSER = "Host: 127.0.0.1\r\n"
            + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n"
            + "Accept-Encoding: gzip, deflate, br, zstd\r\n"
            + "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
            + "Cache-Control: no-cache\r\n"
            + "Pragma: no-cache\r\n"
            + "Referer: http://127.0.0.1/\r\n"
            + "Sec-Fetch-Dest: empty\r\n"
            + "Sec-Fetch-Mode: cors\r\n"
            + "Sec-Fetch-Site: same-origin\r\n"
            + "sec-ch-ua: \"Chromium\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\n"
            + "sec-ch-ua-mobile: ?0\r\n"
            + "sec-ch-ua-platform: \"Linux\"\r\n";

    final String name;

    ClientTransport(String name) {
        this.name = name;
    }

    static ClientTransport of(String name) {
        return valueOf(name.toUpperCase(java.util.Locale.ROOT));
    }

    /** The request that opens the connection; for a long poll, each request. */
    byte[] request(String cursor) {
        return request(cursor.isEmpty() ? "" : "&cursor=" + cursor, "");
    }

    /** The same for the rows of a room. */
    byte[] requestInRoom(int room, String cursor) {
        return request("&testtype.val=eq.room-" + room + (cursor.isEmpty() ? "" : "&cursor=" + cursor), "");
    }

    /** The same to nchan, which has its cursor in headers. */
    byte[] requestToNchan(String headers) {
        return request("", headers);
    }

    private byte[] request(String cursor, String headers) {
        String path = "/api/_changes?table=testtype" + cursor;
        String special = switch (this) {
            case SSE -> "Accept: text/event-stream\r\n";
            case WEBSOCKET ->
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
            case LONGPOLL -> "Accept: application/json\r\n";
        };
        return ("GET " + path + " HTTP/1.1\r\n" + BROWSER + special + headers + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
