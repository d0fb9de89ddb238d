package dev.pbp.testing;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The three questions asked of a Docker engine, over its socket. Blocks without limit, but can be interrupted. */
record DockerEngine(Path socket) {

    void ping() throws IOException {
        if (!Files.exists(socket)) {
            throw new IOException("no such file");
        }
        int status = status("GET", "/_ping");
        if (status != 200) {
            throw new IOException("it says " + status);
        }
    }

    /** Sees to it that the engine has the image, or says why it has not. */
    void need(String image) throws IOException {
        if (has(image)) {
            return;
        }
        int colon = image.lastIndexOf(':');
        int status = status(
                "POST",
                "/images/create?fromImage=" + encode(image.substring(0, colon)) + "&tag="
                        + encode(image.substring(colon + 1)));
        if (!has(image)) {
            throw new IOException("has no image " + image + " and cannot pull it (it says " + status + ")");
        }
    }

    private boolean has(String image) throws IOException {
        return status("GET", "/images/" + encode(image) + "/json") == 200;
    }

    /** The answer's status, after its end: a pull is over when its answer is. */
    private int status(String method, String path) throws IOException {
        String request = method + " " + path + " HTTP/1.0\r\nHost: docker\r\nContent-Length: 0\r\n\r\n";
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(StandardCharsets.US_ASCII.encode(request));
            StringBuilder head = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(8192);
            while (channel.read(buffer) >= 0) {
                buffer.flip();
                if (head.length() < 12) {
                    head.append(StandardCharsets.ISO_8859_1.decode(buffer));
                }
                buffer.clear();
            }
            if (head.length() < 12 || !head.substring(0, 5).equals("HTTP/")) {
                throw new IOException("its answer to " + method + " " + path + " is not HTTP");
            }
            return Integer.parseInt(head.substring(9, 12));
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
