package dev.pbp.push.internal.subscriber;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Operation;
import dev.pbp.push.connection.PushMessage;
import dev.pbp.testing.Evidence;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "large-transactions",
        claim = "Clients that wait for the same changes share one encoding; the bytes kept are bounded",
        brokenOnce = {"BatchEncoder.of: nothing found", "BatchEncoder.dropOldest: bytes not asked"})
class BatchEncoderTest {
    private final BatchEncoder encoder = new BatchEncoder();

    private static Batch batch(String row) {
        return new Batch(new Cursor("c"), List.of(new Change("t", Operation.INSERT, "{\"id\":1}", null, row, "7")));
    }

    @Test
    void allWhoGetTheSameBatchGetTheSameMessage() {
        Batch batch = batch("{}");
        PushMessage message = encoder.of(batch);
        assertThat(encoder.of(batch("{}"))).isNotSameAs(message); // equal, but another one
        assertThat(encoder.of(batch)).isSameAs(message);
    }

    @Test
    void emptyBatchesAtOneCursorAreAlike() {
        assertThat(encoder.of(new Batch(new Cursor("x"), List.of())))
                .isSameAs(encoder.of(new Batch(new Cursor("x"), List.of())))
                .isNotSameAs(encoder.of(new Batch(new Cursor("y"), List.of())));
    }

    @Test
    void whatIsKeptIsBounded() {
        List<Batch> batches = new ArrayList<>();
        List<PushMessage> messages = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            batches.add(batch("\"" + "x".repeat(2 << 20) + "\""));
            messages.add(encoder.of(batches.get(i)));
        }
        assertThat(encoder.of(batches.get(8))).isSameAs(messages.get(8));
        assertThat(encoder.of(batches.get(0))).isNotSameAs(messages.get(0));
    }

    @Test
    void aMessageIsOneLine() {
        assertThat(encoder.of(batch("{\"a\":\n1}")).text())
                .isEqualTo("{\"cursor\":\"c\",\"changes\":[{\"table\":\"t\",\"op\":\"insert\",\"key\":{\"id\":1},"
                        + "\"old\":null,\"new\":{\"a\": 1},\"txid\":\"7\"}]}");
    }
}
