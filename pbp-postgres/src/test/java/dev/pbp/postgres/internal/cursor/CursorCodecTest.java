package dev.pbp.postgres.internal.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.testing.Evidence;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.LongStream;
import javax.crypto.Mac;
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

    /** Whoever knows the secret, a database's owner, may sign anything. */
    private Cursor signed(int... bytes) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(new byte[] {1}, "HmacSHA256"));
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        byte[] all = Arrays.copyOf(content, content.length + 12);
        System.arraycopy(mac.doFinal(content), 0, all, content.length, 12);
        return new Cursor(Base64.getUrlEncoder().withoutPadding().encodeToString(all));
    }

    @Test
    @Evidence(
            guarantee = "no-forged-cursor",
            how =
                    "a signed cursor that names a billion transactions in ten bytes, and such as end too early or too late",
            brokenOnce = "CursorCodec.getSnapshot: no look at what is left; position: none at what remains")
    void aCursorThatNamesMoreThanItHoldsIsNone() throws GeneralSecurityException {
        assertThat(codec.decode(signed(1, 9, 1, 2))).isEqualTo(Position.at(new Snapshot(9, new long[] {7})));
        for (Cursor wrong : List.of(
                signed(1, 9, 0xff, 0xff, 0xff, 0xff, 0x07, 1),
                signed(1, 9, 2, 1),
                signed(1, 9),
                signed(1),
                signed(1, 0x80),
                signed(1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0),
                signed(1, 9, 1, 2, 3),
                signed(3, 9, 0, 9, 0, 1),
                signed(9, 9, 1, 2))) {
            assertThatThrownBy(() -> codec.decode(wrong)).isInstanceOf(MustRefetchException.class);
        }
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
