package dev.pbp.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class DockerServerTest {
    private static final Duration LONG = Duration.ofSeconds(15);

    @Test
    void saysThatNoEngineIsThere(@TempDir Path directory) {
        DockerServer.Found found = find(directory.resolve("docker.sock"), DockerServerTest::never);
        assertThat(found.address()).isNull();
        assertThat(found.why()).contains("no Docker engine answers at", "no such file");
    }

    @Test
    void saysWhyNothingListensAtTheSocket(@TempDir Path directory) throws IOException {
        Path left = Files.createFile(directory.resolve("docker.sock"));
        DockerServer.Found found = find(left, DockerServerTest::never);
        assertThat(found.address()).isNull();
        assertThat(found.why()).contains("no Docker engine answers at " + left);
    }

    @Test
    void givesUpOnAnEngineThatDoesNotAnswer(@TempDir Path directory) throws IOException {
        DockerServer.Found found = listening(directory, Duration.ofMillis(200), () -> {
            new CountDownLatch(1).await();
            return never();
        });
        assertThat(found.address()).isNull();
        assertThat(found.why()).contains("within 200 ms");
    }

    @Test
    void saysWhyAContainerCouldNotBeStarted(@TempDir Path directory) throws IOException {
        DockerServer.Found found = listening(directory, LONG, () -> {
            throw new IOException("no such image");
        });
        assertThat(found.address()).isNull();
        assertThat(found.why()).contains("postgres:18", "no such image");
    }

    private static DockerServer.Found listening(Path directory, Duration limit, Callable<ServerAddress> start)
            throws IOException {
        Path socket = directory.resolve("docker.sock");
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(socket));
            return DockerServer.find(socket, "postgres:18", start, limit);
        }
    }

    private static DockerServer.Found find(Path socket, Callable<ServerAddress> start) {
        return DockerServer.find(socket, "postgres:18", start, LONG);
    }

    private static ServerAddress never() {
        throw new AssertionError("not to be started");
    }
}
