package dev.pbp.bench.replica;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.pbp.bench.harness.Benchmark;
import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.ChildProcess;
import dev.pbp.bench.harness.Figures;
import dev.pbp.bench.push.PushServerProcess;
import dev.pbp.testing.BrowserPrograms;
import dev.pbp.testing.PrivateServer;
import java.util.List;
import java.util.Optional;

/**
 * What the page and its replica do in a headless Chromium, with the site in a process of its own.
 *
 * <p>Peer: {@code refetch}, a page that fetches the whole table after each event of the older protocol and shows it anew.
 */
public final class ReplicaBenchmark implements Benchmark.Parted {
    private static final List<String> PARTS = List.of("apply", "paint", "first", "scroll", "memory", "takeover");

    /** Creates it; nothing is started yet. */
    public ReplicaBenchmark() {}

    @Override
    public List<String> parts() {
        return PARTS;
    }

    @Override
    public void run(Figures figures, List<String> parts) throws Exception {
        Optional<String> complaint = BrowserPrograms.complaint();
        if (complaint.isPresent()) {
            figures.say("replica needs a Chromium and Node.js; " + complaint.get());
            System.exit(1);
        }
        try (PrivateServer server = PrivateServer.builder()
                .setting("fsync", "on")
                .setting("synchronous_commit", "on")
                .create()) {
            figures.say(BenchmarkTables.create(server.database()).settings());
            try (ChildProcess site = ChildProcess.start(
                            PushServerProcess.class,
                            List.of(),
                            PushServerProcess.SITE,
                            server.database().jdbcUrl());
                    TestTypeWriter rows = new TestTypeWriter(server.database())) {
                String origin = "http://127.0.0.1:" + site.answer();
                ReplicaPages pages = new ReplicaPages(figures, rows, origin);
                ReplicaTabs tabs = new ReplicaTabs(figures, rows, origin);
                for (String part : parts) {
                    switch (part) {
                        case "apply" -> tabs.apply();
                        case "paint" -> pages.paint();
                        case "first" -> pages.firstRow();
                        case "scroll" -> pages.scroll();
                        case "memory" -> pages.memory();
                        default -> tabs.takeover();
                    }
                }
            }
        }
    }

    /** A page of the site, or of the peer, that is up to date. */
    static Page open(BrowserContext context, String address, int rows) {
        Page page = context.newPage();
        page.navigate(address);
        page.evaluate("(count) => probe.live(count)", rows);
        return page;
    }
}
