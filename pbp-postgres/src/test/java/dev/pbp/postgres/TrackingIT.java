package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the triggers write, for every way in which rows change. Each test uses tables of its own. */
@PostgresTest
class TrackingIT {
    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
    }

    @BeforeEach
    void emptyLog(TestDatabase database) throws SQLException {
        Installed.execute(database, "TRUNCATE testtype; TRUNCATE pbp.log");
    }

    private static List<String> log(TestDatabase database) throws SQLException {
        return Installed.rows(
                database,
                "SELECT tab, op, key::jsonb, old::jsonb - 'mtime', new::jsonb - 'mtime' FROM pbp.log ORDER BY xid, place, id");
    }

    @Test
    void eachKindOfStatementIsLogged(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                INSERT INTO testtype (id, val) VALUES (1, 'a');
                UPDATE testtype SET val = 'b';
                UPDATE testtype SET val = 'b';
                UPDATE testtype SET id = 2;
                DELETE FROM testtype;
                DELETE FROM testtype;
                TRUNCATE testtype""");
        assertThat(log(database))
                .containsExactly(
                        "testtype i {\"id\": 1} null {\"id\": 1, \"val\": \"a\"}",
                        "testtype u {\"id\": 1} {\"id\": 1, \"val\": \"a\"} {\"id\": 1, \"val\": \"b\"}",
                        "testtype d {\"id\": 1} {\"id\": 1, \"val\": \"b\"} null",
                        "testtype i {\"id\": 2} null {\"id\": 2, \"val\": \"b\"}",
                        "testtype d {\"id\": 2} {\"id\": 2, \"val\": \"b\"} null",
                        "testtype t null null null");
    }

    @Test
    void upsertLogsWhatBecameOfEachRow(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE stock (item text PRIMARY KEY, n int);
                SELECT pbp.track('stock');
                INSERT INTO stock VALUES ('a', 1);
                INSERT INTO stock VALUES ('a', 5), ('b', 2) ON CONFLICT (item) DO UPDATE SET n = excluded.n""");
        assertThat(log(database))
                .containsExactlyInAnyOrder(
                        "stock i {\"item\": \"a\"} null {\"n\": 1, \"item\": \"a\"}",
                        "stock u {\"item\": \"a\"} {\"n\": 1, \"item\": \"a\"} {\"n\": 5, \"item\": \"a\"}",
                        "stock i {\"item\": \"b\"} null {\"n\": 2, \"item\": \"b\"}");
    }

    @Test
    void aTriggerThatWritesAgainComesAfterTheStatementThatFiredIt(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE counted (id int PRIMARY KEY, n int);
                CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN IF NEW.n < 3 THEN UPDATE counted SET n = NEW.n + 1 WHERE id = NEW.id; END IF; RETURN NULL; END';
                CREATE TRIGGER again AFTER INSERT OR UPDATE ON counted FOR EACH ROW EXECUTE FUNCTION again();
                SELECT pbp.track('counted');
                INSERT INTO counted VALUES (1, 1)""");
        assertThat(Installed.rows(database, "SELECT op, new ->> 'n' FROM pbp.log ORDER BY xid, place, id"))
                .containsExactly("i 1", "u 2", "u 3");
    }

    @Test
    void placesGoOnRisingAfterARolledBackSavepoint(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                BEGIN;
                INSERT INTO testtype (id, val) VALUES (1, 'a');
                SAVEPOINT s;
                UPDATE testtype SET val = 'never' WHERE id = 1;
                ROLLBACK TO s;
                UPDATE testtype SET val = 'b' WHERE id = 1;
                DELETE FROM testtype;
                COMMIT""");
        assertThat(Installed.rows(database, "SELECT op, place, new ->> 'val' FROM pbp.log ORDER BY place"))
                .containsExactly("i 1 a", "u 2 b", "d 3 null");
    }

    @Test
    void columnsMayBeNamedLikeAnythingInTheTrigger(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE clash (o int PRIMARY KEY, n int, place int, v int, pbp_new int, key int, old int, new int);
                SELECT pbp.track('clash');
                INSERT INTO clash VALUES (1, 2, 3, 4, 5, 6, 7, 8);
                UPDATE clash SET n = 9;
                UPDATE clash SET o = 2;
                SELECT pbp.track('clash', '{key}');
                UPDATE clash SET place = 9;
                DELETE FROM clash""");
        assertThat(Installed.rows(database, "SELECT op, key, new FROM pbp.log ORDER BY xid, place, id"))
                .containsExactly(
                        "i {\"o\" : 1} {\"o\":1,\"n\":2,\"place\":3,\"v\":4,\"pbp_new\":5,\"key\":6,\"old\":7,\"new\":8}",
                        "u {\"o\" : 1} {\"o\":1,\"n\":9,\"place\":3,\"v\":4,\"pbp_new\":5,\"key\":6,\"old\":7,\"new\":8}",
                        "d {\"o\" : 1} null",
                        "i {\"o\" : 2} {\"o\":2,\"n\":9,\"place\":3,\"v\":4,\"pbp_new\":5,\"key\":6,\"old\":7,\"new\":8}",
                        "u {\"o\" : 2} {\"o\":2,\"n\":9,\"place\":9,\"v\":4,\"pbp_new\":5,\"old\":7,\"new\":8}",
                        "d {\"o\" : 2} null");
    }

    @Test
    void aKeyThatLooksDifferentThoughEqualIsAnotherKey(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE priced (price numeric, "No""te" text, PRIMARY KEY (price, "No""te"));
                SELECT pbp.track('priced');
                INSERT INTO priced VALUES (1.0, 'x');
                UPDATE priced SET price = 1.00""");
        assertThat(Installed.rows(database, "SELECT op, key FROM pbp.log ORDER BY xid, place, id"))
                .containsExactly(
                        "i {\"price\" : 1.0, \"No\\\"te\" : \"x\"}",
                        "d {\"price\" : 1.0, \"No\\\"te\" : \"x\"}",
                        "i {\"price\" : 1.00, \"No\\\"te\" : \"x\"}");
    }

    @Test
    void partitionsAreLoggedUnderTheirRootWhicheverIsWrittenTo(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE SCHEMA "Big.Data";
                CREATE TABLE "Big.Data".parts (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
                CREATE TABLE low PARTITION OF "Big.Data".parts FOR VALUES FROM (0) TO (10);
                CREATE TABLE high PARTITION OF "Big.Data".parts FOR VALUES FROM (10) TO (20);
                SELECT pbp.track('"Big.Data".parts');
                INSERT INTO "Big.Data".parts VALUES (1, 'a'), (11, 'b');
                INSERT INTO low VALUES (2, 'c');
                UPDATE "Big.Data".parts SET id = 12 WHERE id = 2;
                TRUNCATE high;
                TRUNCATE "Big.Data".parts""");
        assertThat(Installed.rows(database, "SELECT tab, op, key FROM pbp.log ORDER BY xid, place, id"))
                .containsExactly(
                        "\"Big.Data\".parts i {\"id\" : 1}",
                        "\"Big.Data\".parts i {\"id\" : 11}",
                        "\"Big.Data\".parts i {\"id\" : 2}",
                        "\"Big.Data\".parts d {\"id\" : 2}",
                        "\"Big.Data\".parts i {\"id\" : 12}",
                        "\"Big.Data\".parts r null",
                        "\"Big.Data\".parts t null");
    }

    @Test
    void columnsLeftOutNeverReachTheLog(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE person (id int PRIMARY KEY, name text, secret text);
                SELECT pbp.track('person', '{secret}');
                INSERT INTO person VALUES (1, 'Ada', 'x');
                UPDATE person SET name = 'Eve';
                DELETE FROM person""");
        assertThat(log(database))
                .containsExactly(
                        "person i {\"id\": 1} null {\"id\": 1, \"name\": \"Ada\"}",
                        "person u {\"id\": 1} {\"id\": 1, \"name\": \"Ada\"} {\"id\": 1, \"name\": \"Eve\"}",
                        "person d {\"id\": 1} {\"id\": 1, \"name\": \"Eve\"} null");
    }

    @Test
    void theWritersSettingsDoNotShow(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE dated (id int PRIMARY KEY, t timestamptz, i interval, b bytea, f float8);
                SELECT pbp.track('dated');
                SET timezone = 'Asia/Kolkata'; SET intervalstyle = sql_standard; SET bytea_output = escape; SET extra_float_digits = -5;
                INSERT INTO dated VALUES (1, '2026-01-02 03:04:05+00', '1 day', '\\x00ff', 0.1::float8 + 0.2::float8)""");
        assertThat(Installed.rows(database, "SELECT new FROM pbp.log"))
                .containsExactly(
                        "{\"id\":1,\"t\":\"2026-01-02T03:04:05+00:00\",\"i\":\"P1D\",\"b\":\"\\\\x00ff\",\"f\":0.30000000000000004}");
    }

    @Test
    void trackingAgainChangesNothingAndUntrackingLeavesNoTrace(TestDatabase database) throws SQLException {
        Installed.execute(database, "CREATE TABLE passing (id int PRIMARY KEY)");
        String traces =
                "SELECT (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pbp.tracked)";
        List<String> before = Installed.rows(database, traces);
        assertThat(Installed.rows(database, "SELECT pbp.track('passing')")).containsExactly("t");
        assertThat(Installed.rows(database, "SELECT pbp.track('passing')")).containsExactly("f");
        Installed.execute(database, "ALTER TABLE passing DISABLE TRIGGER pbp_insert");
        assertThat(Installed.rows(database, "SELECT pbp.track('passing')")).containsExactly("t");
        assertThat(Installed.rows(database, "SELECT pbp.untrack('passing')")).containsExactly("t");
        assertThat(Installed.rows(database, traces)).isEqualTo(before);
        assertThat(Installed.rows(database, "SELECT pbp.untrack('passing')")).containsExactly("f");
    }

    @Test
    void whatCannotBeTrackedIsNamedWithTheReason(TestDatabase database) throws SQLException {
        Installed.execute(database, "CREATE TABLE keyless (v int); CREATE VIEW shown AS SELECT 1 AS one");
        assertThatThrownBy(() -> Installed.execute(database, "SELECT pbp.track('keyless')"))
                .hasMessageContaining("keyless: has no primary key");
        assertThatThrownBy(() -> Installed.execute(database, "SELECT pbp.track('shown')"))
                .hasMessageContaining("shown: only an ordinary or partitioned user table");
        assertThatThrownBy(() -> Installed.execute(database, "SELECT pbp.track('testtype', '{id}')"))
                .hasMessageContaining("testtype: cannot leave out id");
    }

    @Test
    void aRoleWithoutRightsOnTheLogWritesItAllTheSame(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE ROLE pbp_writer;
                GRANT INSERT ON testtype TO pbp_writer;
                SET ROLE pbp_writer;
                INSERT INTO testtype (id, val) VALUES (77, 'w');
                RESET ROLE;
                DROP OWNED BY pbp_writer;
                DROP ROLE pbp_writer""");
        assertThat(log(database)).containsExactly("testtype i {\"id\": 77} null {\"id\": 77, \"val\": \"w\"}");
    }

    @Test
    void aSearchPathFullOfTrapsIsNotFollowed(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE SCHEMA trap;
                CREATE FUNCTION trap.set_config(text, text, boolean) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
                CREATE FUNCTION trap.current_setting(text, boolean) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
                CREATE FUNCTION trap.concat(text, oid, text, text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
                CREATE FUNCTION trap.unequal(text, text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
                CREATE OPERATOR trap.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.unequal);
                CREATE FUNCTION trap.plus(int, int) RETURNS int LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped'; END$$;
                CREATE OPERATOR trap.+ (LEFTARG = int, RIGHTARG = int, FUNCTION = trap.plus);
                CREATE DOMAIN trap.text AS pg_catalog.int4 CHECK (false);
                CREATE DOMAIN trap.int4 AS pg_catalog.bool CHECK (false);
                SET search_path = trap, pg_catalog;
                BEGIN;
                INSERT INTO public.testtype (id, val) VALUES (1, 'a');
                INSERT INTO public.testtype (id, val) VALUES (2, 'b');
                COMMIT;
                DROP SCHEMA trap CASCADE""");
        assertThat(log(database))
                .containsExactly(
                        "testtype i {\"id\": 1} null {\"id\": 1, \"val\": \"a\"}",
                        "testtype i {\"id\": 2} null {\"id\": 2, \"val\": \"b\"}");
    }
}
