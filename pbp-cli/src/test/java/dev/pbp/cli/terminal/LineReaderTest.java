package dev.pbp.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineReaderTest {
    private static final int LONGEST = 300_000;

    private static List<String> all(LineReader lines) throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (Optional<List<String>> some = lines.next(); some.isPresent(); some = lines.next()) {
            all.addAll(some.get());
        }
        return all;
    }

    private static LineReader of(InputStream in) {
        return LineReader.of(in, LONGEST, line -> new CommandException(line + ": is too long"));
    }

    private static LineReader of(String text) {
        return of(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void keepsEveryLineAsItIs() throws InterruptedException {
        assertThat(all(of("a\n\n b \r\nö€😀\nlast"))).containsExactly("a", "", " b \r", "ö€😀", "last");
        assertThat(all(of(""))).isEmpty();
        assertThat(all(of("\n"))).containsExactly("");
    }

    @Test
    void keepsLinesThatLieAcrossReads() throws InterruptedException {
        List<String> lines =
                IntStream.range(0, 5_000).mapToObj(i -> "ö".repeat(i % 300) + i).toList();
        assertThat(all(of(String.join("\n", lines)))).isEqualTo(lines);
        assertThat(all(of("x".repeat(300_000) + "\ny"))).containsExactly("x".repeat(300_000), "y");
    }

    @Test
    void keepsAReplacementCharacterThatStandsInTheInput() throws InterruptedException {
        assertThat(all(of("a\uFFFDb\n"))).containsExactly("a\uFFFDb");
    }

    @Test
    void namesTheLineThatIsNotUtf8AndHandsOnThoseBefore() throws InterruptedException {
        LineReader lines = of(new ByteArrayInputStream(new byte[] {'a', '\n', (byte) 0xff, '\n', 'b', '\n'}));
        assertThat(lines.next()).contains(List.of("a"));
        assertThatThrownBy(lines::next)
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("line 2: is not UTF-8");
    }

    /** As with a binary file by mistake: it may have no end, and memory has. */
    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "A line without end is not read into memory",
            brokenOnce = "LineReader.split: `tooLong` not thrown")
    void aLineThatIsTooLongIsNamedWithoutBeingReadToItsEnd() throws InterruptedException {
        LineReader lines = of("first\n" + "x".repeat(LONGEST) + "\n" + "x".repeat(10 * LONGEST));
        assertThat(lines.next()).contains(List.of("first"));
        assertThat(lines.next()).contains(List.of("x".repeat(LONGEST)));
        assertThatThrownBy(lines::next)
                .isInstanceOf(CommandException.class)
                .hasMessage("standard input, line 3: is too long");
    }

    @Test
    void handsALineOnBeforeTheInputEnds() throws IOException, InterruptedException {
        try (PipedOutputStream keyboard = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(keyboard)) {
            LineReader lines = of(in);
            keyboard.write("one\ntw".getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
            assertThat(lines.next()).contains(List.of("one"));
            lines.end();
            assertThat(lines.next()).isEmpty();
        }
    }
}
