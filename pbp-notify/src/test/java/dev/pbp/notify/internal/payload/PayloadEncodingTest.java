package dev.pbp.notify.internal.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.notify.Notification;
import dev.pbp.notify.Payload;
import dev.pbp.testing.Evidence;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PayloadEncodingTest {
    private final List<PayloadAssembler.Lost<String>> losses = new ArrayList<>();

    @Test
    void plainTextStaysPlainUpTo7999Bytes() {
        for (String text : List.of("", "hello", "{\"a\":1}", "pbp", "x".repeat(7_999), "é".repeat(3_999))) {
            assertThat(encode(Payload.of(text))).containsExactly(text);
        }
    }

    @Test
    void bytesNotCharactersDecideWhatIsTooLong() {
        assertThat(encode(Payload.of("é".repeat(4_000)))).hasSize(2).allMatch(part -> part.startsWith("pbp1:part:"));
        assertThat(encode(Payload.of("x".repeat(8_000)))).hasSize(2);
    }

    @Test
    @Evidence(
            guarantee = "payload-whole",
            claim = "A plain payload stays plain, also if it looks like a part",
            brokenOnce = "PayloadEncoding.encode: not marked as text")
    void textThatLooksLikeAMarkedFormArrivesAsItWas() {
        for (String text : List.of(
                "pbp1:",
                "pbp1:text:",
                "pbp1:bytes:AAAA",
                "pbp1:part:ABCDEFGHIJKLMNOP:1:2:10:t:hello",
                "pbp1:" + "x".repeat(7_994),
                "pbp1:" + "x".repeat(7_984))) {
            assertThat(arrived(encode(Payload.of(text)))).isEqualTo(Payload.of(text));
        }
    }

    @Test
    void unmarkedTextArrivesAsItWasEvenIfItBeginsLikeAMark() {
        for (String text : List.of(
                "pbp1:hello", "pbp1:bytes:not base64!", "pbp1:part:", "pbp1:part:x:0:2:9:t:", "pbp1:part:x:1:2:9:q:")) {
            assertThat(arrived(List.of(text))).isEqualTo(Payload.of(text));
        }
    }

    @Test
    void everySizeAroundTheLimitArrivesAndNoPartIsTooLong() {
        for (String prefix : List.of("", "a topic\n", "t".repeat(1_024) + "\n")) {
            for (int size = 7_999 - prefix.length() - 30; size < 8_010; size++) {
                for (Payload payload : List.of(
                        Payload.of("x".repeat(size)),
                        Payload.of("pbp1:" + "x".repeat(size)),
                        Payload.of(new byte[size]),
                        Payload.of(new byte[size * 3 / 4]))) {
                    assertArrives(prefix, payload);
                }
            }
        }
    }

    @Test
    void randomUnicodeOfRandomSizeArrivesAndNoCharacterIsSplit() {
        Random random = new Random(42);
        for (int round = 0; round < 300; round++) {
            int size = random.nextInt(40_000);
            StringBuilder text = new StringBuilder();
            while (text.length() < size) {
                int limit = new int[] {0x80, 0x800, 0x10000, 0x110000}[random.nextInt(4)];
                int point = 1 + random.nextInt(limit - 1);
                if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
                    text.appendCodePoint(point);
                }
            }
            assertArrives("", Payload.of(text.toString()));
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            assertArrives("", Payload.of(bytes));
        }
    }

    @Test
    void aPayloadOverTheLimitIsRefusedWithBothNumbers() {
        assertThat(encode(Payload.of(new byte[1 << 20]))).isNotEmpty();
        assertThatThrownBy(() -> encode(Payload.of(new byte[(1 << 20) + 1])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1048577 bytes are more than the limit of 1048576");
    }

    private void assertArrives(String prefix, Payload payload) {
        List<String> texts = encode(prefix, payload);
        List<String> bodies = new ArrayList<>();
        for (String text : texts) {
            assertThat(text.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(7_999);
            assertThat(Utf8.length(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
            assertThat(text).startsWith(prefix);
            bodies.add(text.substring(prefix.length()));
        }
        assertThat(arrived(bodies)).isEqualTo(payload);
    }

    private static List<String> encode(Payload payload) {
        return encode("", payload);
    }

    private static List<String> encode(String prefix, Payload payload) {
        return payload.isBinary()
                ? PayloadEncoding.encode(prefix, payload.bytes(), PayloadEncoding.DEFAULT_MAX_PAYLOAD)
                : PayloadEncoding.encode(prefix, payload.text(), PayloadEncoding.DEFAULT_MAX_PAYLOAD);
    }

    private Payload arrived(List<String> texts) {
        PayloadAssembler<String> assembler = new PayloadAssembler<>(
                1 << 20,
                1 << 21,
                bytes -> true,
                bytes -> {},
                Duration.ofSeconds(1),
                () -> 0,
                () -> Instant.EPOCH,
                losses::add);
        List<Payload> payloads = new ArrayList<>();
        for (String text : texts) {
            DecodedPayload payload = assembler.accept("channel", text);
            if (payload != null) {
                payloads.add(new Notification("channel", payload.text(), 1, Instant.EPOCH, payload.binary()).body());
            }
        }
        assertThat(losses).isEmpty();
        assertThat(assembler.unfinishedBytes()).isZero();
        assertThat(payloads).hasSize(1);
        return payloads.get(0);
    }
}
