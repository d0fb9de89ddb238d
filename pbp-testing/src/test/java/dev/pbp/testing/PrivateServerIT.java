package dev.pbp.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

final class PrivateServerIT {

    @Test
    void survivesKillAndStopOnTheSamePortWithItsData() throws SQLException {
        try (PrivateServer server = PrivateServer.builder()
                .setting("max_prepared_transactions", "7")
                .create()) {
            int port = server.port();
            run(server.database(), "CREATE TABLE kept AS SELECT 1 AS n");

            server.kill();
            assertThat(server.isRunning()).isFalse();
            assertThatThrownBy(() -> server.database().connect()).isInstanceOf(SQLException.class);
            server.start();
            assertThat(ask(server.database(), "SELECT n FROM kept")).isEqualTo("1");

            server.stop();
            server.start();
            assertThat(ask(server.database(), "SELECT n FROM kept")).isEqualTo("1");
            assertThat(ask(server.database(), "SHOW max_prepared_transactions")).isEqualTo("7");
            assertThat(server.port()).isEqualTo(port);
        }
    }

    @Test
    void killsBackendsButLetsNewOnesIn() throws SQLException {
        try (PrivateServer server = PrivateServer.create();
                Connection victim = server.database().connect()) {
            assertThat(victim.isValid(5)).isTrue();
            assertThat(server.killBackends()).isEqualTo(1);
            assertThat(victim.isValid(5)).isFalse();
            assertThat(ask(server.database(), "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void speaksTlsWithACertificateThatAClientCanVerify() throws SQLException {
        try (PrivateServer server = PrivateServer.builder().tls().create()) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(server.database().jdbcUrl());
            source.setSslMode("verify-full");
            source.setSslRootCert(server.certificate().toString());
            try (Connection connection = source.getConnection()) {
                assertThat(ask(connection, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
                        .isEqualTo("t");
            }
        }
    }

    @Test
    void makesAHotStandbyThatFollowsAndCanBePromoted() throws SQLException {
        try (PrivateServer primary = PrivateServer.create();
                PrivateServer standby = primary.createStandby()) {
            assertThat(ask(standby.database(), "SELECT pg_is_in_recovery()")).isEqualTo("t");
            try (Connection connection = primary.database().connect()) {
                // The commit returns only when the standby shows it.
                run(connection, "ALTER SYSTEM SET synchronous_standby_names = '*'");
                run(connection, "ALTER SYSTEM SET synchronous_commit = 'remote_apply'");
                run(connection, "SELECT pg_reload_conf()");
            }
            primary.stop();
            primary.start();
            run(primary.database(), "CREATE TABLE followed AS SELECT 2 AS n");
            assertThat(ask(standby.database(), "SELECT n FROM followed")).isEqualTo("2");

            primary.kill();
            standby.promote();
            run(standby.database(), "SET synchronous_commit = local; INSERT INTO followed VALUES (3)");
            assertThat(ask(standby.database(), "SELECT max(n) FROM followed")).isEqualTo("3");
        }
    }

    private static void run(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect()) {
            run(connection, sql);
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String ask(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect()) {
            return ask(connection, sql);
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
