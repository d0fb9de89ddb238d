package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the kernel is about to do with the server's end of a connection, by {@code /proc/net/tcp}. */
record KernelTimer(String kind, long hundredths) {
    private static final String KEEP_ALIVE = "02";

    /** Of the connection that this socket is the other end of. */
    private static KernelTimer of(Socket client) throws IOException {
        StringBuilder table = new StringBuilder();
        for (Path file : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
            table.append(Files.isReadable(file) ? Files.readString(file) : "");
        }
        // Own address, peer's, state, queues, timer and when it is due.
        Matcher line = Pattern.compile(
                        ":%04X \\S+:%04X 01 \\S+ (\\w\\w):(\\w+)".formatted(client.getPort(), client.getLocalPort()))
                .matcher(table);
        assertThat(line.find()).as(table.toString()).isTrue();
        return new KernelTimer(line.group(1), Long.parseLong(line.group(2), 16));
    }

    /** When the kernel probes the client. While it waits for an acknowledgement another timer runs. */
    static long keepAliveMillis(Socket client) {
        return await().atMost(Duration.ofSeconds(20))
                        .until(() -> of(client), timer -> timer.kind.equals(KEEP_ALIVE))
                        .hundredths
                * 10;
    }
}
