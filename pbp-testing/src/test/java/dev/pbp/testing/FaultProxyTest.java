package dev.pbp.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.FaultProxy.Direction;
import dev.pbp.testing.FaultProxy.Fault;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class FaultProxyTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final Set<Thread> before = Leaks.threadsNow();
    private ServerSocket target;
    private FaultProxy proxy;
    private Socket client;
    private Socket server;

    FaultProxyTest() throws IOException {
        target = new ServerSocket(0, 10, LOOPBACK);
        proxy = FaultProxy.to("127.0.0.1", target.getLocalPort());
        client = new Socket(LOOPBACK, proxy.port());
        server = target.accept();
    }

    @BeforeEach
    void readsNeverHang() throws IOException {
        client.setSoTimeout(5_000);
        server.setSoTimeout(5_000);
    }

    @AfterEach
    void closesAndLeavesNoThread() throws IOException {
        proxy.close();
        client.close();
        server.close();
        target.close();
        assertThat(Leaks.threads(before)).isEmpty();
    }

    @Test
    void forwardsBothWaysAndCounts() throws IOException {
        client.getOutputStream().write(new byte[] {1, 2, 3});
        assertThat(server.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
        server.getOutputStream().write(9);
        assertThat(client.getInputStream().read()).isEqualTo(9);
        assertThat(proxy.connections()).isEqualTo(1);
        assertThat(proxy.accepted()).isEqualTo(1);
        assertThat(proxy.forwarded(Direction.TO_SERVER)).isEqualTo(3);
        assertThat(proxy.forwarded(Direction.TO_CLIENT)).isEqualTo(1);
    }

    @Test
    void forwardsAnOrderlyEnd() throws IOException {
        client.shutdownOutput();
        assertThat(server.getInputStream().read()).isEqualTo(-1);
        server.getOutputStream().write(7);
        assertThat(client.getInputStream().read()).isEqualTo(7);
    }

    @Test
    void cutResetsWhatIsOpenAndLetsNewOnesIn() throws IOException {
        proxy.cut();
        assertThatThrownBy(() -> client.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
        assertThat(proxy.connections()).isZero();
        try (Socket again = new Socket(LOOPBACK, proxy.port());
                Socket accepted = target.accept()) {
            again.getOutputStream().write(5);
            assertThat(accepted.getInputStream().read()).isEqualTo(5);
        }
    }

    @Test
    void refuseClosesThePortUntilResume() throws IOException {
        proxy.refuse();
        assertThatThrownBy(() -> new Socket(LOOPBACK, proxy.port())).isInstanceOf(ConnectException.class);
        client.getOutputStream().write(5);
        assertThat(server.getInputStream().read()).isEqualTo(5);
        proxy.resume();
        try (Socket again = new Socket(LOOPBACK, proxy.port());
                Socket accepted = target.accept()) {
            again.getOutputStream().write(6);
            assertThat(accepted.getInputStream().read()).isEqualTo(6);
        }
    }

    @Test
    void stallHoldsBytesBackUntilResume() throws IOException {
        proxy.stall();
        client.getOutputStream().write(5);
        server.setSoTimeout(50);
        assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        server.setSoTimeout(5_000);
        proxy.resume();
        assertThat(server.getInputStream().read()).isEqualTo(5);
    }

    @Test
    void blackHoleLosesBytesForGood() throws Exception {
        var done = proxy.after(1, Direction.TO_SERVER, Fault.BLACK_HOLE);
        client.getOutputStream().write(new byte[] {5, 6});
        assertThat(server.getInputStream().read()).isEqualTo(5);
        done.get(5, TimeUnit.SECONDS);
        // More than all buffers hold: the writer would be held up if nobody took it.
        client.getOutputStream().write(new byte[32 << 20]);
        proxy.resume();
        server.getOutputStream().write(1);
        assertThat(client.getInputStream().read()).isEqualTo(1);
        assertThat(proxy.forwarded(Direction.TO_SERVER)).isLessThan(32 << 20);
    }

    @Test
    void cutsInTheMiddleOfAMessage() throws Exception {
        var done = proxy.after(10, Direction.TO_CLIENT, Fault.CUT);
        server.getOutputStream().write(new byte[100]);
        done.get(5, TimeUnit.SECONDS);
        assertThatThrownBy(() -> client.getInputStream().readNBytes(100)).isInstanceOf(SocketException.class);
        assertThat(proxy.forwarded(Direction.TO_CLIENT)).isEqualTo(10);
    }

    @Test
    void stallsInTheMiddleOfAMessageAndGoesOnAfterResume() throws Exception {
        var done = proxy.after(10, Direction.TO_CLIENT, Fault.STALL);
        server.getOutputStream().write(new byte[100]);
        done.get(5, TimeUnit.SECONDS);
        assertThat(client.getInputStream().readNBytes(10)).hasSize(10);
        proxy.resume();
        assertThat(client.getInputStream().readNBytes(90)).hasSize(90);
    }

    @Test
    void choppedBytesArriveWhole() throws IOException {
        proxy.chop();
        byte[] sent = new byte[100_000];
        new Random(7).nextBytes(sent);
        client.getOutputStream().write(sent);
        assertThat(server.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
    }

    @Test
    void aDeadTargetLooksDead() throws IOException {
        target.close();
        try (Socket refused = new Socket(LOOPBACK, proxy.port())) {
            assertThatThrownBy(() -> {
                        if (refused.getInputStream().read() < 0) {
                            throw new SocketException("ended");
                        }
                    })
                    .isInstanceOf(SocketException.class);
        }
    }
}
