package dev.pbp.bench.replica;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import dev.pbp.bench.harness.Figures;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What is measured on our page and on the peer's, by turns. */
final class ReplicaPages {
    private static final String PEER = "refetch";
    private static final int ROWS = 1000;
    private static final int MANY_ROWS = 10_000;
    private static final int ROUNDS = 5;
    private static final int WARM_UPS = 20;
    private static final int WRITES = 200;
    /** Rows at the top of the page, which are on the screen. */
    private static final int SEEN = 5;

    private static final int FRAME_MICROS = 16_667;
    private static final int NAVIGATIONS = 15;
    private static final int MEMORY_ROUNDS = 3;
    private static final int SCROLL_ROUNDS = 3;
    private static final int FRAMES = 600;
    private static final int PIXELS_A_FRAME = 100;

    private final Figures figures;
    private final TestTypeWriter rows;
    private final List<String> addresses;
    private final Random random = new Random(1);

    ReplicaPages(Figures figures, TestTypeWriter rows, String origin) {
        this.figures = figures;
        this.rows = rows;
        this.addresses = List.of(origin + "/", origin + "/static/refetch.html");
    }

    /** From just before the commit of a change until the frame that shows it. */
    void paint() throws Exception {
        rows.fill(ROWS);
        double[][] p50 = new double[2][ROUNDS];
        double[][] p99 = new double[2][ROUNDS];
        try (ReplicaBrowser browser = ReplicaBrowser.start()) {
            figures.say(browser.version());
            for (int round = 0; round < ROUNDS; round++) {
                for (int which = 0; which < 2; which++) {
                    double[] millis = paint(browser, addresses.get(which));
                    p50[which][round] = Figures.percentile(50, millis);
                    p99[which][round] = Figures.percentile(99, millis);
                }
                figures.say("commit-to-paint, round %d of %d: p50 %.1f ms, refetch %.1f ms"
                        .formatted(round + 1, ROUNDS, p50[0][round], p50[1][round]));
            }
        }
        print("commit-to-paint-p50", "ms", p50);
        print("commit-to-paint-p99", "ms", p99);
    }

    private double[] paint(ReplicaBrowser browser, String address) throws Exception {
        try (BrowserContext context = browser.context()) {
            Page page = ReplicaBenchmark.open(context, address, ROWS);
            PageClock clock = PageClock.of(page);
            double[] millis = new double[WRITES];
            for (int i = -WARM_UPS; i < WRITES; i++) {
                int id = ROWS - random.nextInt(SEEN);
                String val = "Written " + System.nanoTime();
                page.evaluate("(row) => probe.expect(row)", List.of(id, val));
                TimeUnit.MICROSECONDS.sleep(
                        random.nextInt(FRAME_MICROS)); // or every commit would fall at the same point of a frame
                double before = rows.update(id, val);
                millis[Math.max(0, i)] = clock.asked(page) - before;
            }
            PageClock after = PageClock.of(page);
            double drift = Math.abs(after.offsetMillis() - clock.offsetMillis());
            if (drift > clock.errorMillis() + after.errorMillis()) {
                throw new IllegalStateException("the page's clock moved by " + drift + " ms against ours");
            }
            figures.say("the page's clock is known to within %.2f ms".formatted(clock.errorMillis()));
            return millis;
        }
    }

    /**
     * From the beginning of the navigation, with nothing cached and the browser's new window at rest, until the frame that shows
     * all rows; beside a document that has the rows in it and neither script nor style: what the browser takes by itself. And
     * until the page says that it is live.
     */
    void firstRow() throws Exception {
        rows.fill(ROWS);
        HttpServer plain = plainDocument();
        List<String> all = new ArrayList<>(addresses);
        all.add("http://127.0.0.1:" + plain.getAddress().getPort() + "/");
        double[][] millis = new double[all.size()][NAVIGATIONS];
        double[] live = new double[NAVIGATIONS];
        try (ReplicaBrowser browser = ReplicaBrowser.start()) {
            for (int round = -2; round < NAVIGATIONS; round++) {
                for (int which = 0; which < all.size(); which++) {
                    millis[which][Math.max(0, round)] = untilPainted(browser, all.get(which), "rows");
                }
                live[Math.max(0, round)] = untilPainted(browser, all.get(0), "live");
            }
        } finally {
            plain.stop(0);
        }
        figures.say("first-row: " + Arrays.toString(millis[0]));
        print("first-row", "ms", millis);
        double floor = Figures.median(millis[2]);
        figures.peer("first-row", "plain-html", floor, "ms");
        figures.ratio("first-row", "plain-html", floor / Figures.median(millis[0]));
        figures.figure("first-live", Figures.median(live), "ms");
    }

    private static double untilPainted(ReplicaBrowser browser, String address, String what) throws Exception {
        try (BrowserContext context = browser.context()) {
            context.addInitScript("probe.asked = probe." + what + "(" + ROWS + ")");
            Page page = context.newPage();
            browser.rest();
            page.navigate(address);
            return ((Number) page.evaluate("probe.asked.then((time) => time - performance.timeOrigin)")).doubleValue();
        }
    }

    private static HttpServer plainDocument() throws IOException {
        String row = "<div class=row><span>%d</span><span>Hello number %1$d</span></div>";
        byte[] document = ("<!doctype html><title>Rows</title><div id=rows>"
                        + IntStream.rangeClosed(1, ROWS)
                                .mapToObj(row::formatted)
                                .collect(Collectors.joining())
                        + "</div>")
                .getBytes(StandardCharsets.UTF_8);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, document.length);
            exchange.getResponseBody().write(document);
            exchange.close();
        });
        server.start();
        return server;
    }

    /** From frame to frame, while a page with many rows is scrolled by eight screens a second. */
    void scroll() throws Exception {
        rows.fill(MANY_ROWS);
        double[][] p50 = new double[2][SCROLL_ROUNDS];
        double[][] p99 = new double[2][SCROLL_ROUNDS];
        try (ReplicaBrowser browser = ReplicaBrowser.start()) {
            for (int round = 0; round < SCROLL_ROUNDS; round++) {
                for (int which = 0; which < 2; which++) {
                    try (BrowserContext context = browser.context()) {
                        Page page = ReplicaBenchmark.open(context, addresses.get(which), MANY_ROWS);
                        List<?> frames =
                                (List<?>) page.evaluate("probe.scroll(" + FRAMES + ", " + PIXELS_A_FRAME + ")");
                        double[] millis = frames.stream()
                                .mapToDouble(frame -> ((Number) frame).doubleValue())
                                .toArray();
                        p50[which][round] = Figures.percentile(50, millis);
                        p99[which][round] = Figures.percentile(99, millis);
                    }
                }
            }
        }
        print("scroll-10k-p50", "ms", p50);
        print("scroll-10k-p99", "ms", p99);
    }

    /** What the tab's process holds in memory, after a collection. */
    void memory() throws Exception {
        double[][] megabytes = new double[2][MEMORY_ROUNDS];
        for (int round = 0; round < MEMORY_ROUNDS; round++) {
            for (int which = 0; which < 2; which++) {
                double empty = megabytes(addresses.get(which), 0);
                megabytes[which][round] = megabytes(addresses.get(which), MANY_ROWS);
                figures.say("memory-10k-rows, %s: %.1f MB, and %.1f MB without a row"
                        .formatted(addresses.get(which), megabytes[which][round], empty));
            }
        }
        print("memory-10k-rows", "MB", megabytes);
    }

    private double megabytes(String address, int count) throws Exception {
        rows.fill(count);
        try (ReplicaBrowser browser = ReplicaBrowser.start();
                BrowserContext context = browser.context()) {
            Page page = ReplicaBenchmark.open(context, address, count);
            page.requestGC();
            page.evaluate("probe.frame()");
            page.requestGC();
            return browser.privateBytes() / 1e6;
        }
    }

    /** Lower values are better in all of these. */
    private void print(String name, String unit, double[][] values) {
        double ours = Figures.median(values[0]);
        double peers = Figures.median(values[1]);
        figures.figure(name, ours, unit);
        figures.peer(name, PEER, peers, unit);
        figures.ratio(name, PEER, peers / ours);
    }
}
