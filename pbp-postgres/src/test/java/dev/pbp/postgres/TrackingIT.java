package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

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
                "SELECT tab, op, key::jsonb, old::jsonb - 'mtime', new::jsonb - 'mtime' FROM pbp.log ORDER BY lsn");
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
    void columnsMayBeNamedLikeAnythingInTheTrigger(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE clash (o int PRIMARY KEY, n int, pbp_place int, pbp_row int, pbp_new int, key int, old int, x int);
                SELECT pbp.track('clash');
                INSERT INTO clash VALUES (1, 2, 3, 4, 5, 6, 7, 8);
                UPDATE clash SET n = 9;
                UPDATE clash SET o = 2;
                SELECT pbp.track('clash', '{key}');
                UPDATE clash SET pbp_place = 9;
                DELETE FROM clash""");
        assertThat(Installed.rows(database, "SELECT op, key, new FROM pbp.log ORDER BY lsn"))
                .containsExactly(
                        "i {\"o\" : 1} {\"o\":1,\"n\":2,\"pbp_place\":3,\"pbp_row\":4,\"pbp_new\":5,\"key\":6,\"old\":7,\"x\":8}",
                        "u {\"o\" : 1} {\"o\":1,\"n\":9,\"pbp_place\":3,\"pbp_row\":4,\"pbp_new\":5,\"key\":6,\"old\":7,\"x\":8}",
                        "d {\"o\" : 1} null",
                        "i {\"o\" : 2} {\"o\":2,\"n\":9,\"pbp_place\":3,\"pbp_row\":4,\"pbp_new\":5,\"key\":6,\"old\":7,\"x\":8}",
                        "r null null", // it looks different from now on
                        "u {\"o\" : 2} {\"o\":2,\"n\":9,\"pbp_place\":9,\"pbp_row\":4,\"pbp_new\":5,\"old\":7,\"x\":8}",
                        "d {\"o\" : 2} null");
    }

    @Test
    void aKeyThatLooksDifferentThoughEqualIsAnotherKey(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE priced (price numeric, "No""te" text, PRIMARY KEY (price, "No""te"));
                SELECT pbp.track('priced');
                INSERT INTO priced VALUES (1.0, 'x');
                UPDATE priced SET price = 1.00""");
        assertThat(Installed.rows(database, "SELECT op, key FROM pbp.log ORDER BY lsn"))
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
        assertThat(Installed.rows(database, "SELECT tab, op, key FROM pbp.log ORDER BY lsn"))
                .containsExactly(
                        "\"Big.Data\".parts i {\"id\" : 1}",
                        "\"Big.Data\".parts i {\"id\" : 11}",
                        "\"Big.Data\".parts i {\"id\" : 2}",
                        "\"Big.Data\".parts d {\"id\" : 2}",
                        "\"Big.Data\".parts i {\"id\" : 12}",
                        "\"Big.Data\".parts r null",
                        "\"Big.Data\".parts r null", // of each partition, which the root's own supersedes
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
    @Evidence(
            guarantee = "same-values",
            claim = "A row looks the same whichever session writes or reads it",
            how = "fixed settings",
            brokenOnce = "V003__tracking.sql, function_settings: no `datestyle`")
    void theWritersSettingsDoNotShow(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE dated (id int PRIMARY KEY, t timestamptz, i interval, b bytea, f float8, r daterange);
                SELECT pbp.track('dated');
                SET timezone = 'Asia/Kolkata'; SET intervalstyle = sql_standard; SET bytea_output = escape; SET extra_float_digits = -5;
                DO $$ BEGIN
                    -- The driver must not notice, which it does up to PostgreSQL 13.
                    PERFORM set_config('datestyle', 'German', true) WHERE current_setting('server_version_num')::int >= 140000;
                    INSERT INTO dated VALUES (1, '2026-01-02 03:04:05+00', '1 day', '\\x00ff', 0.1::float8 + 0.2::float8,
                        '[2026-01-02,2026-02-03)');
                    PERFORM set_config('datestyle', 'ISO', true);
                END $$""");
        assertThat(Installed.rows(database, "SELECT new FROM pbp.log"))
                .containsExactly(
                        "{\"id\":1,\"t\":\"2026-01-02T03:04:05+00:00\",\"i\":\"P1D\",\"b\":\"\\\\x00ff\",\"f\":0.30000000000000004,"
                                + "\"r\":\"[2026-01-02,2026-02-03)\"}");
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

    /** Each of these does so at once: in which order they begin says nothing about the order of their effects. */
    @Test
    @Evidence(
            guarantee = "order-per-row",
            claim = "What one statement deletes and inserts at once comes in that order",
            how = "MERGE, ON CONFLICT and WITH are logged as they end",
            notBroken = "the order of logging is PostgreSQL's own, as seen on 15 and 18")
    void aKeyThatIsGivenUpAndTakenByOneStatementIsToldInThatOrder(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE moved (id int PRIMARY KEY, v text);
                SELECT pbp.track('moved');
                INSERT INTO moved VALUES (1, 'a'), (2, 'b');
                WITH gone AS (DELETE FROM moved WHERE id = 1 RETURNING *) INSERT INTO moved SELECT id, v || '!' FROM gone;
                INSERT INTO moved VALUES (2, 'x'), (2, 'y') ON CONFLICT (id) DO UPDATE SET id = moved.id + 10""");
        assertThat(log(database))
                .containsExactly(
                        "moved i {\"id\": 1} null {\"v\": \"a\", \"id\": 1}",
                        "moved i {\"id\": 2} null {\"v\": \"b\", \"id\": 2}",
                        "moved d {\"id\": 1} {\"v\": \"a\", \"id\": 1} null",
                        "moved i {\"id\": 1} null {\"v\": \"a!\", \"id\": 1}",
                        "moved d {\"id\": 2} {\"v\": \"b\", \"id\": 2} null",
                        "moved i {\"id\": 12} null {\"v\": \"b\", \"id\": 12}",
                        "moved i {\"id\": 2} null {\"v\": \"y\", \"id\": 2}");
    }

    @Test
    @Evidence(
            guarantee = "order-per-row",
            recordedAt = "TrackingIT.aKeyThatIsGivenUpAndTakenByOneStatementIsToldInThatOrder")
    void mergeLogsWhatBecameOfEachRowAndGivesKeysUpFirst(TestDatabase database) throws SQLException {
        if (version(database) < 15) {
            assertThatThrownBy(() -> Installed.execute(database, "MERGE INTO testtype USING testtype ON true"))
                    .hasMessageContaining("syntax error");
            return;
        }
        Installed.execute(database, """
                CREATE TABLE merged (id int PRIMARY KEY, v text);
                SELECT pbp.track('merged');
                INSERT INTO merged VALUES (1, 'a'), (2, 'b'), (3, 'c');
                TRUNCATE pbp.log;
                MERGE INTO merged m USING (VALUES (1, 'a', 'gone'), (2, 'b', 'new key'), (3, 'c', 'C'), (1, 'd', 'D')) s (id, v, w)
                    ON m.v = s.v
                    WHEN MATCHED AND w = 'gone' THEN DELETE
                    WHEN MATCHED AND w = 'new key' THEN UPDATE SET id = 5
                    WHEN MATCHED THEN UPDATE SET v = w
                    WHEN NOT MATCHED THEN INSERT VALUES (id, w)""");
        assertThat(log(database))
                .containsExactly(
                        "merged d {\"id\": 1} {\"v\": \"a\", \"id\": 1} null",
                        "merged d {\"id\": 2} {\"v\": \"b\", \"id\": 2} null",
                        "merged u {\"id\": 3} {\"v\": \"c\", \"id\": 3} {\"v\": \"C\", \"id\": 3}",
                        "merged i {\"id\": 5} null {\"v\": \"b\", \"id\": 5}",
                        "merged i {\"id\": 1} null {\"v\": \"D\", \"id\": 1}");
    }

    private static int version(TestDatabase database) throws SQLException {
        return Integer.parseInt(
                        Installed.rows(database, "SHOW server_version_num").get(0))
                / 10000;
    }

    @Test
    void copyAndCascadesAreLogged(TestDatabase database) throws SQLException, IOException {
        Installed.execute(database, """
                CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree ON DELETE CASCADE);
                CREATE TABLE leaf (id int PRIMARY KEY, tree int REFERENCES tree ON DELETE SET NULL ON UPDATE CASCADE);
                SELECT pbp.track('tree'), pbp.track('leaf')""");
        try (Connection connection = database.connect()) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY tree FROM STDIN", new StringReader("1\t\\N\n2\t1\n"));
        }
        Installed.execute(
                database,
                "INSERT INTO leaf VALUES (7, 2); UPDATE tree SET id = 3 WHERE id = 2; DELETE FROM tree WHERE id = 1");
        assertThat(Installed.rows(database, "SELECT tab, op, key, old, new FROM pbp.log ORDER BY lsn"))
                .containsExactly(
                        "tree i {\"id\" : 1} null {\"id\":1,\"up\":null}",
                        "tree i {\"id\" : 2} null {\"id\":2,\"up\":1}",
                        "leaf i {\"id\" : 7} null {\"id\":7,\"tree\":2}",
                        "tree d {\"id\" : 2} {\"id\":2,\"up\":1} null",
                        "tree i {\"id\" : 3} null {\"id\":3,\"up\":1}",
                        "leaf u {\"id\" : 7} {\"id\":7,\"tree\":2} {\"id\":7,\"tree\":3}",
                        "tree d {\"id\" : 1} {\"id\":1,\"up\":null} null",
                        "tree d {\"id\" : 3} {\"id\":3,\"up\":1} null",
                        "leaf u {\"id\" : 7} {\"id\":7,\"tree\":3} {\"id\":7,\"tree\":null}");
    }

    /** From PostgreSQL 18 on they may be virtual: calculated when they are read. */
    @Test
    @Evidence(
            guarantee = "same-values",
            claim = "Virtual generated columns are logged with their values",
            how = "the trigger calculates them",
            brokenOnce = "V002__rendering.sql, columns: `attgenerated` not asked")
    void generatedAndIdentityColumnsAreThereWithTheirValues(TestDatabase database) throws SQLException {
        Installed.execute(
                database,
                "CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pbp_old int,"
                        + " \"t w\" int GENERATED ALWAYS AS (pbp_old * 2) STORED, th int GENERATED ALWAYS AS (pbp_old * 3)"
                        + (version(database) < 18 ? " STORED" : " VIRTUAL")
                        + "); SELECT pbp.track('made'); INSERT INTO made (pbp_old) VALUES (5); UPDATE made SET pbp_old = 6");
        assertThat(Installed.rows(database, "SELECT op, old, new FROM pbp.log ORDER BY lsn"))
                .containsExactly(
                        "i null {\"id\":1,\"pbp_old\":5,\"t w\":10,\"th\":15}",
                        "u {\"id\":1,\"pbp_old\":5,\"t w\":10,\"th\":15} {\"id\":1,\"pbp_old\":6,\"t w\":12,\"th\":18}");
    }

    /** The number of a column that was added and dropped is not used again. */
    @Test
    @Evidence(
            guarantee = "ddl-followed",
            recordedAt = "TrackingIT.aKeyThatChangesNamesWithAnotherColumnIsNotTakenForIt")
    void aColumnAddedAfterOneThatIsGoneIsLogged(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE grown (id int PRIMARY KEY);
                SELECT pbp.track('grown')""");
        Installed.unfollowed(database, """
                ALTER TABLE grown ADD COLUMN gone text;
                ALTER TABLE grown DROP COLUMN gone;
                ALTER TABLE grown ADD COLUMN kept text""");
        Installed.execute(database, "INSERT INTO grown VALUES (1, 'a'); INSERT INTO grown VALUES (2, 'b')");
        assertThat(Installed.rows(database, "SELECT op, new FROM pbp.log ORDER BY lsn"))
                .containsExactly("r null", "i {\"id\":2,\"kept\":\"b\"}");
    }

    /** The catalog that the triggers' queries see is then older than the table. */
    @Test
    void whatASnapshotOlderThanAColumnWritesIsARefetch(TestDatabase database) throws SQLException {
        Installed.execute(
                database,
                "CREATE TABLE younger (id int PRIMARY KEY); SELECT pbp.track('younger'); INSERT INTO younger VALUES (1)");
        try (Connection old = database.connect();
                Statement statement = old.createStatement()) {
            old.setAutoCommit(false);
            old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("SELECT FROM testtype");
            Installed.unfollowed(database, "ALTER TABLE younger ADD COLUMN v text DEFAULT 'a'");
            statement.execute("UPDATE younger SET id = 2");
            old.commit();
            statement.execute("SELECT FROM testtype");
            Installed.unfollowed(database, """
                    CREATE DOMAIN cents AS int;
                    ALTER TABLE younger ADD COLUMN c cents DEFAULT 5""");
            statement.execute("UPDATE younger SET id = 3");
            old.commit();
            statement.execute("SELECT FROM testtype");
            Installed.unfollowed(
                    database,
                    "ALTER TABLE younger DROP COLUMN c, ADD COLUMN w text GENERATED ALWAYS AS (v || 'w')"
                            + (version(database) < 18 ? " STORED" : " VIRTUAL"));
            statement.execute("UPDATE younger SET id = 4");
            old.commit();
        }
        List<String> expected = new ArrayList<>(List.of("i {\"id\":1}", "r null", "r null"));
        if (version(database) >= 18) {
            expected.add("r null"); // else the table is written anew, and the older snapshot sees no row to update
        }
        assertThat(Installed.rows(
                        database, "SELECT op, new FROM pbp.log WHERE tab = 'younger' AND old IS NULL ORDER BY lsn"))
                .isEqualTo(expected);
    }

    /** Both are integers, so nothing but the key's index tells which of them is the key now. */
    @Test
    @Evidence(
            guarantee = "ddl-followed",
            claim =
                    "Every added column is logged, also after a dropped one; a key that swaps names with another column is not confused with it",
            how = "functions that see the present catalog are asked",
            brokenOnce = "V003__tracking.sql, same_key: the key's index asked for its existence alone")
    void aKeyThatChangesNamesWithAnotherColumnIsNotTakenForIt(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE swapped (id int PRIMARY KEY, other int);
                SELECT pbp.track('swapped')""");
        Installed.unfollowed(database, """
                ALTER TABLE swapped RENAME id TO t;
                ALTER TABLE swapped RENAME other TO id;
                ALTER TABLE swapped RENAME t TO other""");
        Installed.execute(database, "INSERT INTO swapped VALUES (1, 2); INSERT INTO swapped VALUES (3, 4)");
        assertThat(Installed.rows(database, "SELECT op, key, new FROM pbp.log ORDER BY lsn"))
                .containsExactly("r null null", "i {\"other\" : 3} {\"other\":3,\"id\":4}");
    }

    @Test
    @Evidence(
            guarantee = "ddl-followed",
            how = "a name that is gone is found further out; a shape that was seen is noted",
            brokenOnce = "V003__tracking.sql, trigger_body: `pbp.reshaped` not asked")
    void aTableWhoseColumnsWereRenamedOrDroppedStopsNoWriterAndItsReadersRefetchOnce(TestDatabase database)
            throws SQLException {
        Installed.execute(database, """
                CREATE TABLE altered (id int PRIMARY KEY, v text, w text, secret text);
                SELECT pbp.track('altered', '{secret}')""");
        Installed.unfollowed(database, "ALTER TABLE altered DROP COLUMN v");
        Installed.execute(database, "INSERT INTO altered VALUES (1, 'w', 's'); UPDATE altered SET w = 'x'");
        Installed.unfollowed(database, "ALTER TABLE altered RENAME id TO key");
        Installed.execute(database, "UPDATE altered SET w = 'y'; DELETE FROM altered");
        Installed.unfollowed(database, "ALTER TABLE altered RENAME secret TO hidden");
        Installed.execute(database, """
                INSERT INTO altered VALUES (2, 'y', 's');
                INSERT INTO altered VALUES (3, 'z', 's');
                SELECT pbp.track('altered', '{hidden}');
                INSERT INTO altered VALUES (4, 'z', 's')""");
        assertThat(Installed.rows(database, "SELECT op, key, new FROM pbp.log ORDER BY lsn"))
                .containsExactly(
                        "r null null",
                        "u {\"id\" : 1} {\"id\":1,\"w\":\"x\"}",
                        "r null null",
                        "d {\"key\" : 1} null",
                        "r null null",
                        "i {\"key\" : 3} {\"key\":3,\"w\":\"z\"}",
                        "r null null",
                        "i {\"key\" : 4} {\"key\":4,\"w\":\"z\"}");
    }

    @Test
    @Evidence(
            guarantee = "ddl-followed",
            claim =
                    "Changes to a detached partition are not reported as its former root's; it can be tracked by itself",
            how = "a partition's trigger asks whether its root has the same function, and so does `track`",
            brokenOnce = "V003__tracking.sql: the trigger does not ask; `track` does not ask")
    void aDetachedPartitionIsNoLongerToldAsItsRootAndLeavesNoTrace(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE piece PARTITION OF whole FOR VALUES FROM (0) TO (10);
                CREATE TABLE rest PARTITION OF whole DEFAULT;
                SELECT pbp.track('whole');
                ALTER TABLE whole DETACH PARTITION piece;
                INSERT INTO piece VALUES (1);
                SELECT pbp.track('piece');
                INSERT INTO piece VALUES (2)""");
        assertThat(log(database)).containsExactly("piece i {\"id\": 2} null {\"id\": 2}");
        Installed.execute(
                database,
                "SELECT pbp.untrack('piece'), pbp.track('whole'); ALTER TABLE whole ATTACH PARTITION piece FOR VALUES FROM (0) TO (10);"
                        + " SELECT pbp.track('whole'); ALTER TABLE whole DETACH PARTITION piece; SELECT pbp.untrack('whole')");
        assertThat(Installed.rows(
                        database,
                        "SELECT count(*) FROM pg_trigger WHERE tgrelid = ANY ('{whole,piece,rest}'::regclass[])"))
                .containsExactly("0");
    }

    @Test
    @Evidence(
            guarantee = "ddl-followed",
            claim = "A table that is dropped and created again is tracked; readers of the old one must refetch",
            how = "the old one is untracked",
            brokenOnce = "V003__tracking.sql, track: the old one not untracked")
    void aTableMadeAnewUnderItsNameIsTrackedAndWhoFollowedTheOldOneIsTold(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE again_and_again (id int PRIMARY KEY);
                SELECT pbp.track('again_and_again')""");
        Installed.unfollowed(database, "DROP TABLE again_and_again");
        Installed.execute(database, """
                CREATE TABLE again_and_again (id int PRIMARY KEY);
                SELECT pbp.track('again_and_again');
                INSERT INTO again_and_again VALUES (1)""");
        Installed.unfollowed(database, "ALTER TABLE again_and_again RENAME TO renamed");
        Installed.execute(database, "CREATE TABLE again_and_again (id int PRIMARY KEY)");
        assertThat(log(database))
                .containsExactly("again_and_again r null null null", "again_and_again i {\"id\": 1} null {\"id\": 1}");
        assertThatThrownBy(() -> Installed.execute(database, "SELECT pbp.track('again_and_again')"))
                .hasMessageContaining("again_and_again: is still what readers call public.renamed");
        assertThat(Installed.rows(database, "SELECT pbp.track('renamed'), pbp.track('again_and_again')"))
                .containsExactly("t t");
    }

    /** What was written in between is in no log. */
    @Test
    @Evidence(
            guarantee = "ddl-followed",
            claim = "Readers of a table that was not tracked for a while, or not by all triggers, must refetch",
            how = "`untrack` makes readers refetch, and so does a `track` that mends",
            brokenOnce = "V003__tracking.sql: `untrack` does not tell; a `track` that mends does not tell")
    void whoFollowsATableThatWasNotTrackedForAWhileIsToldToRefetch(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE paused (id int PRIMARY KEY);
                SELECT pbp.track('paused');
                SELECT pbp.untrack('paused');
                INSERT INTO paused VALUES (1);
                SELECT pbp.track('paused');
                ALTER TABLE paused DISABLE TRIGGER pbp_insert;
                INSERT INTO paused VALUES (2);
                SELECT pbp.track('paused');
                SELECT pbp.track('paused');
                INSERT INTO paused VALUES (3)""");
        assertThat(log(database))
                .containsExactly(
                        "paused r null null null", "paused r null null null", "paused i {\"id\": 3} null {\"id\": 3}");
    }

    /** There the functions keep their names, which hold oids that are other tables' by now. */
    @Test
    @Evidence(
            guarantee = "ddl-followed",
            claim = "In a restored dump each table keeps its own function",
            how = "its name is kept in `pbp.tracked`; no oid is in its body",
            brokenOnce = "V003__tracking.sql, track: a name that another has is not passed over")
    void inARestoredDumpNoTableTakesAnothersFunction(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE restored (id int PRIMARY KEY);
                CREATE TABLE newcomer (key text PRIMARY KEY);
                SELECT pbp.track('restored');
                DO $$ DECLARE fn name := 'log_' || 'newcomer'::regclass::oid; BEGIN
                    SET LOCAL session_replication_role = replica; -- so that no trigger keeps it true
                    EXECUTE format('ALTER FUNCTION pbp.%I() RENAME TO %I', (SELECT t.fn FROM pbp.tracked t WHERE name = 'restored'), fn);
                    UPDATE pbp.tracked t SET fn = (SELECT p.proname FROM pg_proc p WHERE p.proname = 'log_' || 'newcomer'::regclass::oid)
                        WHERE name = 'restored';
                    SET LOCAL session_replication_role = origin;
                END $$;
                SELECT pbp.track('newcomer');
                INSERT INTO restored VALUES (1);
                INSERT INTO newcomer VALUES ('k')""");
        assertThat(log(database))
                .containsExactly(
                        "restored i {\"id\": 1} null {\"id\": 1}", "newcomer i {\"key\": \"k\"} null {\"key\": \"k\"}");
        Installed.execute(database, "SELECT pbp.untrack('restored'), pbp.untrack('newcomer')");
        assertThat(Installed.rows(
                        database,
                        "SELECT count(*) FROM pg_proc WHERE proname LIKE 'log\\_' || 'newcomer'::regclass::oid || '%'"))
                .containsExactly("0");
    }

    @Test
    void whatCannotBeTrackedIsNamedWithTheReason(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE keyless (v int);
                CREATE VIEW shown AS SELECT 1 AS one;
                CREATE UNLOGGED TABLE light (id int PRIMARY KEY);
                CREATE TABLE parent (id int PRIMARY KEY);
                CREATE TABLE child () INHERITS (parent)""");
        assertThatThrownBy(() -> Installed.execute(database, "SELECT pbp.track('light')"))
                .hasMessageContaining("light: public.light is unlogged");
        assertThatThrownBy(() -> Installed.execute(database, "SELECT pbp.track('parent')"))
                .hasMessageContaining("parent: public.child inherits from it");
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
    @Evidence(
            guarantee = "no-foreign-code",
            claim = "What a writer's `search_path` leads to is not called by the triggers",
            how = "a fixed path",
            brokenOnce = "V003__tracking.sql, function_settings: no `search_path`")
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
