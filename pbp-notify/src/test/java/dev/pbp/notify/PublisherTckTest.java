package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;
import org.testng.annotations.AfterMethod;

/** The reactive-streams TCK is written for TestNG, so it is run from here. */
@Evidence(
        guarantee = "listeners-apart",
        claim = "The view as `Flow.Publisher` keeps the rules of reactive streams",
        brokenOnce = "QueuedSubscription.take: demand not asked")
final class PublisherTckTest {
    @Test
    void theChannelAsAStreamKeepsTheRulesOfReactiveStreams() {
        TestNG suite = new TestNG(false);
        suite.setUseDefaultListeners(false);
        TestListenerAdapter results = new TestListenerAdapter();
        suite.addListener(results);
        suite.setTestClasses(new Class<?>[] {Verification.class});
        suite.run();

        List<String> failures = new ArrayList<>();
        for (ITestResult failed : results.getFailedTests()) {
            failures.add(failed.getName() + ": " + failed.getThrowable());
        }
        assertThat(failures).isEmpty();
        assertThat(results.getPassedTests()).hasSizeGreaterThan(25);
    }

    /** Each subscriber gets a hub that sends as many as the test wants, and is then closed. */
    public static final class Verification extends FlowPublisherVerification<NotificationEvent> {
        private static final int ENDLESS = 100_000;

        private final List<AutoCloseable> open = new ArrayList<>();

        /** For TestNG. */
        public Verification() {
            super(new TestEnvironment(500, 20));
        }

        @Override
        public Flow.Publisher<NotificationEvent> createFlowPublisher(long elements) {
            return subscriber -> {
                ExecutorService delivery = Executors.newCachedThreadPool();
                InMemoryHub hub = new InMemoryHub(delivery);
                hub.publisher("tck", SubscriptionOptions.defaults().withCapacity(ENDLESS))
                        .subscribe(subscriber);
                Thread feeder = new Thread(() -> {
                    for (long n = 0; n < elements && hub.state() == HubState.LISTENING; n++) {
                        hub.send("tck", Long.toString(n));
                        if (n >= ENDLESS) {
                            Thread.yield();
                        }
                    }
                    hub.close();
                });
                feeder.start();
                open.add(() -> {
                    hub.close();
                    feeder.join();
                    delivery.shutdown();
                });
            };
        }

        @Override
        public Flow.Publisher<NotificationEvent> createFailedFlowPublisher() {
            InMemoryHub hub = new InMemoryHub();
            hub.close();
            return hub.publisher("tck", SubscriptionOptions.defaults());
        }

        @AfterMethod
        public void close() throws Exception {
            for (AutoCloseable opened : open) {
                opened.close();
            }
            open.clear();
        }
    }
}
