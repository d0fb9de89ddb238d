package dev.pbp.push.timer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Evidence(
        guarantee = "slow-clients",
        claim = "A client whose network drops everything is cut off within 30 s, on an event stream too, on Linux",
        brokenOnce =
                "DeadPeerDetector.look: what was silent once is cut off; looks also where no client is on an event stream")
class DeadPeerDetectorTest {
    private static final int PORT = 8888; // 22B8
    /** As Linux on a machine with the lower byte first writes it; the last number is how often something was sent again. */
    private static final String LINE =
            "%d: 0100007F:%s %s %s %s:00000000 01:00000014 %08X     0        0 7 1 0 20 4 30";

    private static final String CLIENT = "0200A8C0:C350"; // 192.168.0.2:50000

    private final List<InetSocketAddress> dropped = new ArrayList<>();
    private final TimerWheel timers = new TimerWheel(Duration.ofSeconds(12));
    private boolean needed = true;
    private Path file;
    private DeadPeerDetector watch;

    @BeforeEach
    void start(@TempDir Path folder) {
        file = folder.resolve("tcp");
        watch = new DeadPeerDetector(new TcpTable(List.of(file)), timers, () -> needed);
        for (String peer : new String[] {"192.168.0.2", "192.168.0.3", "2001:db8::7"}) {
            timers.schedule(new Client(new InetSocketAddress(peer, 50_000)), Duration.ofSeconds(60));
        }
    }

    @AfterEach
    void stop() {
        watch.close();
        timers.close();
    }

    private final class Client extends TimerWheel.Timer {
        private final InetSocketAddress peer;

        Client(InetSocketAddress peer) {
            this.peer = peer;
        }

        @Override
        public void expired() {}

        @Override
        public void abortIfPeerIn(Set<InetSocketAddress> peers) {
            if (peers.contains(peer)) {
                dropped.add(peer);
            }
        }
    }

    private void look(String... lines) throws IOException {
        Files.writeString(file, "  sl  local_address rem_address   st\n" + String.join("\n", lines) + "\n");
        watch.look(PORT);
    }

    private static String line(String peer, int times) {
        return LINE.formatted(0, "22B8", peer, "01", "0000001F", times);
    }

    @Test
    void whoAcknowledgesNothingFromOneLookToTheNextIsCutOff() throws IOException {
        look(line(CLIENT, 1), line("0300A8C0:C350", 0));
        assertThat(dropped).isEmpty();
        look(line(CLIENT, 5), line("0300A8C0:C350", 0));
        assertThat(dropped).containsExactly(new InetSocketAddress("192.168.0.2", 50_000));
    }

    @Test
    void whereEverybodyIsAskedTheTableIsNotRead() throws IOException {
        needed = false;
        look(line(CLIENT, 5));
        look(line(CLIENT, 5));
        assertThat(dropped).isEmpty();
        needed = true;
        look(line(CLIENT, 5)); // the first that counts
        assertThat(dropped).isEmpty();
    }

    @Test
    void whoAcknowledgedSomethingMeanwhileStays() throws IOException {
        look(line(CLIENT, 5));
        look(line(CLIENT, 4)); // begun anew
        look(line(CLIENT, 0));
        look(line(CLIENT, 6));
        look();
        look(line(CLIENT, 2));
        look(line(CLIENT, 2)); // twice is not too often yet
        assertThat(dropped).isEmpty();
    }

    @Test
    void othersConnectionsAreNotOurs() throws IOException {
        String[] others = {
            LINE.formatted(0, "22B9", CLIENT, "01", "0000001F", 9), // another port
            LINE.formatted(1, "22B8", CLIENT, "04", "0000001F", 9), // closed by us already
            LINE.formatted(2, "22B8", CLIENT, "01", "00000000", 9), // nothing on its way
            LINE.formatted(3, "22B8", "0200A8C0:C351", "01", "0000001F", 9) // somebody else there
        };
        look(others);
        look(others);
        assertThat(dropped).isEmpty();
    }

    @Test
    void addressesOfBothKindsAreUnderstood() throws IOException {
        String[] lines = {
            line("0000000000000000FFFF00000200A8C0:C350", 3), // IPv4 within IPv6
            line("B80D0120000000000000000007000000:C350", 3)
        };
        look(lines);
        look(lines);
        assertThat(dropped)
                .containsExactlyInAnyOrder(
                        new InetSocketAddress("192.168.0.2", 50_000), new InetSocketAddress("2001:db8::7", 50_000));
    }

    @Test
    void aTableThatCannotBeReadCutsNobodyOff() throws IOException {
        look(line(CLIENT, 3));
        Files.writeString(file, "0: nonsense 01 0000001F:0 x y z\n");
        watch.look(PORT);
        look(line(CLIENT, 9));
        assertThat(dropped).isEmpty();
    }
}
