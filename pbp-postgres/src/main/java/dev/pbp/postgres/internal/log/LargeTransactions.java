package dev.pbp.postgres.internal.log;

import dev.pbp.postgres.internal.cursor.Position;
import java.lang.ref.WeakReference;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The transactions that are read in parts. Between two parts a transaction stays open for a while: to read it anew from the
 * middle, the server would have to check its order again. Each open one holds a connection.
 *
 * <p>Safe for use by any number of threads.
 */
final class LargeTransactions implements AutoCloseable {
    private static final int MAX_OPEN = 1;
    private static final long MAX_IDLE_SECONDS = 30;
    private static final Executor CLOSER = CompletableFuture.delayedExecutor(
            MAX_IDLE_SECONDS, TimeUnit.SECONDS, task -> new Thread(task, "pbp-large-transaction").start());

    private final DataSource source;
    private final long partSize;
    private final UnreadableRowReporter unreadable;
    private final Map<Position, LargeTransaction> open = new LinkedHashMap<>(); // guarded by this; oldest first
    private boolean closed; // guarded by this

    /**
     * Keeps the settings.
     *
     * @param partSize about how much a part may hold, in bytes
     */
    LargeTransactions(DataSource source, long partSize, UnreadableRowReporter unreadable) {
        this.source = source;
        this.partSize = partSize;
        this.unreadable = unreadable;
    }

    /** The next part, of a transaction that is open at this position; null if none is, or its connection has broken meanwhile. */
    @Nullable
    LogPage next(Position from) {
        LargeTransaction transaction;
        synchronized (this) {
            transaction = open.remove(from);
        }
        if (transaction == null) {
            return null;
        }
        try {
            return read(transaction, from);
        } catch (SQLException timedOut) { // by a setting of the server's or the network's; it is opened again
            return null;
        }
    }

    /** Opens a transaction, or its rest, and reads its first part. */
    LogPage open(LargeTransaction.Start start) throws SQLException {
        boolean checked = start.from().isWithinTransaction(); // the rows before are not seen here
        return read(LargeTransaction.open(source, start, partSize, checked, unreadable), start.from());
    }

    private LogPage read(LargeTransaction transaction, Position from) throws SQLException {
        LogPage part = null;
        boolean kept = false;
        try {
            part = transaction.next();
            kept = part != null && part.next().isWithinTransaction() && keep(part.next(), transaction);
        } finally {
            if (!kept) {
                transaction.close();
            }
        }
        return part == null ? read(transaction.checked(source, from), from) : part;
    }

    /** Closes the transaction that is open at a position, if there is one: no reader goes on from there. */
    void forget(Position position) {
        LargeTransaction transaction;
        synchronized (this) {
            transaction = open.remove(position);
        }
        if (transaction != null) {
            transaction.close();
        }
    }

    private boolean keep(Position position, LargeTransaction transaction) {
        LargeTransaction oldest = null;
        synchronized (this) {
            if (closed || open.putIfAbsent(position, transaction) != null) {
                return false; // another reader stands at the same point
            }
            if (open.size() > MAX_OPEN) {
                Iterator<LargeTransaction> all = open.values().iterator();
                oldest = all.next();
                all.remove();
            }
        }
        if (oldest != null) {
            oldest.close();
        }
        WeakReference<LargeTransaction> kept =
                new WeakReference<>(transaction); // one that is closed meanwhile is not held
        CLOSER.execute(() -> expire(position, kept));
        return true;
    }

    private void expire(Position position, WeakReference<LargeTransaction> kept) {
        LargeTransaction transaction = kept.get();
        if (transaction == null) {
            return;
        }
        boolean idle;
        synchronized (this) {
            idle = open.remove(position, transaction);
        }
        if (idle) {
            transaction.close();
        }
    }

    @Override
    public void close() {
        Map<Position, LargeTransaction> left;
        synchronized (this) {
            closed = true;
            left = Map.copyOf(open);
            open.clear();
        }
        left.values().forEach(LargeTransaction::close);
    }
}
