package dev.pbp.notify.internal.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.notify.Backoff;
import dev.pbp.notify.Gap;
import dev.pbp.notify.HubBuilder;
import dev.pbp.notify.NotificationHub;
import dev.pbp.notify.Recorder;
import dev.pbp.notify.Sender;
import dev.pbp.notify.internal.socket.NotificationSink;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.net.Socket;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;

@PostgresTest
final class ListenConnectionIT {
    private static final NotificationSink NOBODY = (pid, buffer, channel, length, payload, bytes) -> {};

    private final TestDatabase database;

    ListenConnectionIT(TestDatabase database) {
        this.database = database;
    }

    private static ConnectionOpener opener(String url, Properties properties) {
        return new ConnectionOpener(new ConnectionSettings(
                "connection-it",
                url,
                properties,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                InstantSource.system()));
    }

    private ListenConnection open() throws SQLException {
        return opener(database.jdbcUrl(), new Properties()).open(NOBODY);
    }

    @Test
    void theCheckPassesWhileTheSessionIsOursAndListens() throws Exception {
        ListenConnection connection = open();
        connection.check(false);
        connection.execute("LISTEN a; LISTEN b");
        connection.check(true);
        connection.close();
    }

    @Evidence(
            guarantee = "notification-or-gap",
            claim = "No time limit of the role ends the hub's session",
            brokenOnce = "JdbcListenConnection.identify: NO_LIMITS left out")
    @Test
    void timeLimitsOfTheRoleDoNotApplyToTheSession() throws Exception {
        String role = "hasty_of_" + database.name();
        try (Sender sender = new Sender(database)) {
            int version = Integer.parseInt(sender.ask("SHOW server_version_num"));
            sender.run("CREATE ROLE " + role + " LOGIN PASSWORD 'x'");
            sender.run("ALTER ROLE " + role + " SET statement_timeout = '500ms'");
            if (version >= 140000) {
                sender.run("ALTER ROLE " + role + " SET idle_session_timeout = '500ms'");
            }
            if (version >= 170000) {
                sender.run("ALTER ROLE " + role + " SET transaction_timeout = '500ms'");
            }
            try {
                ListenConnection connection = opener(database.as(role, "x").jdbcUrl(), new Properties())
                        .open(NOBODY);
                connection.execute("SELECT pg_sleep(1)");
                sender.ask("SELECT pg_sleep(1)::text"); // the session is idle meanwhile
                connection.check(false);
                connection.close();
            } finally {
                sender.run("DROP ROLE " + role);
            }
        }
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A session that a pooler took away is found later",
            brokenOnce = "JdbcListenConnection.check: no channel counts as fine")
    void theCheckNoticesThatTheSessionListensNoMore() throws Exception {
        ListenConnection connection = open();
        connection.execute("LISTEN a");
        connection.execute("UNLISTEN *");
        assertThatThrownBy(() -> connection.check(true)).hasMessageContaining("no longer listens to any channel");
        connection.close();
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "JdbcListenConnection.check: the marker not compared")
    void theCheckNoticesThatTheSessionWasResetForAnotherClient() throws Exception {
        ListenConnection connection = open();
        connection.execute("LISTEN a");
        connection.execute("DISCARD ALL");
        assertThatThrownBy(() -> connection.check(false)).hasMessageContaining("the session is no longer ours");
        connection.close();
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "The heartbeat costs the same with 20,000 channels",
            brokenOnce = "JdbcListenConnection.check: the function in the FROM clause")
    void theCheckCostsTheSameWithTwentyThousandChannels() throws Exception {
        ListenConnection connection = open();
        connection.execute("LISTEN first");
        long few = bestOf(connection);
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            many.append("LISTEN c").append(i).append(';');
        }
        connection.execute(many.toString());
        long lots = bestOf(connection);
        // In the FROM clause it takes 20 times as long.
        assertThat(lots).isLessThan(4 * few + TimeUnit.MILLISECONDS.toNanos(1));
        connection.close();
    }

    private static long bestOf(ListenConnection connection) throws SQLException {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 100; i++) {
            long start = System.nanoTime();
            connection.check(true);
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }

    /** Somebody's own. */
    public static final class ForeignSockets extends SocketFactory {
        @Override
        public Socket createSocket() {
            return new Socket();
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, java.net.InetAddress local, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(java.net.InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(java.net.InetAddress host, int port, java.net.InetAddress local, int localPort) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A driver setting that rules out the hub's own socket makes the hub poll",
            brokenOnce = "ConnectionOpener.reasonAgainstOurSocket: own factory not asked for")
    void anOwnSocketFactoryIsRespectedAndTheHubPolls() throws Exception {
        Properties properties = new Properties();
        properties.setProperty("socketFactory", ForeignSockets.class.getName());
        assertThat(opener(database.jdbcUrl(), properties).isWakeable()).isFalse();
        worksPolled(NotificationHub.builder(database.jdbcUrl()).properties(properties));
        worksPolled(NotificationHub.builder(database.jdbcUrl() + "&socketFactory=" + ForeignSockets.class.getName()));
    }

    private void worksPolled(HubBuilder builder) throws Exception {
        try (NotificationHub hub = builder.name("polled")
                        .backoff(new Backoff(Duration.ofMillis(5), Duration.ofMillis(50), 0.5, 0))
                        .start();
                Sender sender = new Sender(database)) {
            Recorder recorder = new Recorder();
            hub.listen("polled é", recorder).get(20, TimeUnit.SECONDS);
            sender.send("polled é", "ü");
            assertThat(recorder.payloads(1)).containsExactly("ü");
            sender.terminate("polled");
            assertThat(recorder.gap().reason()).isEqualTo(Gap.Reason.CONNECTION_LOST);
            sender.send("polled é", "after");
            assertThat(recorder.payloads(1)).containsExactly("after");
        }
    }

    @Test
    void aSocksProxyMakesTheHubPoll() {
        System.setProperty("socksProxyHost", "127.0.0.1");
        try {
            assertThat(opener(database.jdbcUrl(), new Properties()).isWakeable())
                    .isFalse();
        } finally {
            System.clearProperty("socksProxyHost");
        }
        assertThat(opener(database.jdbcUrl(), new Properties()).isWakeable()).isTrue();
    }

    @Test
    void takesASimpleDataSourceAndRefusesAPool() throws Exception {
        try (NotificationHub hub =
                NotificationHub.builder(database.dataSource()).start()) {
            hub.ready().get(20, TimeUnit.SECONDS);
        }
        assertThatThrownBy(() -> NotificationHub.builder(new org.postgresql.ds.PGPoolingDataSource()))
                .hasMessageContaining("PGPoolingDataSource")
                .hasMessageContaining("takes no pool");
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            recordedAt = "HubFaultsIT.aSettingThatTheDriverRejectsFailsWaitingFutures")
    void refusesWhatIsNoAddressAtOnce() {
        assertThatThrownBy(() ->
                        NotificationHub.builder("jdbc:mysql://localhost/x").start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs jdbc:postgresql://");
        assertThatThrownBy(() -> NotificationHub.builder("jdbc:postgresql://localhost/x?sslmode=sometimes")
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("hub pbp-notify: Invalid sslmode value: sometimes");
        assertThatThrownBy(() -> NotificationHub.builder("jdbc:postgresql://localhost/x?targetServerType=best")
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("hub pbp-notify: Invalid targetServerType value: best");
        assertThatThrownBy(() -> NotificationHub.builder("").name(" ")).hasMessageContaining("name is blank");
        assertThatThrownBy(() -> NotificationHub.builder("").heartbeat(Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessageContaining("heartbeat interval PT0S");
        assertThatCode(() -> NotificationHub.builder("").heartbeat(Duration.ofDays(1), Duration.ofDays(1)))
                .doesNotThrowAnyException();
    }
}
