package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class BatchesTest {

    @Test
    void differentMessagesLeaveTogetherInTheOrderOfArrival() {
        Batches batches = new Batches(false, 100, 1_000_000);
        List<Outgoing> sent = List.of(out("a", "1"), out("b", "1"), out("a", "2"), out("c", "1"));
        batches.add(sent);
        assertThat(batches.next()).isEqualTo(sent);
        assertThat(batches.isEmpty()).isTrue();
    }

    @Test
    void anEqualMessageWaitsAndHoldsUpItsOwnChannelOnly() {
        Batches batches = new Batches(false, 100, 1_000_000);
        batches.add(List.of(out("a", "1"), out("a", "1"), out("a", "2"), out("b", "1")));
        assertThat(texts(batches.next())).containsExactly("a1", "b1");
        batches.add(List.of(out("a", "3"), out("b", "2")));
        assertThat(texts(batches.next())).containsExactly("a1", "a2", "a3", "b2");
        assertThat(batches.isEmpty()).isTrue();
    }

    @Test
    void equalMessagesLeaveTogetherIfMergingIsAllowed() {
        Batches batches = new Batches(true, 100, 1_000_000);
        batches.add(List.of(out("a", "1"), out("a", "1"), out("a", "1")));
        assertThat(batches.next()).hasSize(3);
    }

    @Test
    void aStormOnOneChannelLeavesRoomForTheOthers() {
        Batches batches = new Batches(false, 4, 1_000_000);
        for (int i = 0; i < 1_000; i++) {
            batches.add(List.of(out("storm", "x")));
        }
        assertThat(texts(batches.next())).containsExactly("stormx");
        batches.add(List.of(out("calm", "1"), out("calm", "2"), out("calm", "3"), out("calm", "4")));
        assertThat(texts(batches.next())).containsExactly("stormx", "calm1", "calm2", "calm3");
        assertThat(texts(batches.next())).containsExactly("stormx", "calm4");
    }

    @Test
    void limitsOfTextsAndBytesHoldButALargeMessageGoesAlone() {
        Batches batches = new Batches(false, 10, 50_000);
        Outgoing large = out("a", "x".repeat(200_000));
        batches.add(List.of(out("a", "1"), large, out("a", "2")));
        assertThat(texts(batches.next())).containsExactly("a1");
        assertThat(batches.next()).containsExactly(large);
        assertThat(texts(batches.next())).containsExactly("a2");
    }

    @Test
    void whatIsPutBackIsFirstOnItsChannelAgain() {
        Batches batches = new Batches(false, 100, 1_000_000);
        batches.add(List.of(out("a", "1"), out("b", "1"), out("a", "1"), out("b", "2")));
        List<Outgoing> batch = batches.next();
        assertThat(texts(batch)).containsExactly("a1", "b1", "b2");
        batches.putBack(batch);
        assertThat(texts(batches.next())).startsWith("a1").contains("b1", "b2");
        assertThat(texts(batches.next())).containsExactly("a1");
    }

    @Test
    void atRandomNoBatchHasEqualOnesEveryChannelKeepsItsOrderAndNothingIsLost() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            Batches batches = new Batches(false, 1 + random.nextInt(20), 1 + random.nextInt(500));
            Map<String, List<Outgoing>> sent = new HashMap<>();
            Map<String, List<Outgoing>> left = new HashMap<>();
            for (int round = 0; round < 300 || !batches.isEmpty(); round++) {
                if (round < 300) {
                    List<Outgoing> some = new ArrayList<>();
                    for (int i = random.nextInt(10); i > 0; i--) {
                        Outgoing message = out("c" + random.nextInt(4), "p" + random.nextInt(3));
                        some.add(message);
                        sent.computeIfAbsent(message.lane(), key -> new ArrayList<>())
                                .add(message);
                    }
                    batches.add(some);
                }
                List<Outgoing> batch = batches.next();
                assertThat(batch.stream().map(Outgoing::key)).doesNotHaveDuplicates();
                int gone = batch.isEmpty() ? 0 : random.nextInt(batch.size() + 1);
                for (Outgoing message : batch.subList(0, gone)) {
                    left.computeIfAbsent(message.lane(), key -> new ArrayList<>())
                            .add(message);
                }
                batches.putBack(batch.subList(gone, batch.size()));
            }
            // By identity: equal messages are told apart by their futures.
            assertThat(left).isEqualTo(sent);
        }
    }

    @Test
    void whatShouldHaveBeenSentByNowIsTakenOut() {
        Batches batches = new Batches(false, 100, 1_000_000);
        Outgoing early = Outgoing.of(Message.of("a", "1"), 1_000, 5, new CompletableFuture<>());
        Outgoing sameAgain = Outgoing.of(Message.of("a", "1"), 1_000, 6, new CompletableFuture<>());
        Outgoing late = Outgoing.of(Message.of("a", "2"), 1_000, 7, new CompletableFuture<>());
        batches.add(List.of(early, sameAgain, late));
        batches.putBack(batches.next());
        assertThat(batches.removeExpired(4)).isEmpty();
        assertThat(batches.removeExpired(6)).containsExactly(early, sameAgain);
        assertThat(batches.removeAll()).containsExactly(late);
        assertThat(batches.isEmpty()).isTrue();
    }

    private static Outgoing out(String channel, String text) {
        return Outgoing.of(Message.of(channel, text), 1 << 20, Long.MAX_VALUE, new CompletableFuture<>());
    }

    private static List<String> texts(List<Outgoing> messages) {
        return messages.stream()
                .map(message -> message.message().channel()
                        + message.message().payload().text())
                .toList();
    }
}
