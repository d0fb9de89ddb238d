package dev.pbp.notify.internal.publisher;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Forms transactions of what waits to be sent.
 *
 * <p>PostgreSQL delivers equal notifications of one transaction once, so a message equal to one in the batch has to wait
 * for a later batch, and all after it on its channel with it. Those wait in a lane of their channel. While a channel has
 * a lane, what arrives for it goes there; all else goes straight on in the order of arrival. So a storm of equal
 * messages on one channel does not hold up the others, and no message is looked at more than twice.
 *
 * <p>For the use of one thread.
 */
public final class TransactionBatcher {
    private final boolean mergeEqual;
    private final int maxTexts;
    private final int maxBytes;
    private final Deque<OutgoingMessage> arrived = new ArrayDeque<>();
    private final Map<String, Lane> lanes = new HashMap<>();
    /** All lanes, the one whose turn is next first. None is empty. */
    private final Deque<Lane> turns = new ArrayDeque<>();

    private record Lane(String channel, Deque<OutgoingMessage> queue) {}

    public TransactionBatcher(boolean mergeEqual, int maxTexts, int maxBytes) {
        this.mergeEqual = mergeEqual;
        this.maxTexts = maxTexts;
        this.maxBytes = maxBytes;
    }

    public void add(List<OutgoingMessage> messages) {
        arrived.addAll(messages);
    }

    /** Takes back what was in the last batch and has not been sent, to be the first of its channel again. */
    void putBack(List<OutgoingMessage> messages) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            OutgoingMessage message = messages.get(i);
            Lane lane = lanes.get(message.lane());
            (lane == null ? arrived : lane.queue).addFirst(message);
        }
    }

    public boolean isEmpty() {
        return arrived.isEmpty() && turns.isEmpty();
    }

    /** The next transaction's messages: at least one, if there is any. */
    public List<OutgoingMessage> next() {
        Batch batch = new Batch();
        for (int left = turns.size(); left > 0 && !batch.isHalfFull(); left--) {
            Lane lane = turns.remove();
            while (!lane.queue.isEmpty() && !batch.isHalfFull() && batch.offer(lane.queue.element())) {
                lane.queue.remove();
            }
            keepUnlessEmpty(lane);
        }
        takeArrived(batch);
        return batch.messages;
    }

    private void takeArrived(Batch batch) {
        while (!arrived.isEmpty()) {
            OutgoingMessage message = arrived.element();
            Lane lane = lanes.get(message.lane());
            if (lane == null && batch.isFull(message)) {
                return;
            }
            arrived.remove();
            if (lane != null) {
                lane.queue.add(message);
            } else if (!batch.offer(message)) {
                Lane added = new Lane(message.lane(), new ArrayDeque<>());
                added.queue.add(message);
                lanes.put(added.channel, added);
                turns.add(added);
            }
        }
    }

    private void keepUnlessEmpty(Lane lane) {
        if (lane.queue.isEmpty()) {
            lanes.remove(lane.channel);
        } else {
            turns.add(lane);
        }
    }

    /** Takes out what should have been sent by now. */
    List<OutgoingMessage> removeExpired(long now) {
        List<OutgoingMessage> expired = new ArrayList<>();
        removeExpired(arrived, now, expired);
        for (int left = turns.size(); left > 0; left--) {
            Lane lane = turns.remove();
            removeExpired(lane.queue, now, expired);
            keepUnlessEmpty(lane);
        }
        return expired;
    }

    /** The oldest stand first. */
    private static void removeExpired(Deque<OutgoingMessage> queue, long now, List<OutgoingMessage> expired) {
        while (!queue.isEmpty() && now - queue.element().deadline() >= 0) {
            expired.add(queue.remove());
        }
    }

    List<OutgoingMessage> removeAll() {
        List<OutgoingMessage> all = new ArrayList<>();
        turns.forEach(lane -> all.addAll(lane.queue));
        all.addAll(arrived);
        turns.clear();
        lanes.clear();
        arrived.clear();
        return all;
    }

    /** One transaction in the making. */
    private final class Batch {
        private final List<OutgoingMessage> messages = new ArrayList<>();
        private final Set<OutgoingMessage.Key> keys = new HashSet<>();
        private int texts;
        private int bytes;

        /** The lanes leave the other half to what has just arrived. */
        boolean isHalfFull() {
            return texts >= Math.max(1, maxTexts / 2) || bytes >= maxBytes / 2;
        }

        /** A message larger than a batch goes alone. */
        boolean isFull(OutgoingMessage message) {
            return !messages.isEmpty()
                    && (texts + message.texts().size() > maxTexts || bytes + message.bytes() > maxBytes);
        }

        /** Takes a message unless there is no room for it, or an equal one in the batch. */
        boolean offer(OutgoingMessage message) {
            if (isFull(message) || (!mergeEqual && !keys.add(message.key()))) {
                return false;
            }
            messages.add(message);
            texts += message.texts().size();
            bytes += message.bytes();
            return true;
        }
    }
}
