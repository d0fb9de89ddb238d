package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Change;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.log.LogPage;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two servers, both with pbp: one publishes, one subscribes. A commit at the publisher returns when the subscriber has applied it, since the
 * subscription is its synchronous standby.
 */
class ReplicationIT {
    private static final String TABLES = "CREATE TABLE things (id int PRIMARY KEY, val text, at date);"
            + "CREATE TABLE parts (id int PRIMARY KEY, val text) PARTITION BY RANGE (id);"
            + "CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (100);"
            + "CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (100) TO (200);";

    private static PrivateServer publishing;
    private static PrivateServer subscribing;
    private static int tests;

    private TestDatabase publisher;
    private TestDatabase subscriber;
    private Position position;

    @BeforeAll
    static void startServers() {
        publishing = PrivateServer.builder()
                .setting("wal_level", "logical")
                .setting("synchronous_standby_names", "following")
                .setting("synchronous_commit", "local")
                .setting("logical_decoding_work_mem", "64kB")
                .create();
        subscribing = PrivateServer.create();
    }

    @AfterAll
    static void stopServers() {
        publishing.close();
        subscribing.close();
    }

    @BeforeEach
    void install() throws SQLException {
        tests++;
        publisher = publishing.database().named("publisher" + tests);
        subscriber = subscribing.database().named("subscriber" + tests);
        Installed.execute(publishing.database(), "CREATE DATABASE " + publisher.name());
        Installed.execute(subscribing.database(), "CREATE DATABASE " + subscriber.name());
        for (TestDatabase database : List.of(publisher, subscriber)) {
            Schema.install(database.dataSource(), Schema.PBP);
            Installed.execute(database, TABLES);
        }
        Installed.execute(publisher, "SELECT pbp.track('things')");
        Installed.execute(subscriber, "SELECT pbp.track('things'), pbp.track('parts')");
        position = Position.at(new LogReader(subscriber.dataSource(), 1 << 20).now());
    }

    @AfterEach
    void unsubscribe() throws SQLException {
        Installed.execute(subscriber, "DROP SUBSCRIPTION IF EXISTS following");
    }

    private void subscribe(String publication, String options) throws SQLException {
        Installed.execute(publisher, "CREATE PUBLICATION everything " + publication);
        Installed.execute(
                subscriber,
                "CREATE SUBSCRIPTION following CONNECTION '"
                        + publisher.libpqUrl().replace("'", "''") + "' PUBLICATION everything" + options);
        while (!Installed.rows(subscriber, "SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r' LIMIT 1")
                .isEmpty()) {
            Thread.onSpinWait(); // nothing signals the end of the first copies
        }
    }

    /** Returns when the subscriber has applied it. */
    private void publish(String... statements) throws SQLException {
        try (Connection connection =
                        publisher.with("socketTimeout", "60").connect(); // a worker that fails never confirms
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = remote_apply");
            boolean hangs = connection.getMetaData().getDatabaseMajorVersion() < 14;
            for (String sql : statements) {
                if (hangs && sql.startsWith("TRUNCATE")) {
                    truncate(statement, sql);
                } else {
                    statement.execute(sql);
                }
            }
        }
    }

    /** PostgreSQL 13 cannot decode a TRUNCATE whose commit waits for a subscriber; so a message behind it waits. */
    private static void truncate(Statement statement, String sql) throws SQLException {
        statement.execute("SET synchronous_commit = local");
        statement.execute(sql);
        statement.execute("SET synchronous_commit = remote_apply");
        statement.execute("SELECT pg_logical_emit_message(true, 'sentinel', '')");
    }

    private List<Transaction> told() throws SQLException {
        List<Transaction> all = new ArrayList<>();
        do {
            LogPage page = new LogReader(subscriber.dataSource(), 1 << 20).read(position);
            all.addAll(page.transactions());
            position = page.next();
        } while (position.target() != null);
        return all;
    }

    /** Rows by key, as a reader has them who began with none. */
    private static TreeMap<String, String> replayed(String table, List<Transaction> transactions) {
        TreeMap<String, String> rows = new TreeMap<>();
        for (Transaction transaction : transactions) {
            assertThat(transaction.mustRefetch()).isEmpty();
            for (Change change : transaction.changes()) {
                if (!change.table().equals(table)) {
                    continue;
                }
                switch (change.operation()) {
                    case TRUNCATE -> rows.clear();
                    case DELETE ->
                        assertThat(rows.remove(change.key())).as("%s", change).isEqualTo(change.oldRow());
                    default ->
                        assertThat(rows.put(String.valueOf(change.key()), String.valueOf(change.newRow())))
                                .as("%s", change)
                                .isEqualTo(change.oldRow());
                }
            }
        }
        return rows;
    }

    private void assertThatThingsAreTold(List<Transaction> told) throws SQLException {
        assertThat(replayed("things", told).values())
                .containsExactlyInAnyOrderElementsOf(Installed.rows(subscriber, "SELECT row_to_json(t) FROM things t"));
        String rows = "SELECT * FROM things ORDER BY id";
        assertThat(Installed.rows(subscriber, rows)).isEqualTo(Installed.rows(publisher, rows));
    }

    private List<String> ownState() throws SQLException {
        return Installed.rows(
                subscriber,
                "SELECT t::text FROM pbp.feed t UNION ALL SELECT t::text FROM pbp.tracked t"
                        + " UNION ALL SELECT t::text FROM pbp.waypoint t UNION ALL SELECT t::text FROM pbp.migration t"
                        + " UNION ALL SELECT t::text FROM pbp.log t ORDER BY 1");
    }

    @Test
    @Evidence(
            guarantee = "installation",
            claim =
                    "A publication for all tables stops neither retention nor a subscriber, and changes nothing of the subscriber's own log",
            how = "`REPLICA IDENTITY FULL`; `pbp_discard`",
            brokenOnce = {
                "V001__change_log.sql: REPLICA IDENTITY FULL left out",
                "V009__replication.sql, discard_replicated: GRANT SELECT left out"
            })
    void aPublicationForAllTablesLeavesBothSidesOfPbpAsTheyAre() throws SQLException {
        Installed.execute(publisher, "INSERT INTO things VALUES (1, 'before', '2000-01-01')");
        Installed.execute(subscriber, "INSERT INTO parts VALUES (1, 'own')");
        Installed.execute(subscriber, "SELECT pbp.untrack('things')");
        List<String> before = ownState();
        subscribe("FOR ALL TABLES", "");
        publish(
                "INSERT INTO things VALUES (2, 'after', '2000-01-01')",
                "SELECT pbp.track('parts')",
                "INSERT INTO pbp.waypoint VALUES ('5', '5:5:'), ('6', '6:6:')",
                "UPDATE pbp.waypoint SET snapshot = '' WHERE ends = '5'",
                "INSERT INTO pbp.migration VALUES ('other', 'V001', '')",
                "SELECT pbp.untrack('things')");
        assertThat(Installed.rows(publisher, "SELECT pbp.trim('0', 1000) > 0")).containsExactly("t");
        publish("DELETE FROM pbp.waypoint", "DELETE FROM pbp.migration WHERE component = 'other'");
        assertThat(Installed.rows(subscriber, "SELECT count(*) FROM things")).containsExactly("2");
        assertThat(ownState()).isEqualTo(before);
    }

    @Test
    @Evidence(
            guarantee = "installation",
            recordedAt = "ReplicationIT.aPublicationForAllTablesLeavesBothSidesOfPbpAsTheyAre")
    void eachOfPbpsTablesHasAnIdentityAndDiscardsWhatASubscriptionBrings() throws SQLException {
        assertThat(Installed.rows(
                        publisher,
                        "SELECT relname, relreplident FROM pg_class c WHERE relnamespace = 'pbp'::regnamespace AND relkind IN ('r', 'p')"
                                + " AND (relreplident = 'n' OR relreplident = 'd' AND NOT EXISTS"
                                + " (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary)"
                                + " OR NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgenabled = 'R'"
                                + " AND tgfoid = 'pbp.discard_replicated()'::regprocedure))"))
                .isEmpty();
    }

    @Test
    @Evidence(
            guarantee = "installation",
            brokenOnce =
                    "V003__tracking.sql, create_triggers: `pbp_insert` ENABLE ALWAYS, so that the first copy is logged twice")
    void aTrackedTableThatASubscriptionWritesToIsFollowedExactly() throws SQLException {
        Installed.execute(
                publisher, "INSERT INTO things SELECT i, 'x' || i, '2000-01-01' FROM generate_series(1, 20) i");
        subscribe("FOR TABLE things, parts", "");
        publish(
                "UPDATE things SET val = val || '!' WHERE id < 5",
                "BEGIN; UPDATE things SET id = id + 100 WHERE id > 15; DELETE FROM things WHERE id = 3;"
                        + " INSERT INTO things VALUES (3, 'again', NULL), (4711, NULL, NULL); COMMIT",
                "UPDATE things SET val = val",
                "INSERT INTO parts VALUES (1, 'low'), (2, 'low'), (101, 'high')",
                "UPDATE parts SET id = id + 100 WHERE id = 2",
                "DELETE FROM parts WHERE id = 101");
        List<Transaction> told = told();
        assertThatThingsAreTold(told);
        assertThat(replayed("parts", told).values())
                .containsExactlyInAnyOrder("{\"id\":1,\"val\":\"low\"}", "{\"id\":102,\"val\":\"low\"}");

        publish(
                "BEGIN; INSERT INTO things VALUES (5000, NULL, NULL); TRUNCATE things; INSERT INTO things VALUES (1, 'new', NULL); COMMIT");
        assertThatThingsAreTold(told());
        publish("TRUNCATE parts");
        assertThat(told()).extracting(Transaction::mustRefetch).containsExactly(Set.of("parts"));
    }

    @Test
    void whateverTheReplicaIdentity() throws SQLException {
        Installed.execute(
                publisher,
                "INSERT INTO things SELECT i, 'x' || i, '2000-01-01' FROM generate_series(1, 9) i;"
                        + "ALTER TABLE things ALTER val SET NOT NULL; CREATE UNIQUE INDEX things_val ON things (val)");
        Installed.execute(
                subscriber,
                "ALTER TABLE things ALTER val SET NOT NULL; CREATE UNIQUE INDEX things_val ON things (val)");
        subscribe("FOR TABLE things", "");
        publish("UPDATE things SET id = id + 10 WHERE id = 1");
        for (String identity : List.of("FULL", "USING INDEX things_val")) {
            Installed.execute(subscriber, "ALTER TABLE things REPLICA IDENTITY " + identity);
            publish(
                    "ALTER TABLE things REPLICA IDENTITY " + identity,
                    "UPDATE things SET val = val || '!', id = id + 100 WHERE id = (SELECT min(id) FROM things)",
                    "DELETE FROM things WHERE id = (SELECT min(id) FROM things)");
        }
        Installed.execute(subscriber, "ALTER TABLE things REPLICA IDENTITY NOTHING");
        publish("ALTER TABLE things REPLICA IDENTITY NOTHING", "INSERT INTO things VALUES (1000, 'new', NULL)");
        assertThatThingsAreTold(told());
    }

    @Test
    void aLargeTransactionIsStreamedAndFollowedExactly() throws SQLException {
        boolean streams = Installed.rows(publisher, "SELECT current_setting('server_version_num')::int >= 140000")
                .equals(List.of("t"));
        subscribe("FOR TABLE things", streams ? " WITH (streaming = on)" : "");
        publish(
                "BEGIN; INSERT INTO things SELECT i, repeat('x', 50), NULL FROM generate_series(1, 3000) i; SAVEPOINT a;"
                        + " INSERT INTO things SELECT i, repeat('x', 50), NULL FROM generate_series(4000, 6000) i;"
                        + " ROLLBACK TO a; UPDATE things SET val = 'y' WHERE id < 100; COMMIT");
        List<Transaction> told = told();
        assertThat(told).hasSize(1);
        assertThatThingsAreTold(told);
        if (streams) {
            assertThat(Installed.rows(publisher, "SELECT stream_txns > 0 FROM pg_stat_replication_slots"))
                    .containsExactly("t");
        }
    }

    @Test
    void whatASessionWritesInTheRoleOfAReplicaIsFollowedExactly() throws SQLException {
        try (Connection connection = subscriber.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            statement.execute("INSERT INTO things SELECT i, 'x', NULL FROM generate_series(1, 9) i");
            statement.execute("UPDATE things SET id = id - 1");
            statement.execute(
                    "WITH gone AS (DELETE FROM things WHERE id = 4 RETURNING *) INSERT INTO things SELECT 40, val, at FROM gone");
            statement.execute("INSERT INTO things VALUES (1, 'y', NULL) ON CONFLICT (id) DO UPDATE SET val = 'y'");
        }
        assertThat(replayed("things", told()).values())
                .containsExactlyInAnyOrderElementsOf(Installed.rows(subscriber, "SELECT row_to_json(t) FROM things t"));
    }

    @Test
    void aTableOfAnotherShapeMeansRefetchAndNoWriterFails() throws SQLException {
        try (Connection connection = subscriber.connect();
                Statement statement = connection.createStatement();
                Connection old = subscriber.connect();
                Statement behind = old.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            statement.execute("INSERT INTO things VALUES (1, 'x', NULL)");
            assertThat(replayed("things", told())).hasSize(1);
            behind.execute("SET session_replication_role = replica; INSERT INTO things VALUES (7, 'x', NULL)");
            old.setAutoCommit(false);
            old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            behind.execute("SELECT FROM pbp.feed"); // has its snapshot
            told();
            for (String change : List.of(
                    "ALTER TABLE things ALTER val TYPE int USING 5",
                    "ALTER TABLE things RENAME val TO text",
                    "ALTER TABLE things DROP text",
                    "ALTER TABLE things ADD val text",
                    "ALTER TABLE things RENAME id TO key")) {
                Installed.unfollowed(subscriber, change);
                for (String write : List.of("UPDATE things SET at = now()", "DELETE FROM things WHERE at IS NULL")) {
                    statement.execute(write);
                }
                assertThat(told()).extracting(Transaction::mustRefetch).containsExactly(Set.of("things"));
            }
            behind.execute("INSERT INTO things VALUES (8, NULL, 'x')");
            old.commit();
            assertThat(told()).extracting(Transaction::mustRefetch).containsExactly(Set.of("things"));
        }
    }
}
