package dev.pbp.notify.internal.publisher;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes messages from any thread and hands them to the one that sends them. It bounds what has been accepted and is not
 * done, wherever it is: in here, waiting for its turn, or under way.
 */
public final class PublishQueue {
    /** What became of an attempt to add. */
    public enum Added {
        YES,
        FULL,
        CLOSED
    }

    /**
     * A caller that publishes one message after another returns a few microseconds after each commit. Spinning until then
     * saves the wake-up of a sleeping thread, which takes about as long as the commit itself.
     */
    private static final long SPIN_NANOS = Runtime.getRuntime().availableProcessors() > 1 ? 50_000 : 0;

    private final int maxMessages;
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition room = lock.newCondition();
    private List<OutgoingMessage> arrived = new ArrayList<>();
    /** Written under the lock. */
    private volatile int messages;

    private long bytes;
    private boolean closed;
    private boolean taking;
    /** Whether {@link #arrived} has something; written under the lock. */
    private volatile boolean some;

    public PublishQueue(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /** Adds it, waiting so long for room; a message larger than all room is taken when nothing else is there. */
    public Added add(OutgoingMessage message, long waitNanos) throws InterruptedException {
        long left = waitNanos;
        lock.lock();
        try {
            while (!closed && messages > 0 && (messages >= maxMessages || bytes + message.bytes() > maxBytes)) {
                if (left <= 0) {
                    return Added.FULL;
                }
                left = room.awaitNanos(left);
            }
            if (closed) {
                return Added.CLOSED;
            }
            arrived.add(message);
            some = true;
            messages = messages + 1;
            bytes += message.bytes();
            if (taking) {
                work.signal();
            }
            return Added.YES;
        } finally {
            lock.unlock();
        }
    }

    /** All that has arrived; waits so long for something, and not at all when closed. */
    List<OutgoingMessage> take(long waitNanos) throws InterruptedException {
        if (waitNanos > 0) {
            spin();
        }
        lock.lock();
        try {
            long left = waitNanos;
            taking = true;
            while (arrived.isEmpty() && !closed && left > 0) {
                left = work.awaitNanos(left);
            }
            return drain();
        } finally {
            taking = false;
            lock.unlock();
        }
    }

    /** All that has arrived. */
    List<OutgoingMessage> drain() {
        lock.lock();
        try {
            List<OutgoingMessage> taken = arrived;
            arrived = new ArrayList<>();
            some = false;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void spin() {
        long start = System.nanoTime();
        while (!some && System.nanoTime() - start < SPIN_NANOS) {
            Thread.yield(); // the publishing thread may need this processor
        }
    }

    /** Waits, but not beyond {@link #close}. */
    void pause(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && left > 0) {
                left = work.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes room: these are done. */
    void done(List<OutgoingMessage> finished) {
        lock.lock();
        try {
            messages = messages - finished.size();
            for (OutgoingMessage message : finished) {
                bytes -= message.bytes();
            }
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more; what is here can still be taken. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Whether no more than one message is waiting or under way. */
    boolean isAlone() {
        return messages <= 1;
    }

    /** How many messages have been accepted and are not done. */
    public int messages() {
        return messages;
    }

    /** For error messages. */
    public String load() {
        lock.lock();
        try {
            return messages + " of " + maxMessages + " messages and " + bytes + " of " + maxBytes
                    + " bytes are waiting";
        } finally {
            lock.unlock();
        }
    }
}
