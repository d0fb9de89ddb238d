package dev.pbp.notify.internal.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.notify.Gap;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationEvent;
import dev.pbp.notify.OverflowPolicy;
import dev.pbp.notify.SubscriptionOptions;
import dev.pbp.testing.Evidence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "notification-or-gap",
        claim = "In a flood, delivered and reported lost add up to sent",
        recordedAt = "HubLoadIT.inAFloodDeliveredAndReportedLostAddUpToSent")
final class SubscriptionQueueTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static SubscriptionQueue queue(int capacity, OverflowPolicy overflow) {
        return queue(SubscriptionOptions.defaults().withCapacity(capacity).withOverflow(overflow));
    }

    private static SubscriptionQueue queue(SubscriptionOptions options) {
        return new SubscriptionQueue(
                options, new QueueMemory(Long.MAX_VALUE, action -> {}, () -> 0), new ReentrantLock());
    }

    private static Notification number(int n) {
        return new Notification("c", Integer.toString(n), 1, START.plusSeconds(n));
    }

    private static Gap lostConnection(int second) {
        return new Gap(Gap.Reason.CONNECTION_LOST, START.plusSeconds(second), OptionalLong.empty());
    }

    private static Gap overflow(int since, long count) {
        return new Gap(Gap.Reason.OVERFLOW, START.plusSeconds(since), OptionalLong.of(count));
    }

    private static void offer(SubscriptionQueue queue, int n) {
        offer(queue, number(n));
    }

    private static void offer(SubscriptionQueue queue, Notification notification) {
        long size = QueueMemory.sizeOf(notification);
        while (!queue.hasRoomFor(size)) {
            queue.dropOldest();
        }
        queue.add(notification, size);
    }

    private static List<NotificationEvent> drain(SubscriptionQueue queue) {
        List<NotificationEvent> events = new ArrayList<>();
        for (NotificationEvent event = queue.poll(); event != null; event = queue.poll()) {
            events.add(event);
        }
        return events;
    }

    @Test
    void reportsWhatItDroppedBeforeWhatIsLeft() {
        SubscriptionQueue queue = queue(3, OverflowPolicy.dropOldest());
        for (int n = 0; n < 10; n++) {
            offer(queue, n);
        }
        assertThat(queue.size()).isEqualTo(3);
        assertThat(drain(queue)).containsExactly(overflow(0, 7), number(7), number(8), number(9));
        assertThat(queue.isEmpty()).isTrue();
    }

    private static Notification large(int second, int characters) {
        return new Notification("c", "x".repeat(characters), 1, START.plusSeconds(second));
    }

    @Evidence(
            guarantee = "listeners-apart",
            claim = "A queue is bounded in bytes",
            brokenOnce = "SubscriptionQueue.hasRoomFor: bytes not asked")
    @Test
    void isFullWhenItsBytesAre() {
        SubscriptionQueue queue = queue(SubscriptionOptions.defaults().withMaxBytes(5_000));
        for (int second = 0; second < 4; second++) {
            offer(queue, large(second, 1_000));
        }
        assertThat(queue.bytes()).isEqualTo(2 * 2_128);
        assertThat(drain(queue)).containsExactly(overflow(0, 2), large(2, 1_000), large(3, 1_000));
        assertThat(queue.bytes()).isZero();
    }

    @Test
    void holdsOneThatIsLargerThanTheQueueMayBe() {
        SubscriptionQueue queue = queue(SubscriptionOptions.defaults().withMaxBytes(5_000));
        offer(queue, number(0));
        offer(queue, large(1, 100_000));
        assertThat(drain(queue)).containsExactly(overflow(0, 1), large(1, 100_000));
    }

    @Test
    void reportsOneForWhichThereIsNoMemoryAfterTheGapsBeforeIt() {
        SubscriptionQueue queue = queue(3, OverflowPolicy.dropOldest());
        queue.add(lostConnection(1));
        queue.drop(number(2));
        offer(queue, 3);
        assertThat(drain(queue)).containsExactly(lostConnection(1), overflow(2, 1), number(3));
    }

    @Test
    void countsTheNextLossAfresh() {
        SubscriptionQueue queue = queue(1, OverflowPolicy.dropOldest());
        offer(queue, 0);
        offer(queue, 1);
        assertThat(drain(queue)).containsExactly(overflow(0, 1), number(1));
        offer(queue, 2);
        offer(queue, 3);
        assertThat(drain(queue)).containsExactly(overflow(2, 1), number(3));
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A gap stands in its place in the order",
            brokenOnce = "SubscriptionQueue.add: a gap put first")
    void keepsALostConnectionInItsPlace() {
        SubscriptionQueue queue = queue(3, OverflowPolicy.dropOldest());
        offer(queue, 0);
        queue.add(lostConnection(5));
        offer(queue, 1);
        assertThat(drain(queue)).containsExactly(number(0), lostConnection(5), number(1));
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A gap is never dropped",
            brokenOnce = "SubscriptionQueue.dropOldest: `keep` left out")
    void neverDropsAGap() {
        SubscriptionQueue queue = queue(2, OverflowPolicy.dropOldest());
        offer(queue, 0);
        queue.add(lostConnection(5));
        for (int n = 1; n < 5; n++) {
            offer(queue, n);
        }
        assertThat(drain(queue)).containsExactly(lostConnection(5), overflow(0, 3), number(3), number(4));
    }

    @Test
    void makesOneOfGapsWithNothingBetweenThem() {
        SubscriptionQueue queue = queue(2, OverflowPolicy.dropOldest());
        for (int second = 5; second < 1000; second++) {
            queue.add(lostConnection(second));
        }
        assertThat(drain(queue)).containsExactly(lostConnection(5));
    }

    @Test
    void isBoundedWhateverComes() {
        SubscriptionQueue queue = queue(4, OverflowPolicy.dropOldest());
        for (int n = 0; n < 1000; n++) {
            offer(queue, n);
            queue.add(lostConnection(n));
        }
        assertThat(drain(queue)).hasSizeLessThanOrEqualTo(3 + 2 * 4);
    }

    @Test
    void mergesEqualPayloadsWhileOneWaits() {
        SubscriptionQueue queue = queue(10, OverflowPolicy.coalesce());
        offer(queue, 1);
        assertThat(queue.merges(number(1))).isTrue();
        assertThat(queue.merges(number(2))).isFalse();
        assertThat(queue.poll()).isEqualTo(number(1));
        assertThat(queue.merges(number(1))).isFalse();
    }

    @Test
    @Evidence(
            guarantee = "payload-whole",
            claim = "Coalescing takes no bytes for the text that looks like their base64",
            brokenOnce = "SubscriptionQueue: bytes not marked")
    void doesNotTakeBytesForTheTextOfTheirBase64() {
        SubscriptionQueue queue = queue(10, OverflowPolicy.coalesce());
        offer(queue, new Notification("c", "AAAA", 1, START, true));
        assertThat(queue.merges(new Notification("c", "AAAA", 1, START))).isFalse();
        assertThat(queue.merges(new Notification("c", "AAAA", 1, START, true))).isTrue();
    }

    @Test
    void doesNotMergeAcrossAGap() {
        SubscriptionQueue queue = queue(10, OverflowPolicy.coalesce());
        offer(queue, 1);
        queue.add(lostConnection(2));
        assertThat(queue.merges(number(1))).isFalse();
    }
}
