package dev.pbp.web.internal.tables;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A part of a response that its client has not taken yet, in a file without a name that only this process can read. Used by one
 * thread at a time.
 */
final class SpoolFile implements AutoCloseable {
    private static final Logger LOG = System.getLogger(SpoolFile.class.getName());

    private final Space space;
    private final FileChannel file;
    private long written;
    private long read;

    private SpoolFile(Space space, FileChannel file) {
        this.space = space;
        this.file = file;
    }

    /** The room for all files together. Safe for use by any number of threads. */
    static final class Space {
        private final long limit;
        private final AtomicLong used = new AtomicLong();

        /**
         * Nothing used yet.
         *
         * @param limit in bytes; 0 for no files
         */
        Space(long limit) {
            this.limit = limit;
        }

        private boolean reserve(long bytes) {
            if (used.addAndGet(bytes) > limit) {
                used.addAndGet(-bytes);
                return false;
            }
            return true;
        }

        /** What is in files now, in bytes. */
        long used() {
            return used.get();
        }

        /** Null if no file can be had. */
        @Nullable
        SpoolFile open() {
            if (used.get() >= limit) {
                return null;
            }
            try {
                Path path = Files.createTempFile("pbp-rows-", null);
                return new SpoolFile(
                        this,
                        FileChannel.open(
                                path,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.DELETE_ON_CLOSE)); // on Unix at once
            } catch (IOException e) {
                LOG.log(Level.WARNING, "rows for slow clients: no file in the folder for temporary ones: " + e);
                return null;
            }
        }
    }

    /** Whether something is left to read. */
    boolean hasMore() {
        return read < written;
    }

    /** Appends all that remains in a buffer; false if there is no room, and then nothing is appended. */
    boolean append(ByteBuffer page) {
        int bytes = page.remaining();
        if (!space.reserve(bytes)) {
            return false;
        }
        try {
            long end = written;
            while (page.hasRemaining()) {
                end += file.write(page, end);
            }
            written = end;
            return true;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "rows for slow clients: cannot write to a temporary file: " + e);
            space.used.addAndGet(-bytes);
            page.rewind();
            return false;
        }
    }

    /** Fills an empty buffer with what comes next. */
    void read(ByteBuffer page) throws IOException {
        page.limit((int) Math.min(page.capacity(), written - read));
        while (page.hasRemaining()) {
            if (file.read(page, read + page.position()) < 0) {
                throw new IOException("the temporary file has become shorter");
            }
        }
        page.flip();
        read += page.remaining();
        if (read == written) { // what comes later begins anew
            file.truncate(0);
            space.used.addAndGet(-written);
            read = 0;
            written = 0;
        }
    }

    @Override
    public void close() {
        space.used.addAndGet(-written);
        written = 0;
        read = 0;
        try {
            file.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "rows for slow clients: cannot close a temporary file: " + e);
        }
    }
}
