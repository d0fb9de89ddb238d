package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The event triggers fail no DDL, run nobody else's code, wait for nobody, and leave nothing behind. */
@PostgresTest
class EventTriggersIT {
    private static String owner;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
        owner = database.name() + "_owner";
        Installed.execute(
                database,
                "CREATE ROLE " + owner + "; CREATE SCHEMA own AUTHORIZATION " + owner
                        + "; GRANT USAGE ON SCHEMA pbp TO " + owner
                        + "; GRANT SELECT, INSERT, UPDATE, DELETE ON pbp.tracking TO " + owner);
    }

    @AfterAll
    static void drop(TestDatabase database) throws SQLException {
        Installed.execute(database, "DROP OWNED BY " + owner + " CASCADE; DROP ROLE " + owner);
    }

    @BeforeEach
    void emptyLog(TestDatabase database) throws SQLException {
        Installed.execute(database, "TRUNCATE pbp.log");
    }

    private static List<String> log(TestDatabase database) throws SQLException {
        return Installed.rows(database, "SELECT tab, op, new FROM pbp.log ORDER BY lsn");
    }

    private static String warnings(Statement statement) throws SQLException {
        StringBuilder text = new StringBuilder();
        for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
            text.append(warning.getMessage()).append('\n');
        }
        return text.toString();
    }

    private static void asOwner(TestDatabase database, String sql) throws SQLException {
        Installed.execute(database, "SET search_path = own; SET ROLE " + owner + "; " + sql);
    }

    @Test
    void anOwnersDdlIsFollowedThoughItHasNoRightsOnPbp(TestDatabase database) throws SQLException {
        asOwner(database, "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id); SELECT pbp.track('t')");
        Installed.execute(
                database, "REVOKE USAGE ON SCHEMA pbp FROM " + owner + "; REVOKE ALL ON pbp.tracking FROM " + owner);
        asOwner(
                database,
                "CREATE TABLE p PARTITION OF t DEFAULT; ALTER TABLE t ADD c int; INSERT INTO p VALUES (1, 2)");
        assertThat(log(database)).containsExactly("own.t r null", "own.t i {\"id\":1,\"c\":2}");
        Installed.execute(
                database,
                "GRANT USAGE ON SCHEMA pbp TO " + owner + "; GRANT SELECT, INSERT, UPDATE, DELETE ON pbp.tracking TO "
                        + owner);
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            claim =
                    "DDL of a table's owner runs no code with the rights of the installing role, and no setting switches the event triggers off",
            how = "a fixed path; the call stack",
            brokenOnce = "V008__ddl.sql, create_event_triggers: owners not compared")
    void noFunctionOfTheSearchPathIsCalledAndNoSettingMatters(TestDatabase database) throws SQLException {
        asOwner(database, """
                CREATE TABLE called (by text);
                CREATE FUNCTION trapped() RETURNS void LANGUAGE sql AS 'INSERT INTO own.called SELECT current_user';
                CREATE FUNCTION array_agg_trap(oid[], oid) RETURNS oid[] LANGUAGE plpgsql AS
                    'BEGIN PERFORM own.trapped(); RETURN $1; END';
                CREATE AGGREGATE array_agg(oid) (SFUNC = array_agg_trap, STYPE = oid[]);
                CREATE FUNCTION equal_trap(oid, oid) RETURNS boolean LANGUAGE plpgsql AS
                    'BEGIN PERFORM own.trapped(); RETURN true; END';
                CREATE OPERATOR = (LEFTARG = oid, RIGHTARG = oid, FUNCTION = equal_trap);
                CREATE FUNCTION to_regclass(text) RETURNS regclass LANGUAGE plpgsql AS
                    'BEGIN PERFORM own.trapped(); RETURN NULL; END';
                CREATE TABLE odd (id int PRIMARY KEY, "a'b" text);
                SELECT pbp.track('odd')""");
        Installed.execute(database, "SET search_path = own, pg_catalog; SET ROLE " + owner + """
                ; SET escape_string_warning = on; SET quote_all_identifiers = on; SET array_nulls = off;
                SET plpgsql.extra_errors = 'all'; SET plpgsql.variable_conflict = error; SET transform_null_equals = on;
                SET check_function_bodies = off; SET row_security = off; SET lock_timeout = '1ms';
                SET default_transaction_isolation = 'serializable'; SET backslash_quote = off; SET timezone = 'Asia/Kolkata';
                ALTER TABLE odd ADD "c\\d" int DEFAULT 1, ADD UNIQUE ("a'b");
                ALTER TABLE odd RENAME TO "Odd ""er";
                ALTER TABLE "Odd ""er" DROP COLUMN "c\\d"; INSERT INTO "Odd ""er" VALUES (1, 'x')""");
        assertThat(Installed.rows(database, "SELECT * FROM own.called")).isEmpty();
        assertThat(log(database))
                .containsExactly(
                        "own.odd r null",
                        "own.odd r null",
                        "own.\"Odd \"\"er\" r null",
                        "own.\"Odd \"\"er\" i {\"id\":1,\"a'b\":\"x\"}");
    }

    @Test
    void underSessionReplicationRoleReplicaToo(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE replica (id int PRIMARY KEY);
                SELECT pbp.track('replica');
                SET session_replication_role = replica;
                ALTER TABLE replica ADD c int;
                SET session_replication_role = origin;
                INSERT INTO replica VALUES (1, 2)""");
        assertThat(log(database)).containsExactly("replica r null", "replica i {\"id\":1,\"c\":2}");
    }

    @Test
    @Evidence(
            guarantee = "ddl-followed",
            claim = "DDL never fails because of pbp",
            how = "a failure becomes a warning and a must-refetch",
            brokenOnce = "V008__ddl.sql, try_to_follow: no EXCEPTION")
    void whatCannotBeAdaptedIsAWarningAndARefetchAndRowsAreExactAfterwards(TestDatabase database) throws SQLException {
        Installed.execute(database, "CREATE TABLE stuck (id int PRIMARY KEY); SELECT pbp.track('stuck')");
        try (Connection other = database.connect();
                Connection connection = database.connect();
                Statement locked = other.createStatement();
                Statement statement = connection.createStatement()) {
            other.setAutoCommit(false);
            locked.execute("SELECT FROM pbp.tracked WHERE name = 'stuck' FOR UPDATE");
            statement.execute("ALTER TABLE stuck ADD c int");
            assertThat(warnings(statement))
                    .contains("pbp: table public.stuck: its tracking could not be adapted to this statement");
            other.rollback();
        }
        Installed.execute(database, "INSERT INTO stuck VALUES (1, 2); INSERT INTO stuck VALUES (2, 3)");
        assertThat(log(database)).containsExactly("stuck r null", "stuck r null", "stuck i {\"id\":2,\"c\":3}");
        assertThat(Installed.rows(database, "SELECT pbp.track('stuck')")).containsExactly("t");
    }

    /** The row of pbp.tracked is younger than the snapshot. */
    @Test
    @Evidence(
            guarantee = "ddl-followed",
            recordedAt = "EventTriggersIT.whatCannotBeAdaptedIsAWarningAndARefetchAndRowsAreExactAfterwards")
    void inATransactionWithASnapshotOlderThanAnotherDdl(TestDatabase database) throws SQLException {
        Installed.execute(database, "CREATE TABLE twice (id int PRIMARY KEY); SELECT pbp.track('twice')");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("SELECT FROM testtype");
            Installed.execute(database, "ALTER TABLE twice ADD c int");
            statement.execute("ALTER TABLE twice ADD d int; INSERT INTO twice VALUES (1, 2, 3)");
            assertThat(warnings(statement)).contains("could not serialize");
            connection.commit();
        }
        Installed.execute(database, "INSERT INTO twice VALUES (2, 3, 4); INSERT INTO twice VALUES (3, 4, 5)");
        assertThat(log(database))
                .containsExactly(
                        "twice r null",
                        "twice r null",
                        "twice r null",
                        "twice r null",
                        "twice i {\"id\":3,\"c\":4,\"d\":5}");
    }

    /** They would wait for each other if track locked the list of tracked tables before the table. */
    @Test
    @Evidence(
            guarantee = "writers-undisturbed",
            how = "the table is locked before the list of tracked tables",
            brokenOnce = "V003__tracking.sql, track: `lock_members` left out")
    void trackAndDdlOfOneTableDoNotDeadlock(TestDatabase database) throws Exception {
        Installed.execute(database, "CREATE TABLE shared (id int PRIMARY KEY); SELECT pbp.track('shared')");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE shared IN ACCESS EXCLUSIVE MODE");
            Thread tracker = new Thread(() -> {
                try {
                    Installed.execute(database, "SELECT pbp.track('shared', '{}', true)");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            tracker.start();
            while (Installed.rows(database, "SELECT FROM pg_locks WHERE relation = 'shared'::regclass AND NOT granted")
                    .isEmpty()) {
                Thread.onSpinWait();
            }
            statement.execute("ALTER TABLE shared ADD c int");
            assertThat(warnings(statement)).isEmpty();
            connection.commit();
            tracker.join();
        }
        assertThat(Installed.rows(database, "SELECT mtime FROM pbp.tracked WHERE name = 'shared'"))
                .containsExactly("t");
    }

    /** A transaction that wrote before a label was renamed may still commit. */
    @Test
    @Evidence(
            guarantee = "ddl-followed",
            claim = "An enumeration's label is not renamed under a writer that has logged the old one",
            how = "the event trigger waits for writers, or warns",
            brokenOnce = "V008__ddl.sql, follow: LOCK TABLE left out")
    void aLabelIsNotRenamedUnderAWriter(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TYPE colour AS ENUM ('red');
                CREATE TABLE painted (id int PRIMARY KEY, c colour);
                SELECT pbp.track('painted')""");
        try (Connection writer = database.connect();
                Connection connection = database.connect();
                Statement write = writer.createStatement();
                Statement statement = connection.createStatement()) {
            writer.setAutoCommit(false);
            write.execute("INSERT INTO painted VALUES (1, 'red')");
            statement.execute("ALTER TYPE colour RENAME VALUE 'red' TO 'rouge'");
            assertThat(warnings(statement)).contains("public.painted").contains("lock timeout");
            writer.commit();
        }
        assertThat(Installed.rows(database, "SELECT pbp.track('painted')")).containsExactly("t");
        assertThat(log(database))
                .containsExactly("painted i {\"id\":1,\"c\":\"red\"}", "painted r null", "painted r null");
    }

    @Test
    void aPartitionThatIsDetachedConcurrentlyIsNoMemberAnyMore(TestDatabase database) throws SQLException {
        if (Integer.parseInt(Installed.rows(database, "SHOW server_version_num").get(0)) < 140000) {
            assertThatThrownBy(() -> Installed.execute(database, "ALTER TABLE t DETACH PARTITION p CONCURRENTLY"))
                    .hasMessageContaining("syntax error");
            return;
        }
        Installed.execute(database, """
                CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE piece PARTITION OF whole FOR VALUES FROM (0) TO (10);
                SELECT pbp.track('whole');
                INSERT INTO piece VALUES (1)""");
        Installed.execute(database, "ALTER TABLE whole DETACH PARTITION piece CONCURRENTLY");
        Installed.execute(database, "INSERT INTO piece VALUES (2)");
        assertThat(log(database)).containsExactly("whole i {\"id\":1}", "whole r null");
        assertThat(Installed.rows(database, "SELECT members FROM pbp.tracked WHERE name = 'whole'"))
                .containsExactly("{whole}");
    }

    /** A template's copy has its own tracking, and removal leaves nothing. */
    @Test
    void aCopyIsFollowedByItselfAndRemovalFailsForNoOne(TestDatabase database) throws SQLException {
        String name = database.name() + "_copy";
        String source = database.name() + "_source";
        Installed.execute(database, "CREATE DATABASE " + source);
        TestDatabase original = database.named(source);
        Installed.in(original);
        Installed.execute(database, "CREATE DATABASE " + name + " TEMPLATE " + source);
        TestDatabase copy = database.named(name);
        try {
            Installed.execute(
                    copy, "ALTER TABLE testtype ADD c int; INSERT INTO testtype (id, val, c) VALUES (1, 'a', 2)");
            assertThat(Installed.rows(copy, "SELECT op, new::jsonb -> 'c' FROM pbp.log ORDER BY lsn"))
                    .containsExactly("r null", "i 2");
            assertThat(Installed.rows(original, "SELECT FROM pbp.log")).isEmpty();
            Installed.execute(copy, "DROP SCHEMA pbp CASCADE");
            Installed.execute(
                    copy, "ALTER TABLE testtype ADD d int; INSERT INTO testtype (id, val, d) VALUES (2, 'b', 2)");
            assertThat(
                            Installed.rows(
                                    copy,
                                    "SELECT evtname FROM pg_event_trigger UNION ALL SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pbp%'"))
                    .isEmpty();
        } finally {
            Installed.execute(database, "DROP DATABASE " + name);
            Installed.execute(database, "DROP DATABASE " + source);
        }
    }

    /** Its owner could otherwise have a superuser's DDL run its code. */
    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            recordedAt = "EventTriggersIT.noFunctionOfTheSearchPathIsCalledAndNoSettingMatters")
    void noEventTriggerIsCreatedThatCallsFunctionsOfAnotherRole(TestDatabase database) throws SQLException {
        String login = database.name() + "_login";
        Installed.execute(database, "CREATE ROLE " + login + " LOGIN PASSWORD 'x'");
        Installed.execute(database, "CREATE DATABASE " + login + " OWNER " + login);
        TestDatabase plain = database.named(login);
        try {
            Installed.execute(plain, "GRANT CREATE ON SCHEMA public TO " + login);
            Installed.in(plain.as(login, "x"));
            assertThat(Installed.rows(plain, "SELECT pbp.create_event_triggers()"))
                    .containsExactly("f");
            assertThat(Installed.rows(plain, "SELECT FROM pg_event_trigger")).isEmpty();
        } finally {
            Installed.execute(database, "DROP DATABASE " + login);
            Installed.execute(database, "DROP ROLE " + login);
        }
    }
}
