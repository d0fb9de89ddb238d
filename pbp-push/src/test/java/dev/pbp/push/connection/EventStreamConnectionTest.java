package dev.pbp.push.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.MustRefetchException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventStreamConnectionTest {
    private final StringBuilder written = new StringBuilder();
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger sent = new AtomicInteger();
    private final Recorder connection = new Recorder();

    private final class Recorder extends EventStreamConnection {
        @Override
        protected void write(Supplier<ByteBuffer[]> content, Runnable done) {
            for (ByteBuffer buffer : content.get()) {
                written.append(StandardCharsets.UTF_8.decode(buffer));
            }
            done.run();
        }

        @Override
        protected void end() {
            ends.incrementAndGet();
        }

        @Override
        public int pendingBytes() {
            return 0;
        }

        @Override
        public @Nullable InetSocketAddress peer() {
            return null;
        }

        @Override
        public void abort() {}

        @Override
        public void onClose(Runnable action) {}
    }

    @Test
    void aMessageIsAnEventWhoseIdIsItsCursor() {
        connection.send(new PushMessage(new Cursor("c1"), () -> "{\"val\":\"ä\"}"), sent::incrementAndGet);
        connection.send(new PushMessage(null, () -> "{}"), sent::incrementAndGet);
        assertThat(written).hasToString("id: c1\ndata: {\"val\":\"ä\"}\n\ndata: {}\n\n");
        assertThat(sent).hasValue(2);
        assertThat(ends).hasValue(0);
    }

    @Test
    void aHeartbeatIsAComment() {
        connection.sendHeartbeat(sent::incrementAndGet);
        assertThat(written).hasToString(":\n\n");
        assertThat(sent).hasValue(1);
    }

    @Test
    void mustRefetchIsAnEventOfItsOwnBeforeTheEnd() {
        connection.fail(new MustRefetchException("too old"));
        assertThat(written).hasToString("event: must-refetch\ndata: {\"detail\":\"too old\"}\n\n");
        assertThat(ends).hasValue(1);
    }

    @Test
    void anotherFailureEndsTheStreamWithoutAWord() {
        connection.fail(new IllegalStateException("thrown on purpose by the test"));
        assertThat(written.toString()).isEmpty();
        assertThat(ends).hasValue(1);
    }

    @Test
    void aShutdownSaysWhenToReconnectBeforeTheEnd() {
        connection.shutDown(Duration.ofMillis(1234));
        assertThat(written).hasToString("retry: 1234\n\n");
        assertThat(ends).hasValue(1);
    }
}
