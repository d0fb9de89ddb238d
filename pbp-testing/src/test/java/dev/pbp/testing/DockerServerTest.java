package dev.pbp.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class DockerServerTest {

    @Test
    void saysThatNoEngineIsThere(@TempDir Path directory) {
        DockerServer.Found found =
                DockerServer.find(directory.resolve("docker.sock"), "postgres:18", Duration.ofSeconds(10));
        assertThat(found.address()).isNull();
        assertThat(found.why()).contains("no Docker engine answers at", "no such file");
    }

    @Test
    void givesUpOnAnEngineThatDoesNotAnswer(@TempDir Path directory) throws IOException {
        Path socket = directory.resolve("docker.sock");
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(socket));
            DockerServer.Found found = DockerServer.find(socket, "postgres:18", Duration.ofMillis(200));
            assertThat(found.address()).isNull();
            assertThat(found.why()).contains("within");
        }
    }
}
