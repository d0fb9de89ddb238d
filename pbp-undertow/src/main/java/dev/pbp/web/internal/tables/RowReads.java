package dev.pbp.web.internal.tables;

import dev.pbp.push.http.Problem;
import dev.pbp.push.timer.TimerWheel;
import dev.pbp.web.internal.http.AddressBudgets;
import dev.pbp.web.internal.http.Responses;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Reads of whole tables, whose rows are sent while they are read. What fits into a few pages is read at once. Of larger reads few
 * are under way at a time: one that turns out to be larger gives its connection back, waits for its turn and begins anew.
 *
 * <p>Safe for use by any number of threads.
 */
public final class RowReads {
    private static final Logger LOG = System.getLogger(RowReads.class.getName());
    /** Each holds a connection to the database. */
    private static final int MOST_LARGE = 2;

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final long FILE_BYTES = 1L << 30;

    private final AddressBudgets memory;
    private final SpoolFile.Space files = new SpoolFile.Space(fileBytes());
    private final LargeReads large;

    /**
     * None yet.
     *
     * @param memory for the rows on their way
     * @param timers of the site
     */
    public RowReads(AddressBudgets memory, TimerWheel timers) {
        this.memory = memory;
        this.large = new LargeReads(MOST_LARGE, timers, LONGEST_WAIT);
    }

    /** At most half of what the disk has left. */
    private static long fileBytes() {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            return Math.min(FILE_BYTES, Files.getFileStore(folder).getUsableSpace() / 2);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "rows for slow clients: no folder for temporary files: " + e);
            return 0;
        }
    }

    /** Whether the last read of a table was large: then the next one waits for its turn at once. */
    static final class Size {
        private volatile boolean large;

        Size() {}
    }

    /**
     * Reserves memory for a response of one row.
     *
     * @throws Problem 429 or 503 if there is none
     */
    void hold(HttpServerExchange exchange, long bytes) {
        memory.hold(exchange, bytes);
    }

    /**
     * Sends rows as a JSON array. Called on a worker; where it has to wait, it goes on later on another one.
     *
     * @param exchange the request
     * @param size of the table
     * @param read reads all rows into the writer; called again where it has to begin anew
     * @throws Problem 429 or 503 if there is no memory for another one
     */
    void send(HttpServerExchange exchange, Size size, Consumer<RowWriter> read) {
        if (size.large || !attempt(exchange, size, read, false)) {
            large.await(
                    () -> exchange.getConnection().getWorker().execute(() -> readLarge(exchange, size, read)),
                    () -> exchange.getIoThread()
                            .execute(() -> Responses.fail(
                                    exchange,
                                    new Problem(503, "the site: other reads of large tables take long; try again"))));
        }
    }

    private void readLarge(HttpServerExchange exchange, Size size, Consumer<RowWriter> read) {
        try {
            if (!exchange.isComplete()) {
                attempt(exchange, size, read, true);
            }
        } catch (RuntimeException e) {
            Responses.fail(exchange, e);
        } finally {
            large.leave();
        }
    }

    /** False if there are too many rows for a read that is not large. */
    private boolean attempt(HttpServerExchange exchange, Size size, Consumer<RowWriter> read, boolean isLarge) {
        RowWriter writer = new RowWriter(exchange, memory, files, isLarge);
        try {
            read.accept(writer);
            writer.end();
            size.large = writer.isLarge();
        } catch (RowWriter.TooLargeException e) {
            writer.close();
            size.large = true;
            return false;
        } catch (RuntimeException | Error e) {
            writer.fail(e);
        }
        return true;
    }
}
