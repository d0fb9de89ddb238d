package dev.pbp.cli.terminal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * The lines of an input, handed on as soon as they are there: many at once from a file, one by one from a keyboard.
 *
 * <p>A read cannot be interrupted, so a thread of its own reads ahead a little, and {@link #end} ends a wait for
 * lines.
 */
public final class LineReader {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int CHUNKS_AHEAD = 4;

    private sealed interface Event {}

    private record Chunk(List<String> lines) implements Event {}

    private record Broken(CommandException failure) implements Event {}

    private record End() implements Event {}

    private final InputStream in;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Semaphore ahead = new Semaphore(CHUNKS_AHEAD);
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private final int longest;
    private final Function<String, CommandException> tooLong;
    private long count;

    private LineReader(InputStream in, int longest, Function<String, CommandException> tooLong) {
        this.in = in;
        this.longest = longest;
        this.tooLong = tooLong;
    }

    /**
     * Begins to read an input.
     *
     * @param in is read by a thread of its own, to its end
     * @param longest a line of more bytes, which may have no end, is not read further
     * @param tooLong makes the error then, of the line's description
     * @return the input's lines
     */
    public static LineReader of(InputStream in, int longest, Function<String, CommandException> tooLong) {
        LineReader lines = new LineReader(in, longest, tooLong);
        Thread reader = new Thread(lines::read, "pbp-cli-stdin");
        reader.setDaemon(true);
        reader.start();
        return lines;
    }

    /**
     * Waits for the next lines.
     *
     * @return at least one; empty at the end
     * @throws InterruptedException if the thread is interrupted
     * @throws CommandException if the input cannot be read, or a line is too long or not UTF-8
     */
    public Optional<List<String>> next() throws InterruptedException {
        Event event = events.take();
        if (event instanceof Broken broken) {
            throw broken.failure();
        }
        if (event instanceof Chunk chunk) {
            ahead.release();
            return Optional.of(chunk.lines());
        }
        return Optional.empty();
    }

    /** Ends the lines behind those that were read by now. */
    public void end() {
        events.add(new End());
    }

    private void read() {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                List<String> lines = split(buffer, n);
                if (!lines.isEmpty()) {
                    hand(lines);
                }
            }
            if (begun.size() > 0) {
                hand(List.of(decode(begun.toByteArray(), 0, begun.size())));
            }
        } catch (IOException e) {
            events.add(new Broken(new CommandException("standard input cannot be read (" + e.getMessage() + ")", e)));
        } catch (CommandException e) {
            events.add(new Broken(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end();
    }

    private void hand(List<String> lines) throws InterruptedException {
        ahead.acquire();
        events.add(new Chunk(lines));
    }

    private List<String> split(byte[] buffer, int length) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        int start = 0;
        try {
            for (int i = 0; i < length; i++) {
                if (buffer[i] == '\n') {
                    if (begun.size() > 0) {
                        begun.write(buffer, start, i - start);
                        lines.add(decode(begun.toByteArray(), 0, begun.size()));
                        begun.reset();
                    } else {
                        lines.add(decode(buffer, start, i - start));
                    }
                    start = i + 1;
                }
            }
            // It may have no end, and there is no room for all of it.
            if (begun.size() + length - start > longest) {
                throw tooLong.apply("standard input, line " + (count + 1));
            }
        } catch (CommandException e) {
            // The lines before the bad one count.
            if (!lines.isEmpty()) {
                hand(lines);
            }
            throw e;
        }
        begun.write(buffer, start, length - start);
        return lines;
    }

    private String decode(byte[] bytes, int offset, int length) {
        count++;
        String line = new String(bytes, offset, length, StandardCharsets.UTF_8);
        // The replacement character stands in the input, or for bytes that are no text; only then look closely.
        if (line.indexOf('\uFFFD') < 0) {
            return line;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, offset, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CommandException(
                    "standard input, line " + count + ": is not UTF-8; convert it, for example with iconv", e);
        }
    }
}
