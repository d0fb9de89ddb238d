package dev.pbp.push.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.MustRefetchException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WebSocketConnectionTest {
    private final List<String> frames = new ArrayList<>();
    private final Recorder connection = new Recorder();

    private final class Recorder extends WebSocketConnection {
        @Override
        protected void execute(Runnable action) {
            action.run();
        }

        @Override
        protected void writeText(ByteBuffer text, Runnable written) {
            frames.add("text " + StandardCharsets.UTF_8.decode(text));
            written.run();
        }

        @Override
        protected void writePing(@Nullable Runnable written) {
            frames.add("ping");
        }

        @Override
        protected void writeClose(int code, String reason) {
            frames.add("close " + code + " " + reason);
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
    void aMessageIsATextFrame() {
        connection.send(new PushMessage(new Cursor("c1"), () -> "{\"val\":\"ä\"}"), () -> frames.add("sent"));
        assertThat(frames).containsExactly("text {\"val\":\"ä\"}", "sent");
    }

    @Test
    void mustRefetchIsATextBeforeTheCloseFrame() {
        connection.fail(new MustRefetchException("too old"));
        assertThat(frames).containsExactly("text {\"mustRefetch\":true}", "close 1000 must refetch");
    }

    @Test
    void anotherFailureIsNotExplainedToTheClient() {
        connection.fail(new IllegalStateException("thrown on purpose by the test"));
        assertThat(frames).containsExactly("close 1011 the server's log says why");
    }

    @Test
    void aShutdownGivesTheDelayAsTheReasonAndIsTheOnlyCloseFrame() {
        connection.shutDown(Duration.ofMillis(1234));
        connection.receivedBinary();
        assertThat(frames).containsExactly("close 1001 retry=1234");
        assertThat(connection.ping()).isFalse();
    }

    @Test
    void aPingWithoutAnswerIsReportedByTheNext() {
        assertThat(connection.ping()).isTrue();
        assertThat(connection.ping()).isFalse();
        connection.received();
        assertThat(connection.ping()).isTrue();
        assertThat(frames).containsExactly("ping", "ping");
    }

    @Test
    void aFewTextsAreIgnoredAndManyAreAViolation() {
        for (int i = 0; i < 100; i++) {
            connection.receivedText();
        }
        assertThat(frames).isEmpty();
        connection.receivedText();
        assertThat(frames).containsExactly("close 1008 too many messages");
    }
}
