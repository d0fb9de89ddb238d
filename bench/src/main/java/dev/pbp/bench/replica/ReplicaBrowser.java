package dev.pbp.bench.replica;

import com.microsoft.playwright.BrowserContext;
import dev.pbp.testing.HeadlessChromium;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A headless Chromium of a measurement's own. Every page has {@code probe.js} before its own scripts. */
final class ReplicaBrowser implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 60_000;
    /** At rest is what takes less than a tenth of a processor for so many looks in a row. */
    private static final int QUIET_LOOKS = 3;

    private static final int LOOK_MILLIS = 200;

    private final HeadlessChromium chromium;

    private ReplicaBrowser(HeadlessChromium chromium) {
        this.chromium = chromium;
    }

    static ReplicaBrowser start() {
        // No process in reserve: it would count as memory of the page.
        return new ReplicaBrowser(HeadlessChromium.start("--disable-features=SpareRendererForSitePerProcess"));
    }

    String version() {
        return "Chromium " + chromium.browser().version();
    }

    /** Tabs that share storage, locks and connections; nothing is cached yet. */
    BrowserContext context() throws IOException {
        BrowserContext context = chromium.browser().newContext();
        context.setDefaultTimeout(TIMEOUT_MILLIS);
        context.addInitScript(script("probe.js"));
        return context;
    }

    static String script(String name) throws IOException {
        try (InputStream in = ReplicaBrowser.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * Waits until nothing is at work any more: with a new context Chromium opens a window, whose own pages and scripts take
     * half a second of a processor.
     */
    void rest() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
        Duration before = processorTime();
        for (int quiet = 0; quiet < QUIET_LOOKS; ) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            Duration now = processorTime();
            quiet = now.minus(before).toMillis() <= LOOK_MILLIS / 10 ? quiet + 1 : 0;
            before = now;
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the browser is still at work after " + TIMEOUT_MILLIS + " ms");
            }
        }
    }

    /** Of all that this process has started, in steps of 10 ms. */
    private static Duration processorTime() {
        return ProcessHandle.current()
                .descendants()
                .flatMap(process -> process.info().totalCpuDuration().stream())
                .reduce(Duration.ZERO, Duration::plus);
    }

    /** What only the tabs' processes hold in memory, in bytes. */
    long privateBytes() throws IOException {
        long sum = 0;
        for (ProcessHandle process : ProcessHandle.current().descendants().toList()) {
            try {
                if (Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                        .contains("--type=renderer")) {
                    sum += privateBytes(process.pid());
                }
            } catch (NoSuchFileException ended) {
                continue; // it ended after it was listed
            }
        }
        return sum;
    }

    private static long privateBytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup")).stream()
                .filter(line -> line.startsWith("Private_"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .sum();
    }

    @Override
    public void close() {
        chromium.close();
    }
}
