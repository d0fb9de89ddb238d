package dev.pbp.testing;

import dev.pbp.testing.FaultProxy.Direction;
import dev.pbp.testing.FaultProxy.Fault;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The rules of a {@link FaultProxy} at this moment; used by its thread alone. */
final class Traffic {
    private static final int LARGEST_PIECE = 40;

    private final Runnable cut;
    private final Random random = new Random(1);
    private final Map<Direction, Long> forwarded = new EnumMap<>(Direction.class);
    private @Nullable Fault fault;
    private boolean chopped;
    private @Nullable Limit limit;

    /** So many bytes are still to go that way, then the fault comes. */
    private record Limit(Direction direction, long bytes, Fault fault, CompletableFuture<Void> done) {}

    Traffic(Runnable cut) {
        this.cut = cut;
    }

    void apply(Fault now) {
        if (now == Fault.CUT) {
            cut.run();
        } else {
            fault = now;
        }
    }

    void chop(boolean on) {
        chopped = on;
    }

    CompletableFuture<Void> after(long bytes, Direction direction, Fault then) {
        Limit next = new Limit(direction, bytes, then, new CompletableFuture<>());
        limit = next;
        if (bytes == 0) {
            reach(next);
        }
        return next.done;
    }

    void clear() {
        fault = null;
        limit = null;
        chopped = false;
    }

    boolean reads() {
        return fault != Fault.STALL;
    }

    boolean discards() {
        return fault == Fault.BLACK_HOLE;
    }

    /** How many of these bytes may be forwarded now. */
    int allowed(Direction direction, int bytes) {
        if (fault != null) {
            return 0;
        }
        int piece = chopped ? Math.min(bytes, 1 + random.nextInt(LARGEST_PIECE)) : bytes;
        return limit != null && limit.direction == direction ? (int) Math.min(piece, limit.bytes) : piece;
    }

    void passed(Direction direction, int bytes) {
        forwarded.merge(direction, (long) bytes, Long::sum);
        Limit before = limit;
        if (before != null && before.direction == direction) {
            Limit now = new Limit(direction, before.bytes - bytes, before.fault, before.done);
            limit = now;
            if (now.bytes == 0) {
                reach(now);
            }
        }
    }

    private void reach(Limit reached) {
        limit = null;
        apply(reached.fault);
        reached.done.complete(null);
    }

    long forwarded(Direction direction) {
        return forwarded.getOrDefault(direction, 0L);
    }
}
