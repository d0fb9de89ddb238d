package dev.pbp.bench;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import dev.pbp.testing.BrowserPrograms;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A headless Chromium of a measurement's own. Every page has {@code probe.js} before its own scripts. */
final class ReplicaBrowser implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Playwright playwright;
    private final Browser browser;

    private ReplicaBrowser(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    static ReplicaBrowser start() {
        Playwright playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of(
                        "PLAYWRIGHT_NODEJS_PATH",
                        BrowserPrograms.node().toString(),
                        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD",
                        "1")));
        try {
            return new ReplicaBrowser(
                    playwright,
                    playwright
                            .chromium()
                            .launch(new LaunchOptions()
                                    .setExecutablePath(BrowserPrograms.chromium())
                                    // No sandbox: it cannot be had as root, and it sees only our own pages. No process
                                    // in reserve: it would count as memory of the page.
                                    .setArgs(List.of(
                                            "--no-sandbox",
                                            "--disable-gpu",
                                            "--disable-quic",
                                            "--no-first-run",
                                            "--disable-background-networking",
                                            "--disable-component-update",
                                            "--disable-sync",
                                            "--disable-features=SpareRendererForSitePerProcess"))));
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    String version() {
        return "Chromium " + browser.version();
    }

    /** Tabs that share storage, locks and connections; nothing is cached yet. */
    BrowserContext context() throws IOException {
        BrowserContext context = browser.newContext();
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

    /** Ends a tab's process, as running out of memory would. */
    static void crash(Page page) {
        try {
            page.navigate("chrome://crash");
        } catch (PlaywrightException crashed) {
            if (!String.valueOf(crashed.getMessage()).contains("crash")) {
                throw crashed;
            }
        }
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
        browser.close();
        playwright.close();
    }
}
