package dev.pbp.bench.push;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.HubChannels;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.postgres.JdbcTestTypes;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.web.Site;
import dev.pbp.web.SiteSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.IntSupplier;

/**
 * The process of one server: the site, or its peer. It prints its port, and answers the questions of {@link #answer} until
 * its standard input ends.
 */
public final class PushServerProcess {
    static final int POOL_SIZE = 5;
    /** The argument that asks for the site. */
    public static final String SITE = "site";

    static final String BARE = "bare";

    private PushServerProcess() {}

    /**
     * Serves.
     *
     * @param arguments {@value #SITE} or {@value #BARE}, the JDBC address
     * @throws Exception if it cannot
     */
    public static void main(String[] arguments) throws Exception {
        try (HikariDataSource pool = Pool.open(arguments[1], new Properties(), POOL_SIZE)) {
            if (arguments[0].equals(BARE)) {
                try (BareUndertowServer server = BareUndertowServer.start(pool)) {
                    serve(server.port(), server::drop, server::send);
                }
                return;
            }
            try (NotificationHub hub = NotificationHub.builder(arguments[1]).start();
                    ChangeFeed feed = PostgresChangeFeed.start(pool, Cursors.of(pool), hub);
                    Site site = Site.builder(
                                    new SiteSettings("127.0.0.1", 0, Set.of(), Set.of("testtype"), Set.of()),
                                    feed,
                                    new HubChannels(hub),
                                    new JdbcTestTypes(pool, Cursors.of(pool)))
                            .tables(new JdbcTables(pool, Cursors.of(pool)))
                            .start()) {
                serve(site.address().getPort(), () -> 0, (cursor, json) -> {});
            }
        }
    }

    private static void serve(int port, IntSupplier drop, BiConsumer<String, String> send) throws IOException {
        System.out.println(port);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String question; (question = questions.readLine()) != null; ) {
            if (question.startsWith("send ")) { // CURSOR JSON; without an answer: its clients are asked
                String[] message = question.split(" ", 3);
                send.accept(message[1], message[2]);
            } else {
                System.out.println(question.equals("drop") ? drop.getAsInt() : answer(question));
            }
        }
    }

    private static long answer(String question) throws IOException {
        return switch (question) {
            case "rss" -> {
                heapFree(5, 10); // per cent: what was freed goes back to the system
                System.gc();
                System.gc(); // what the first one only made collectable
                heapFree(40, 70); // as it is by itself
                yield residentBytes();
            }
            case "cpu" -> cpuNanos();
            case "descriptors" -> {
                try (var open = Files.list(Path.of("/proc/self/fd"))) {
                    yield open.count();
                }
            }
            default -> throw new IllegalArgumentException("server: no question is called " + question);
        };
    }

    private static void heapFree(int least, int most) {
        HotSpotDiagnosticMXBean machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        machine.setVMOption("MinHeapFreeRatio", "0"); // never above the most
        machine.setVMOption("MaxHeapFreeRatio", Integer.toString(most));
        machine.setVMOption("MinHeapFreeRatio", Integer.toString(least));
    }

    private static long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("/proc/self/status has no line VmRSS");
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
