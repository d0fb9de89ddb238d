package dev.pbp.push.internal.subscriber;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Operation;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.push.connection.PushMessage;
import dev.pbp.testing.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "large-transactions",
        claim = "Clients that wait for the same changes share one encoding; the bytes kept are bounded",
        brokenOnce = {"BatchEncoder.of: nothing found", "BatchEncoder.drop: bytes not asked"})
class BatchEncoderTest {
    private final BatchEncoder encoder = new BatchEncoder(new MemoryBudget(1L << 30));

    private static Batch batch(String row) {
        return new Batch(new Cursor("c"), List.of(new Change("t", Operation.INSERT, "{\"id\":1}", null, row, "7")));
    }

    private PushMessage message(Batch batch) {
        return Objects.requireNonNull(encoder.of(batch, null));
    }

    @Test
    void allWhoGetTheSameBatchGetTheSameMessage() {
        Batch batch = batch("{}");
        PushMessage message = message(batch);
        assertThat(message(batch("{}"))).isNotSameAs(message); // equal, but another one
        assertThat(message(batch)).isSameAs(message);
    }

    @Test
    void emptyBatchesAtOneCursorAreAlike() {
        assertThat(message(new Batch(new Cursor("x"), List.of())))
                .isSameAs(message(new Batch(new Cursor("x"), List.of())))
                .isNotSameAs(message(new Batch(new Cursor("y"), List.of())));
    }

    @Test
    void whatIsKeptIsBounded() {
        List<Batch> batches = new ArrayList<>();
        List<PushMessage> messages = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            batches.add(batch("\"" + "x".repeat(2 << 20) + "\""));
            messages.add(message(batches.get(i)));
        }
        assertThat(message(batches.get(8))).isSameAs(messages.get(8));
        assertThat(message(batches.get(0))).isNotSameAs(messages.get(0));
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim =
                    "A message counts until it is neither kept nor held by a client; where there is no memory it is not made",
            brokenOnce = {"PushMessage.release: gives nothing back", "BatchEncoder.of: `memory.reserve` not asked"})
    void aMessageCountsAsLongAsItIsHeld() {
        MemoryBudget memory = new MemoryBudget(1 << 20);
        BatchEncoder small = new BatchEncoder(memory);
        Batch large = batch("\"" + "x".repeat(300_000) + "\"");
        PushMessage first = Objects.requireNonNull(small.of(large, null));
        assertThat(first.size()).isGreaterThan(300_000);
        assertThat(memory.used()).isBetween(300_000L, 301_000L);
        PushMessage again = Objects.requireNonNull(small.of(large, null)); // a second client
        first.release();
        assertThat(small.of(batch("\"" + "y".repeat(450_000) + "\""), null))
                .isNull(); // nothing that is kept could be dropped
        assertThat(memory.used()).isBetween(300_000L, 301_000L);
        again.release();
        assertThat(memory.used()).isZero();
        PushMessage next = Objects.requireNonNull(small.of(batch("\"" + "z".repeat(450_000) + "\""), null));
        assertThat(next.text()).contains("zzz");
    }

    @Test
    void textsThatAreLongAreEncodedPieceByPiece() {
        String row = "\"" + "x".repeat((1 << 16) - 2) + "\uD83D\uDE00ä".repeat(50_000) + "\"";
        assertThat(message(batch(row)).text()).contains(row);
    }

    @Test
    void aMessageIsOneLine() {
        assertThat(message(batch("{\"a\":\n1}")).text())
                .isEqualTo("{\"cursor\":\"c\",\"changes\":[{\"table\":\"t\",\"op\":\"insert\",\"key\":{\"id\":1},"
                        + "\"old\":null,\"new\":{\"a\": 1},\"txid\":\"7\"}]}");
    }
}
