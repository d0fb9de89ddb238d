package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Operation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncodingsTest {
    private final Encodings encodings = new Encodings();

    private static Batch batch(String row) {
        return new Batch(new Cursor("c"), List.of(new Change("t", Operation.INSERT, "{\"id\":1}", null, row, "7")));
    }

    @Test
    void allWhoGetTheSameBatchGetTheSameMessage() {
        Batch batch = batch("{}");
        Message message = encodings.of(batch);
        assertThat(encodings.of(batch("{}"))).isNotSameAs(message); // equal, but another one
        assertThat(encodings.of(batch)).isSameAs(message);
    }

    @Test
    void emptyBatchesAtOneCursorAreAlike() {
        assertThat(encodings.of(new Batch(new Cursor("x"), List.of())))
                .isSameAs(encodings.of(new Batch(new Cursor("x"), List.of())))
                .isNotSameAs(encodings.of(new Batch(new Cursor("y"), List.of())));
    }

    @Test
    void whatIsKeptIsBounded() {
        List<Batch> batches = new ArrayList<>();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            batches.add(batch("\"" + "x".repeat(2 << 20) + "\""));
            messages.add(encodings.of(batches.get(i)));
        }
        assertThat(encodings.of(batches.get(8))).isSameAs(messages.get(8));
        assertThat(encodings.of(batches.get(0))).isNotSameAs(messages.get(0));
    }

    @Test
    void aMessageIsOneLine() {
        assertThat(encodings.of(batch("{\"a\":\n1}")).text())
                .isEqualTo("{\"cursor\":\"c\",\"changes\":[{\"table\":\"t\",\"op\":\"insert\",\"key\":{\"id\":1},"
                        + "\"old\":null,\"new\":{\"a\": 1},\"txid\":\"7\"}]}");
    }
}
