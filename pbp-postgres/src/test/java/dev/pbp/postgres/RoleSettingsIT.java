package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.model.TestTypes;
import dev.pbp.notify.NotificationHub;
import dev.pbp.notify.Subscription;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A role may have settings that an application does not expect: all works with them, or the error names the setting. */
@PostgresTest
class RoleSettingsIT {
    private TestDatabase database;
    private TestDatabase odd;
    private String role;

    @BeforeEach
    void role(TestDatabase given) throws Exception {
        database = given;
        role = database.name() + "_odd";
        Installed.execute(database, "CREATE ROLE " + role + " LOGIN SUPERUSER PASSWORD 'x'");
        odd = database.as(role, "x");
    }

    @AfterEach
    void noRole() throws Exception {
        Installed.execute(
                database,
                "SELECT pbp.remove(); DROP TABLE IF EXISTS testtype; DROP FUNCTION IF EXISTS testtype_mtime; DROP OWNED BY "
                        + role + "; DROP ROLE " + role);
    }

    private void set(String setting) throws Exception {
        Installed.execute(database, "ALTER ROLE " + role + " SET " + setting);
    }

    /** Installs, follows, writes, reads and trims as the role. */
    private void works() throws Exception {
        Schema.install(odd.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
        try (HikariDataSource pool = Pool.open(odd.jdbcUrl(), new Properties(), 3);
                NotificationHub hub = NotificationHub.builder(odd.jdbcUrl()).start();
                PostgresChangeFeed feed = PostgresChangeFeed.start(pool, Cursors.of(pool), hub)) {
            TestTypes rows = new JdbcTestTypes(pool, Cursors.of(pool));
            Cursor cursor = feed.position();
            rows.insert("one");
            Batch batch = feed.next(cursor, Filter.tables("testtype")).batch().get(30, TimeUnit.SECONDS);
            assertThat(batch.changes()).hasSize(1);
            assertThat(rows.findAll().value()).hasSize(1);
            assertThat(Retention.trimOnce(pool, Duration.ofMillis(1), 1)).isPositive();
        }
    }

    @Test
    @Evidence(guarantee = "installation", brokenOnce = "JdbcTestTypes: `public.` left out")
    void aSearchPathWithoutPublic() throws Exception {
        set("search_path = pg_catalog");
        works();
    }

    @Test
    void isolationLevels() throws Exception {
        set("default_transaction_isolation = 'serializable'");
        works();
        Installed.execute(database, "SELECT pbp.remove(); DROP TABLE testtype; DROP FUNCTION testtype_mtime");
        set("default_transaction_isolation = 'repeatable read'");
        works();
    }

    @Test
    void timeouts() throws Exception {
        set("statement_timeout = '20s'");
        set("lock_timeout = '1s'");
        set("row_security = off");
        works();
    }

    /** The hub's session is idle between notifications. */
    @Test
    void idleSessionsThatAreEnded() throws Exception {
        if (Installed.rows(database, "SELECT FROM pg_settings WHERE name = 'idle_session_timeout'")
                .isEmpty()) {
            return; // PostgreSQL 13 has no such setting
        }
        set("idle_session_timeout = '200ms'");
        works();
        try (NotificationHub hub = NotificationHub.builder(odd.jdbcUrl()).start();
                Subscription quiet = hub.listen("quiet", event -> {}).get(30, TimeUnit.SECONDS)) {
            String pid = Installed.rows(
                            database,
                            "SELECT max(pid) FROM pg_stat_activity WHERE usename = '" + role
                                    + "' AND query LIKE '%LISTEN%'")
                    .get(0);
            String idle = "SELECT clock_timestamp() - state_change > '600 ms' FROM pg_stat_activity WHERE pid = " + pid;
            List<String> longer;
            do {
                longer = Installed.rows(database, idle);
                assertThat(longer).as("session %s, which listens", pid).hasSize(1);
            } while (longer.equals(List.of("f")));
            assertThat(quiet.isActive()).isTrue();
        }
    }

    @Test
    @Evidence(guarantee = "installation", brokenOnce = "Schema: `default_transaction_read_only` not named")
    void readOnlyTransactionsAreNamed() throws Exception {
        set("default_transaction_read_only = on");
        assertThatThrownBy(this::works).hasMessageContaining("default_transaction_read_only");
        Schema.install(database.dataSource(), Schema.PBP);
    }
}
