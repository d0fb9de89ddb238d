package dev.pbp.postgres.internal.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Cursor;
import dev.pbp.testing.Evidence;
import java.nio.file.Path;
import java.util.stream.LongStream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CursorCodecTest {
    private final CursorCodec codec =
            new CursorCodec(new PGSimpleDataSource(), new SecretKeySpec(new byte[] {1}, "HmacSHA256"));

    private static Snapshot running(int count, long apart) {
        long first = 4_000_000_000_000L;
        return new Snapshot(
                first + count * apart,
                LongStream.range(0, count).map(i -> first + i * apart).toArray());
    }

    @Test
    void twoHundredOpenTransactionsMakeACursorOfAFewHundredCharacters() {
        assertThat(codec.encode(Position.at(running(0, 1))).value()).hasSize(27);
        assertThat(codec.encode(Position.at(running(200, 1))).value()).hasSizeLessThan(300);
        assertThat(codec.encode(Position.at(running(200, 10_000))).value()).hasSizeLessThan(600);
        assertThat(codec.encode(Position.at(running(900, 1_000_000))).value()).hasSizeLessThan(Cursor.MAX_LENGTH);
        assertThatThrownBy(() -> codec.encode(Position.at(running(3000, 10_000))))
                .hasMessageContaining("3000 transactions are running at once");
    }

    @Test
    void aPositionIsReadBackAsItWas() {
        Position position = new Position(running(3, 5), running(7, 1000), 123_456_789_012L, 4_000_000_000_001L);
        Position back = codec.decode(codec.encode(position));
        assertThat(back).isEqualTo(position);
    }

    /** The browser's client reads cursors: docs/protocol.md, "What a cursor says". It is tested with the same examples. */
    @Test
    @Evidence(guarantee = "replica-exact", recordedAt = "cursor.test.js")
    void theFormIsThatOfTheExamplesWithWhichTheBrowsersClientIsTested() {
        JsonNode examples = JsonMapper.shared()
                .readTree(Path.of(System.getProperty("pbp.root", ".."), "client", "test", "cursors.json"));
        for (JsonNode example : examples.get("snapshots")) {
            long[] running = example.get("running")
                    .valueStream()
                    .mapToLong(JsonNode::asLong)
                    .toArray();
            Snapshot snapshot = new Snapshot(example.get("xmax").asLong(), running);
            assertThat(codec.encode(Position.at(snapshot)).value())
                    .as(example.toString())
                    .isEqualTo(example.get("cursor").asString());
        }
        assertThat(codec.encode(new Position(running(3, 5), running(7, 1000), 1, 4_000_000_000_001L))
                        .value())
                .isEqualTo(examples.get("catchingUp").asString());
    }
}
