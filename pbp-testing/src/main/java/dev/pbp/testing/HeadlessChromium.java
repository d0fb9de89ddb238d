package dev.pbp.testing;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The installed Chromium, without a window. */
public final class HeadlessChromium implements AutoCloseable {
    // No sandbox: it cannot be had as root, and it sees only our own pages.
    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private final Playwright playwright;
    private final Browser browser;

    private HeadlessChromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** Starts the whole browser with further arguments. */
    public static HeadlessChromium start(String... more) {
        return start(BrowserPrograms.chromium(), more);
    }

    /** Starts its shell if that is installed: the same engine, which opens tabs faster, but keeps no page to go back to. */
    public static HeadlessChromium startShell() {
        return start(BrowserPrograms.shell().orElseGet(BrowserPrograms::chromium));
    }

    private static HeadlessChromium start(Path program, String... more) {
        Playwright playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of(
                        "PLAYWRIGHT_NODEJS_PATH",
                        BrowserPrograms.node().toString(),
                        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD",
                        "1")));
        try {
            LaunchOptions options = new LaunchOptions()
                    .setExecutablePath(program)
                    // Pages that are left stay in memory, to go back to, as in anyone's browser.
                    .setIgnoreDefaultArgs(List.of("--disable-back-forward-cache"))
                    .setArgs(Stream.concat(ARGUMENTS.stream(), Stream.of(more)).toList());
            return new HeadlessChromium(playwright, playwright.chromium().launch(options));
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    public Browser browser() {
        return browser;
    }

    /** Ends a tab's process, as running out of memory would. */
    public static void crash(Page page) {
        try {
            page.navigate("chrome://crash");
        } catch (PlaywrightException crashed) {
            if (!String.valueOf(crashed.getMessage()).contains("crash")) {
                throw crashed;
            }
        }
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
