package dev.pbp.notify.internal.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class NotificationFilterTest {
    private final List<String> notifications = new ArrayList<>();
    private final ByteArrayOutputStream server = new ByteArrayOutputStream();
    private final ByteArrayOutputStream expected = new ByteArrayOutputStream();

    private void sink(int pid, byte[] buffer, int channel, int channelLength, int payload, int payloadLength) {
        notifications.add(pid + " " + new String(buffer, channel, channelLength, StandardCharsets.UTF_8) + " "
                + new String(buffer, payload, payloadLength, StandardCharsets.UTF_8));
    }

    private void message(char type, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        data.writeByte(type);
        data.writeInt(4 + body.length);
        data.write(body);
        server.write(bytes.toByteArray());
        if (type != 'A') {
            expected.write(bytes.toByteArray());
        }
    }

    private void notification(int pid, String channel, String payload) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        data.writeInt(pid);
        data.write(channel.getBytes(StandardCharsets.UTF_8));
        data.write(0);
        data.write(payload.getBytes(StandardCharsets.UTF_8));
        data.write(0);
        message('A', bytes.toByteArray());
    }

    /** Pieces of 1 to {@code most} bytes, now and then nothing yet. */
    private static InputStream pieces(byte[] bytes, Random random, int most, boolean wakes) {
        return new InputStream() {
            private int position;

            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (wakes && random.nextInt(3) == 0) {
                    throw new WakeupException();
                }
                if (position == bytes.length) {
                    return -1;
                }
                int count = Math.min(Math.min(length, 1 + random.nextInt(most)), bytes.length - position);
                System.arraycopy(bytes, position, target, offset, count);
                position += count;
                return count;
            }
        };
    }

    private void randomMessages(Random random, int count, List<String> sent) throws IOException {
        for (int i = 0; i < count; i++) {
            if (random.nextInt(4) == 0) {
                byte[] body = new byte[random.nextInt(100) == 0 ? 200_000 : random.nextInt(50)];
                random.nextBytes(body);
                message("RSKZCDNE".charAt(random.nextInt(8)), body);
            } else {
                String payload = "p".repeat(random.nextInt(20) == 0 ? 7999 : random.nextInt(100));
                notification(i, "channel-" + i % 7, payload);
                sent.add(i + " channel-" + i % 7 + " " + payload);
            }
        }
    }

    @Test
    void takesOutNotificationsAndPassesAllElseHoweverTheBytesCome() throws Exception {
        for (int seed = 0; seed < 40; seed++) {
            notifications.clear();
            server.reset();
            expected.reset();
            Random random = new Random(seed);
            List<String> sent = new ArrayList<>();
            message('R', new byte[4]);
            randomMessages(random, 400, sent);
            int most = seed % 4 == 0 ? 3 : seed % 4 == 1 ? 40 : 100_000;
            NotificationFilter filter = new NotificationFilter(
                    pieces(server.toByteArray(), random, most, false), this::sink, seed % 2 == 0);

            ByteArrayOutputStream passed = new ByteArrayOutputStream();
            byte[] buffer = new byte[1 + random.nextInt(9000)];
            for (int count = filter.read(buffer, 0, buffer.length);
                    count >= 0;
                    count = filter.read(buffer, 0, buffer.length)) {
                passed.write(buffer, 0, count);
            }
            assertThat(passed.toByteArray()).as("seed %d", seed).isEqualTo(expected.toByteArray());
            assertThat(notifications).as("seed %d", seed).isEqualTo(sent);
        }
    }

    @Test
    void pumpsWithWakesInEveryPlaceAndStopsBeforeWhatIsTheDrivers() throws Exception {
        for (int seed = 0; seed < 40; seed++) {
            notifications.clear();
            server.reset();
            expected.reset();
            Random random = new Random(seed);
            List<String> sent = new ArrayList<>();
            randomMessages(random, 400, sent);
            NotificationFilter filter =
                    new NotificationFilter(pieces(server.toByteArray(), random, 1 + seed * 50, true), this::sink, true);
            ByteArrayOutputStream passed = new ByteArrayOutputStream();
            byte[] buffer = new byte[4096];
            while (true) {
                try {
                    while (filter.pump()) {
                        int there = filter.available();
                        assertThat(there).isPositive();
                        int count = filter.read(buffer, 0, Math.min(there, buffer.length));
                        passed.write(buffer, 0, count);
                    }
                } catch (EOFException end) {
                    break;
                }
            }
            assertThat(passed.toByteArray()).as("seed %d", seed).isEqualTo(expected.toByteArray());
            assertThat(notifications).as("seed %d", seed).isEqualTo(sent);
        }
    }

    @Test
    void goesOnInPlainAfterEncryptionWasRefused() throws Exception {
        server.write('N');
        server.write('N');
        message('R', new byte[4]);
        notification(1, "c", "p");
        message('Z', new byte[] {'I'});
        NotificationFilter filter =
                new NotificationFilter(pieces(server.toByteArray(), new Random(1), 9, false), this::sink, false);
        byte[] passed = filter.readAllBytes();
        assertThat(passed).hasSize(2 + 9 + 6).startsWith('N', 'N', 'R');
        assertThat(notifications).containsExactly("1 c p");
        assertThat(filter.isFiltering()).isTrue();
    }

    @Test
    void passesAnEncryptedStreamUnread() throws Exception {
        for (byte first : new byte[] {'S', 'G', 0x15, 0x16}) {
            byte[] bytes = new byte[100_000];
            new Random(first).nextBytes(bytes);
            bytes[0] = first;
            NotificationFilter filter =
                    new NotificationFilter(pieces(bytes, new Random(1), 70_000, false), this::sink, false);
            assertThat(filter.readAllBytes()).isEqualTo(bytes);
            assertThat(filter.isFiltering()).isFalse();
        }
        assertThat(notifications).isEmpty();
    }

    @Test
    void refusesWhatIsNoMessage() throws Exception {
        byte[] shortLength = {'A', 0, 0, 0, 3};
        byte[] unterminated = {'A', 0, 0, 0, 10, 0, 0, 0, 1, 'c', 0x20};
        byte[] huge = {'A', 0x10, 0, 0, 0};
        for (byte[] bytes : List.of(shortLength, unterminated, huge)) {
            NotificationFilter filter =
                    new NotificationFilter(pieces(bytes, new Random(1), 99, false), this::sink, true);
            assertThatThrownBy(filter::pump).isInstanceOf(ProtocolException.class);
        }
    }
}
