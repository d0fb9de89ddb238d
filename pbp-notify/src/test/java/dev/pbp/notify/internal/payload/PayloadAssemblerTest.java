package dev.pbp.notify.internal.payload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PayloadAssemblerTest {
    private final List<PayloadAssembler.Lost<String>> losses = new ArrayList<>();
    private long now;
    private long reserved;
    private long reservable = Long.MAX_VALUE;
    private final PayloadAssembler<String> assembler = new PayloadAssembler<>(
            100_000,
            150_000,
            this::reserve,
            bytes -> reserved -= bytes,
            Duration.ofSeconds(10),
            () -> now,
            () -> Instant.ofEpochSecond(0, now),
            losses::add);

    private boolean reserve(long bytes) {
        boolean room = reserved + bytes <= reservable;
        reserved += room ? bytes : 0;
        return room;
    }

    @Evidence(
            guarantee = "payload-whole",
            claim = "Unfinished payloads count in the memory of all queues",
            brokenOnce = "PayloadAssembler.add: `reserve` not heeded")
    @Test
    void aPayloadForWhosePartsThereIsNoMemoryIsLostAndReportedOnce() {
        reservable = 20_000;
        List<DecodedPayload> arrived = new ArrayList<>();
        PayloadEncoding.encode("", payload(1, 30_000), 100_000).forEach(part -> accept("channel", part, arrived));
        assertThat(arrived).isEmpty();
        assertThat(losses).hasSize(1);
        assertThat(losses.get(0).reason()).contains("there is no memory for its parts");
        assertThat(reserved).isZero();
        List<String> smaller = PayloadEncoding.encode("", payload(2, 15_000), 100_000);
        accept("channel", smaller.get(0), arrived);
        assertThat(reserved).isEqualTo(assembler.unfinishedBytes()).isPositive();
        smaller.subList(1, smaller.size()).forEach(part -> accept("channel", part, arrived));
        assertThat(arrived).hasSize(1);
        assertThat(reserved).isZero();
    }

    @Test
    void partsOfManyPayloadsMayBeMixed() {
        Random random = new Random(1);
        List<DecodedPayload> sent = new ArrayList<>();
        List<List<String>> queues = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            byte[] payload = payload(i, 9_000 + random.nextInt(8_000));
            sent.add(DecodedPayload.of(payload));
            queues.add(new ArrayList<>(PayloadEncoding.encode("", payload, 100_000)));
        }
        List<DecodedPayload> arrived = new ArrayList<>();
        while (!queues.isEmpty()) {
            List<String> queue = queues.get(random.nextInt(queues.size()));
            accept("channel", queue.remove(0), arrived);
            queues.removeIf(List::isEmpty);
        }
        assertThat(arrived).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(losses).isEmpty();
        assertThat(assembler.unfinishedBytes()).isZero();
    }

    @Test
    @Evidence(guarantee = "payload-whole", brokenOnce = "PayloadAssembler.giveUp: not remembered")
    void eachMissingPartIsOneLossOfItsPayloadAndNothingElse() {
        List<String> parts = PayloadEncoding.encode("", payload(1, 50_000), 100_000);
        assertThat(parts).hasSizeGreaterThan(5);
        // The last part's loss shows only with time: the test after this one.
        for (int missing = 0; missing < parts.size() - 1; missing++) {
            losses.clear();
            List<DecodedPayload> arrived = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                if (i != missing) {
                    accept("orders", parts.get(i), arrived);
                }
            }
            accept("orders", "next", arrived);
            assertThat(arrived).containsExactly(DecodedPayload.of("next"));
            assertThat(losses).singleElement().satisfies(lost -> {
                assertThat(lost.source()).isEqualTo("orders");
                assertThat(lost.reason()).startsWith("a payload of 50000 bytes in " + parts.size() + " parts");
            });
            assertThat(assembler.unfinishedBytes()).isZero();
        }
    }

    @Test
    void aLastPartThatDoesNotComeIsLostWhenItsTimeIsOver() {
        List<String> parts = PayloadEncoding.encode("", payload(1, 20_000), 100_000);
        for (String part : parts.subList(0, parts.size() - 1)) {
            accept("orders", part, new ArrayList<>());
        }
        now = Duration.ofSeconds(10).toNanos();
        assembler.expire();
        assertThat(losses).isEmpty();
        now++;
        assembler.expire();
        assertThat(losses).singleElement().satisfies(lost -> {
            assertThat(lost.reason()).endsWith("its next part did not come within PT10S");
            assertThat(lost.since()).as("when its first part came").isEqualTo(Instant.EPOCH);
        });
        List<DecodedPayload> arrived = new ArrayList<>();
        accept("orders", parts.get(parts.size() - 1), arrived);
        assertThat(arrived).isEmpty();
        assertThat(losses).hasSize(1);
    }

    @Test
    void doubledAndTurnedPartsAreNeverTakenForAPayload() {
        List<String> parts = new ArrayList<>(PayloadEncoding.encode("", payload(1, 30_000), 100_000));
        Random random = new Random(2);
        for (int round = 0; round < 200; round++) {
            assembler.clear();
            losses.clear();
            List<String> garbled = new ArrayList<>(parts);
            garbled.add(random.nextInt(garbled.size()), parts.get(random.nextInt(parts.size())));
            Collections.swap(garbled, random.nextInt(garbled.size()), random.nextInt(garbled.size()));
            List<DecodedPayload> arrived = new ArrayList<>();
            garbled.forEach(part -> accept("c", part, arrived));
            arrived.forEach(payload -> assertThat(payload).isEqualTo(DecodedPayload.of(payload(1, 30_000))));
            assertThat(arrived.size() + losses.size()).isPositive();
        }
    }

    @Test
    @Evidence(guarantee = "payload-whole", brokenOnce = "PayloadAssembler.add: the limit not asked")
    void unfinishedPayloadsTakeNoMoreThanTheirLimitAndTheOldestIsGivenUp() {
        for (int i = 0; i < 100; i++) {
            String first =
                    PayloadEncoding.encode("", payload(i, 90_000), 100_000).get(0);
            accept("orders", first, new ArrayList<>());
            assertThat(assembler.unfinishedBytes()).isLessThanOrEqualTo(150_000);
        }
        assertThat(losses)
                .hasSize(77)
                .allSatisfy(lost -> assertThat(lost.reason()).contains("more than the limit of 150000"));
    }

    @Test
    @Evidence(guarantee = "payload-whole", brokenOnce = "PayloadAssembler: `OVERHEAD` left out")
    void manyUnfinishedPayloadsWithHardlyAByteAreBoundedAsWell() {
        int many = 10_000;
        for (int i = 0; i < many; i++) {
            accept("orders", "pbp1:part:id" + i + ":1:3:90000:t:" + (i % 2 == 0 ? "x" : ""), new ArrayList<>());
        }
        assertThat(losses).hasSizeGreaterThan(many - 150_000 / PayloadAssembler.OVERHEAD - 1);
        assertThat(assembler.unfinishedBytes()).isLessThanOrEqualTo(150_000);
    }

    @Test
    void aPayloadOverTheLimitIsLostAtItsFirstPart() {
        List<String> parts = PayloadEncoding.encode("", payload(1, 100_001), 200_000);
        parts.forEach(part -> accept("orders", part, new ArrayList<>()));
        assertThat(losses)
                .singleElement()
                .satisfies(
                        lost -> assertThat(lost.reason()).contains("100001 bytes are more than the limit of 100000"));
    }

    @Test
    void theSamePayloadOnTwoChannelsIsTwoPayloads() {
        List<String> parts = PayloadEncoding.encode("", payload(1, 20_000), 100_000);
        List<DecodedPayload> arrived = new ArrayList<>();
        for (String part : parts) {
            accept("a", part, arrived);
            accept("b", part, arrived);
        }
        assertThat(arrived).hasSize(2);
    }

    @Test
    void clearForgetsWithoutReporting() {
        List<String> parts = PayloadEncoding.encode("", payload(1, 20_000), 100_000);
        accept("orders", parts.get(0), new ArrayList<>());
        assembler.clear();
        assertThat(assembler.unfinishedBytes()).isZero();
        assertThat(losses).isEmpty();
    }

    private void accept(String source, String text, List<DecodedPayload> arrived) {
        DecodedPayload payload = assembler.accept(source, text);
        if (payload != null) {
            arrived.add(payload);
        }
    }

    private static byte[] payload(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
