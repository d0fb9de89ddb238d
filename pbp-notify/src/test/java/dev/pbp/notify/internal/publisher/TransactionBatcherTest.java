package dev.pbp.notify.internal.publisher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.notify.Message;
import dev.pbp.testing.Evidence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "publish-outcome",
        claim = "Each channel keeps its order, equal messages or not",
        brokenOnce = "TransactionBatcher.takeArrived: a message overtakes its channel's lane")
final class TransactionBatcherTest {

    @Test
    void differentMessagesLeaveTogetherInTheOrderOfArrival() {
        TransactionBatcher batcher = new TransactionBatcher(false, 100, 1_000_000);
        List<OutgoingMessage> sent = List.of(out("a", "1"), out("b", "1"), out("a", "2"), out("c", "1"));
        batcher.add(sent);
        assertThat(batcher.next()).isEqualTo(sent);
        assertThat(batcher.isEmpty()).isTrue();
    }

    @Test
    void anEqualMessageWaitsAndHoldsUpItsOwnChannelOnly() {
        TransactionBatcher batcher = new TransactionBatcher(false, 100, 1_000_000);
        batcher.add(List.of(out("a", "1"), out("a", "1"), out("a", "2"), out("b", "1")));
        assertThat(texts(batcher.next())).containsExactly("a1", "b1");
        batcher.add(List.of(out("a", "3"), out("b", "2")));
        assertThat(texts(batcher.next())).containsExactly("a1", "a2", "a3", "b2");
        assertThat(batcher.isEmpty()).isTrue();
    }

    @Test
    void equalMessagesLeaveTogetherIfMergingIsAllowed() {
        TransactionBatcher batcher = new TransactionBatcher(true, 100, 1_000_000);
        batcher.add(List.of(out("a", "1"), out("a", "1"), out("a", "1")));
        assertThat(batcher.next()).hasSize(3);
    }

    @Test
    void aStormOnOneChannelLeavesRoomForTheOthers() {
        TransactionBatcher batcher = new TransactionBatcher(false, 4, 1_000_000);
        for (int i = 0; i < 1_000; i++) {
            batcher.add(List.of(out("storm", "x")));
        }
        assertThat(texts(batcher.next())).containsExactly("stormx");
        batcher.add(List.of(out("calm", "1"), out("calm", "2"), out("calm", "3"), out("calm", "4")));
        assertThat(texts(batcher.next())).containsExactly("stormx", "calm1", "calm2", "calm3");
        assertThat(texts(batcher.next())).containsExactly("stormx", "calm4");
    }

    @Test
    void limitsOfTextsAndBytesHoldButALargeMessageGoesAlone() {
        TransactionBatcher batcher = new TransactionBatcher(false, 10, 50_000);
        OutgoingMessage large = out("a", "x".repeat(200_000));
        batcher.add(List.of(out("a", "1"), large, out("a", "2")));
        assertThat(texts(batcher.next())).containsExactly("a1");
        assertThat(batcher.next()).containsExactly(large);
        assertThat(texts(batcher.next())).containsExactly("a2");
    }

    @Test
    void whatIsPutBackIsFirstOnItsChannelAgain() {
        TransactionBatcher batcher = new TransactionBatcher(false, 100, 1_000_000);
        batcher.add(List.of(out("a", "1"), out("b", "1"), out("a", "1"), out("b", "2")));
        List<OutgoingMessage> batch = batcher.next();
        assertThat(texts(batch)).containsExactly("a1", "b1", "b2");
        batcher.putBack(batch);
        assertThat(texts(batcher.next())).startsWith("a1").contains("b1", "b2");
        assertThat(texts(batcher.next())).containsExactly("a1");
    }

    @Test
    void atRandomNoBatchHasEqualOnesEveryChannelKeepsItsOrderAndNothingIsLost() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            TransactionBatcher batcher = new TransactionBatcher(false, 1 + random.nextInt(20), 1 + random.nextInt(500));
            Map<String, List<OutgoingMessage>> sent = new HashMap<>();
            Map<String, List<OutgoingMessage>> left = new HashMap<>();
            for (int round = 0; round < 300 || !batcher.isEmpty(); round++) {
                if (round < 300) {
                    List<OutgoingMessage> some = new ArrayList<>();
                    for (int i = random.nextInt(10); i > 0; i--) {
                        OutgoingMessage message = out("c" + random.nextInt(4), "p" + random.nextInt(3));
                        some.add(message);
                        sent.computeIfAbsent(message.lane(), key -> new ArrayList<>())
                                .add(message);
                    }
                    batcher.add(some);
                }
                List<OutgoingMessage> batch = batcher.next();
                assertThat(batch.stream().map(OutgoingMessage::key)).doesNotHaveDuplicates();
                int gone = batch.isEmpty() ? 0 : random.nextInt(batch.size() + 1);
                for (OutgoingMessage message : batch.subList(0, gone)) {
                    left.computeIfAbsent(message.lane(), key -> new ArrayList<>())
                            .add(message);
                }
                batcher.putBack(batch.subList(gone, batch.size()));
            }
            // By identity: equal messages differ by their futures.
            assertThat(left).isEqualTo(sent);
        }
    }

    @Test
    void whatShouldHaveBeenSentByNowIsTakenOut() {
        TransactionBatcher batcher = new TransactionBatcher(false, 100, 1_000_000);
        OutgoingMessage early = OutgoingMessage.of(Message.of("a", "1"), List.of("1"), 5, new CompletableFuture<>());
        OutgoingMessage sameAgain =
                OutgoingMessage.of(Message.of("a", "1"), List.of("1"), 6, new CompletableFuture<>());
        OutgoingMessage late = OutgoingMessage.of(Message.of("a", "2"), List.of("2"), 7, new CompletableFuture<>());
        batcher.add(List.of(early, sameAgain, late));
        batcher.putBack(batcher.next());
        assertThat(batcher.removeExpired(4)).isEmpty();
        assertThat(batcher.removeExpired(6)).containsExactly(early, sameAgain);
        assertThat(batcher.removeAll()).containsExactly(late);
        assertThat(batcher.isEmpty()).isTrue();
    }

    private static OutgoingMessage out(String channel, String text) {
        return OutgoingMessage.of(Message.of(channel, text), List.of(text), Long.MAX_VALUE, new CompletableFuture<>());
    }

    private static List<String> texts(List<OutgoingMessage> messages) {
        return messages.stream()
                .map(message -> message.message().channel()
                        + message.message().payload().text())
                .toList();
    }
}
