package dev.pbp.bench.push;

import dev.pbp.bench.harness.Figures;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Browsers that come and go: what the server has grown by after a minute of it. */
record PushChurn(Figures figures, TestDatabase database) {
    private static final int RATE = 2000;
    private static final int WARM_SECONDS = 10;
    private static final int SECONDS = 60;

    void run() throws Exception {
        try (PushNode node = PushNode.measured(database, PushServerProcess.SITE, ClientTransport.SSE)) {
            long idle = node.askServer("descriptors");
            figures.say("churn: " + RATE + " connects a second");
            node.askClients("churn " + RATE + " " + WARM_SECONDS);
            awaitDescriptors(node, idle);
            long before = node.askServer("rss");
            String[] done = node.askClients("churn " + RATE + " " + SECONDS).split(" ");
            double rate = Double.parseDouble(done[0]) * 1e9 / Double.parseDouble(done[1]);
            figures.say(String.format("churn: it were %.0f a second", rate));
            awaitDescriptors(node, idle);
            double growth = (node.askServer("rss") - before) / 1e6;
            if (rate < 0.95 * RATE) {
                figures.say("churn: no figure, this machine does not connect " + RATE + " a second now; growth was "
                        + growth + " MB");
                return;
            }
            figures.figure("churn-growth", growth, "MB");
        }
    }

    /** Until the server has noticed that they are gone. */
    private static void awaitDescriptors(PushNode node, long wanted) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        long open;
        while ((open = node.askServer("descriptors")) > wanted + PushServerProcess.POOL_SIZE) {
            if (System.nanoTime() > end) {
                throw new IOException("churn: the server still has " + open + " descriptors, it had " + wanted);
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }
}
