package dev.pbp.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs leaking classes by JUnit itself and looks at what becomes of them. */
final class LeakIT {
    private static final CountDownLatch RELEASE = new CountDownLatch(1);
    private static @Nullable String databaseName;

    /** What classes leave open: the driver closes a connection that nobody holds any more. */
    private static @Nullable Connection held;

    @PostgresTest
    static final class LeavesNothing {
        @Test
        void runs(TestDatabase database) throws SQLException {
            databaseName = database.name();
            try (Connection connection = database.connect()) {
                execute(connection, "LISTEN tidy");
            }
            new Thread(() -> {}, "short-lived").start();
        }
    }

    @PostgresTest
    static final class LeavesAConnection {
        @Test
        void runs(TestDatabase database) throws SQLException {
            databaseName = database.name();
            held = database.connect();
            execute(held, "SELECT 'left open'");
        }
    }

    @PostgresTest
    static final class LeavesAListener {
        @Test
        void runs(TestDatabase database) throws SQLException {
            held = database.connect();
            execute(held, "LISTEN forgotten");
        }
    }

    @PostgresTest
    static final class LeavesAPreparedTransaction {
        @Test
        void runs(TestDatabase database) throws SQLException {
            try (Connection connection = database.connect()) {
                connection.setAutoCommit(false);
                execute(connection, "CREATE TABLE t ()");
                execute(connection, "PREPARE TRANSACTION 'forgotten one'");
            }
        }
    }

    @PostgresTest
    static final class LeavesAThread {
        @Test
        void runs() {
            Thread thread = new Thread(LeakIT::awaitRelease, "forgotten-thread");
            thread.setDaemon(true);
            thread.start();
        }
    }

    @Test
    void aTidyClassPassesAndItsDatabaseIsGone() throws SQLException {
        assertThat(failures(LeavesNothing.class)).isEmpty();
        assertThat(databaseExists()).isFalse();
    }

    @Test
    void aConnectionLeftOpenFailsTheClassAndIsNamedByItsQuery() throws SQLException {
        assertThat(failures(LeavesAConnection.class))
                .singleElement()
                .asString()
                .contains("LeavesAConnection left behind", "connection of", "SELECT 'left open'");
        assertThat(databaseExists()).isFalse();
    }

    @Test
    void aListenerLeftFailsTheClass() {
        assertThat(failures(LeavesAListener.class))
                .singleElement()
                .asString()
                .contains("listener of", "LISTEN forgotten");
    }

    @Test
    void aPreparedTransactionLeftFailsTheClass() {
        assertThat(failures(LeavesAPreparedTransaction.class))
                .singleElement()
                .asString()
                .contains("prepared transaction forgotten one");
    }

    @Test
    void aThreadLeftFailsTheClassAndIsNamedWithItsStack() {
        try {
            assertThat(failures(LeavesAThread.class))
                    .singleElement()
                    .asString()
                    .contains("thread \"forgotten-thread\" (WAITING, daemon)", "LeakIT.awaitRelease");
        } finally {
            RELEASE.countDown();
        }
    }

    private static List<String> failures(Class<?> type) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(type))
                .execute()
                .containerEvents()
                .failed()
                .map(LeakIT::message)
                .toList();
    }

    private static String message(Event event) {
        return event.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class)
                .getThrowable()
                .map(Throwable::getMessage)
                .orElse("no message");
    }

    private static boolean databaseExists() throws SQLException {
        try (Connection connection = new TestDatabase(SharedServer.address()).connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT FROM pg_database WHERE datname = '" + databaseName + "'")) {
            return rows.next();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void awaitRelease() {
        try {
            RELEASE.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
