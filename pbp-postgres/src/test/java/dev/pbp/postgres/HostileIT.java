package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Filter;
import dev.pbp.core.model.Row;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.log.LogPage;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an owner of tables, a writer or a reader tries in order to get more than its own. Each test uses tables of its own. */
@PostgresTest
@Evidence(
        guarantee = "ddl-followed",
        claim =
                "Every added column is logged, also after a dropped one; a key that swaps names with another column is not confused with it",
        recordedAt = "TrackingIT.aKeyThatChangesNamesWithAnotherColumnIsNotTakenForIt")
class HostileIT {
    private static final int PAGE = 1_000_000;

    /** Types with a cast to json and to text; a cast that is called leaves its user's name in public.called. */
    private static final String TYPES = """
            CREATE TYPE en AS ENUM ('1', '2', '3');
            CREATE TYPE pair AS (e en, n int);
            CREATE TYPE span AS RANGE (subtype = en);
            CREATE DOMAIN word AS text;
            CREATE DOMAIN pairs AS pair[];
            CREATE DOMAIN worse AS word;
            CREATE TYPE nest AS (p pair[], s span, w worse);
            DO $$
            DECLARE typ text;
            BEGIN
                FOREACH typ IN ARRAY '{en,pair,span,nest,en[],pair[],nest[],span[]}'::text[] LOOP
                    EXECUTE format('CREATE FUNCTION as_json(x %1$s) RETURNS json LANGUAGE plpgsql AS %2$L', typ,
                        format('BEGIN INSERT INTO public.called VALUES (current_user, %L); RETURN ''"called"''; END', typ));
                    EXECUTE format('CREATE FUNCTION as_text(x %1$s) RETURNS text LANGUAGE plpgsql AS %2$L', typ,
                        format('BEGIN INSERT INTO public.called VALUES (current_user, %L); RETURN ''called''; END', typ));
                    EXECUTE format('CREATE CAST (%1$s AS json) WITH FUNCTION as_json(%1$s) AS IMPLICIT', typ);
                    EXECUTE format('CREATE CAST (%1$s AS text) WITH FUNCTION as_text(%1$s) AS IMPLICIT', typ);
                END LOOP;
            END $$;
            """;

    private static final String HOSTILE_COLUMNS =
            "e en, p pair, s span, w worse, ps pairs, n nest, es en[], pp pair[], ns nest[], ss span[]";
    private static final String HOSTILE_VALUES =
            "'1', '(1,2)', '[1,2]', 'w', '{\"(1,2)\"}', '(\"{\"\"(1,2)\"\"}\",\"[1,2]\",w)', '{1,NULL}', '{\"(1,2)\"}', NULL, '{\"[1,2]\"}'";

    /** Roles belong to the whole server, so their names hold the database's. */
    private static String eve(TestDatabase database) {
        return database.name() + "_eve";
    }

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
        String eve = eve(database);
        Installed.execute(
                database,
                "CREATE TABLE called (who text, what text); GRANT INSERT ON called TO PUBLIC;"
                        + "CREATE TABLE victim (id int PRIMARY KEY, v text); SELECT pbp.track('victim');"
                        + "CREATE ROLE " + eve + "; CREATE SCHEMA m AUTHORIZATION " + eve + ";"
                        + "GRANT USAGE ON SCHEMA pbp TO " + eve
                        + "; GRANT SELECT, INSERT, UPDATE, DELETE ON pbp.tracking TO " + eve);
        asEve(database, "GRANT USAGE ON SCHEMA m TO PUBLIC; " + TYPES);
    }

    @AfterAll
    static void noRole(TestDatabase database) throws SQLException {
        Installed.execute(database, "DROP OWNED BY " + eve(database) + " CASCADE; DROP ROLE " + eve(database));
    }

    @BeforeEach
    void emptyLog(TestDatabase database) throws SQLException {
        Installed.execute(database, "TRUNCATE pbp.log; TRUNCATE called; TRUNCATE testtype; TRUNCATE pbp.log");
    }

    /** In one transaction, unless the SQL says otherwise. */
    private static void asEve(TestDatabase database, String sql) throws SQLException {
        Installed.execute(database, "SET search_path = m, public; SET ROLE " + eve(database) + "; " + sql);
    }

    private static void refused(TestDatabase database, String sql, String message) {
        assertThatThrownBy(() -> asEve(database, sql), sql).hasMessageContaining(message);
    }

    private static List<String> log(TestDatabase database) throws SQLException {
        return Installed.rows(
                database,
                "SELECT tab, op, key::jsonb, old::jsonb - 'mtime', new::jsonb - 'mtime' FROM pbp.log ORDER BY lsn");
    }

    private static void nothingWasCalled(TestDatabase database) throws SQLException {
        assertThat(Installed.rows(database, "SELECT DISTINCT who, what FROM called"))
                .isEmpty();
    }

    private static boolean hasVirtualColumns(TestDatabase database) throws SQLException {
        return Integer.parseInt(
                        Installed.rows(database, "SHOW server_version_num").get(0))
                >= 180000;
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            brokenOnce = "V002__rendering.sql, rendered: the value itself for every type")
    void noCastOfAnOwnersTypeIsCalledWhateverChanges(TestDatabase database) throws SQLException {
        asEve(
                database,
                "CREATE TABLE kinds (id int PRIMARY KEY, " + HOSTILE_COLUMNS + "); SELECT pbp.track('kinds');"
                        + "INSERT INTO kinds VALUES (1, " + HOSTILE_VALUES + "); UPDATE kinds SET id = 2, w = 'x';"
                        + "UPDATE kinds SET w = 'y'; DELETE FROM kinds");
        assertThat(Installed.rows(database, "SELECT op FROM pbp.log ORDER BY lsn"))
                .containsExactly("i", "d", "i", "u", "d");
        nothingWasCalled(database);
    }

    @Test
    @Evidence(guarantee = "no-foreign-code", brokenOnce = "V002__rendering.sql, rows_of: `pg_typeof(...)` left out")
    void noCastIsCalledOfColumnsThatBecameOfAnOwnersTypeLater(TestDatabase database) throws SQLException {
        for (String excluded : List.of("{}", "{gone}")) {
            asEve(
                    database,
                    "CREATE TABLE later (id int PRIMARY KEY, a text, b int, c json, d text[], gone int); SELECT pbp.track('later', '"
                            + excluded
                            + "');"
                            + "ALTER TABLE later ALTER a TYPE en USING NULL, ALTER b TYPE pair USING NULL, ALTER c TYPE nest USING NULL,"
                            + " ALTER d TYPE pair[] USING NULL; INSERT INTO later VALUES (1, '1', '(1,2)', NULL, '{\"(1,2)\"}');"
                            + "ALTER TABLE later ADD e en; UPDATE later SET e = '2', a = '3'; ALTER TABLE later RENAME b TO z;"
                            + "ALTER TABLE later ADD b en; UPDATE later SET b = '1';"
                            + "ALTER TABLE later ALTER id TYPE en USING '1'; UPDATE later SET id = '2'; DELETE FROM later;"
                            + "INSERT INTO later (id) VALUES ('3'); DROP TABLE later");
            nothingWasCalled(database);
        }
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            brokenOnce = "V003__tracking.sql, ask_for_twins: `WHERE pbp_row_is.ok` left out")
    void noCastIsCalledOfAKeyThatACascadeMayHaveDoubled(TestDatabase database) throws SQLException {
        asEve(database, """
                CREATE TABLE self (id int PRIMARY KEY, up int CONSTRAINT fk REFERENCES self ON UPDATE CASCADE);
                SELECT pbp.track('self');
                ALTER TABLE self DROP CONSTRAINT fk""");
        Installed.unfollowed(database, "ALTER TABLE m.self ALTER id TYPE m.en USING id::text::m.en");
        asEve(
                database,
                "INSERT INTO self VALUES ('2'); DELETE FROM self; INSERT INTO self VALUES ('1'); UPDATE self SET up = 3");
        nothingWasCalled(database);
        assertThat(log(database))
                .containsExactly(
                        "m.self r null null null",
                        "m.self d {\"id\": \"2\"} {\"id\": \"2\", \"up\": null} null",
                        "m.self i {\"id\": \"1\"} null {\"id\": \"1\", \"up\": null}",
                        "m.self u {\"id\": \"1\"} {\"id\": \"1\", \"up\": null} {\"id\": \"1\", \"up\": 3}");
    }

    @Test
    @Evidence(
            guarantee = "order-per-row",
            brokenOnce = "V003__tracking.sql, ask_for_twins: not asked where the statement is made anew")
    void aCascadeThatDoublesAKeyIsARefetchInAnAlteredTableToo(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE chain (id int PRIMARY KEY, up int REFERENCES chain ON UPDATE CASCADE);
                INSERT INTO chain VALUES (1, NULL), (2, 1);
                SELECT pbp.track('chain');
                UPDATE chain SET id = id + 10""");
        Installed.unfollowed(database, "ALTER TABLE chain ADD z int");
        Installed.execute(database, "UPDATE chain SET z = 1; TRUNCATE pbp.log; UPDATE chain SET id = id + 10");
        assertThat(log(database)).containsExactly("chain r null null null");
    }

    @Test
    @Evidence(guarantee = "no-foreign-code", brokenOnce = "V002__rendering.sql, rows_of: `pg_typeof(...)` left out")
    void aReadCallsNoCastEvenIfTheTableIsAlteredWhileItWaits(TestDatabase database) throws Exception {
        asEve(
                database,
                "CREATE TABLE seen (id int PRIMARY KEY, " + HOSTILE_COLUMNS + "); SELECT pbp.track('seen');"
                        + "INSERT INTO seen VALUES (1, " + HOSTILE_VALUES + ")");
        assertThat(read(database, "m.seen")).hasSize(1);
        asEve(
                database,
                "CREATE TABLE turns (id int PRIMARY KEY, a text); SELECT pbp.track('turns'); INSERT INTO turns VALUES (1, '1')");
        assertThat(readWhile(database, "m.turns", "ALTER TABLE m.turns ALTER a TYPE m.en USING '1'"))
                .containsExactly("{\"id\":1,\"a\":\"1\"}");
        nothingWasCalled(database);
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            brokenOnce = "V002__rendering.sql, check_shape: `k.expressions` in place of the names")
    void aReadCallsNoCastOfWhatWasAVirtualColumn(TestDatabase database) throws Exception {
        if (!hasVirtualColumns(database)) {
            return;
        }
        asEve(database, """
                CREATE TABLE made (id int PRIMARY KEY, a int, v int GENERATED ALWAYS AS (a * 3) VIRTUAL);
                SELECT pbp.track('made');
                INSERT INTO made VALUES (1, 5)""");
        assertThat(readWhile(
                        database,
                        "m.made",
                        "ALTER TABLE m.made DROP v; ALTER TABLE m.made ADD v m.en; UPDATE m.made SET v = '2'"))
                .containsExactly("{\"id\":1,\"a\":5,\"v\":\"2\"}");
        nothingWasCalled(database);
    }

    private static List<String> read(TestDatabase database, String table) throws SQLException {
        List<Row> rows = new ArrayList<>();
        new JdbcTableReader(database.dataSource(), Cursors.of(database.dataSource()))
                .read(table, Filter.tables(table), rows::add);
        return rows.stream().map(Row::row).toList();
    }

    /** Reads while the table is locked, which is altered as soon as the reader waits. */
    private static List<String> readWhile(TestDatabase database, String table, String ddl) throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
            CompletableFuture<List<String>> reader = CompletableFuture.supplyAsync(() -> {
                try {
                    return read(database, table);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            while (Installed.rows(
                            database, "SELECT FROM pg_locks WHERE NOT granted AND relation = '" + table + "'::regclass")
                    .isEmpty()) {
                assertThat(reader).isNotDone();
            }
            statement.execute(ddl);
            connection.commit();
            return reader.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    @Evidence(guarantee = "no-foreign-code", brokenOnce = "V003__tracking.sql, seal_tracked: without its RAISE")
    void noTriggerFunctionCanBeAttachedToAnotherTable(TestDatabase database) throws SQLException {
        asEve(database, """
                CREATE TABLE mine (id int PRIMARY KEY, v text);
                CREATE TABLE other (id int PRIMARY KEY, v text);
                CREATE TABLE root (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
                CREATE TABLE part PARTITION OF root FOR VALUES FROM (0) TO (9);
                CREATE FUNCTION attach(target text, source text) RETURNS void LANGUAGE plpgsql AS $$
                BEGIN
                    EXECUTE format('CREATE TRIGGER z AFTER INSERT ON %s REFERENCING NEW TABLE AS pbp_new FOR EACH STATEMENT '
                        'EXECUTE FUNCTION pbp.%I()', target, (SELECT fn FROM pbp.tracking WHERE name = source));
                END $$""");
        String track = "BEGIN; SELECT pbp.track('mine'); ";
        String attach = "SELECT attach('other', 'm.mine'); ";
        String not = "a trigger of pbp's was attached to it";
        String denied = "permission denied for function";
        refused(database, track + attach + "COMMIT", "m.other: " + not);
        refused(database, track + attach + "SET CONSTRAINTS ALL IMMEDIATE", "m.other: " + not);
        refused(database, track + "SET CONSTRAINTS ALL IMMEDIATE; " + attach, denied);
        refused(
                database,
                "BEGIN; SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO pbp.tracking (rel, opening) VALUES ('mine', true); "
                        + attach,
                denied);
        refused(
                database,
                track + "SAVEPOINT s; " + attach + "ROLLBACK TO s; SAVEPOINT t; " + attach + "RELEASE t; COMMIT",
                not);
        refused(
                database,
                track + "CREATE TEMP TABLE t (id int, v text); SELECT attach('t', 'm.mine'); COMMIT",
                "t: " + not);
        refused(
                database,
                "BEGIN; SELECT pbp.track('root'); SELECT attach('part', 'm.root'); COMMIT",
                "m.part: " + not); // it would go on after it is detached
        refused(
                database,
                track
                        + "CREATE TRIGGER z BEFORE INSERT ON other FOR EACH ROW EXECUTE FUNCTION pbp.keep_mtime(); COMMIT",
                "m.other: " + not);
        asEve(database, track + attach + "SELECT pbp.untrack('mine'); COMMIT"); // goes with its function
        asEve(database, track + attach + "DROP TABLE mine; COMMIT; CREATE TABLE mine (id int PRIMARY KEY, v text)");
        asEve(database, "SELECT pbp.track('mine')");
        refused(database, attach, denied);
        refused(
                database,
                "CREATE TRIGGER z BEFORE INSERT ON other FOR EACH ROW EXECUTE FUNCTION pbp.keep_mtime()",
                denied);
        refused(
                database,
                "CREATE TRIGGER z AFTER INSERT ON other FOR EACH ROW EXECUTE FUNCTION pbp.log_refetch()",
                denied);
        assertThat(Installed.rows(database, "SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'z'"))
                .isEmpty();
        nothingIsOpen(database);
    }

    private static void nothingIsOpen(TestDatabase database) throws SQLException {
        assertThat(Installed.rows(
                        database,
                        "SELECT proname, proacl FROM pg_proc WHERE pronamespace = 'pbp'::regnamespace"
                                + " AND (prosecdef OR prorettype = 'trigger'::regtype) AND proacl::text ~ '"
                                + eve(database) + "|[{,]='"))
                .isEmpty();
    }

    @Test
    @Evidence(guarantee = "role-rights", brokenOnce = "V003__tracking.sql, is_own: always true")
    void aTableOfAnothersCanNeitherBeTrackedNorUntrackedNorRefetched(TestDatabase database) throws SQLException {
        String own = "only its owner can track or untrack it";
        refused(database, "SELECT pbp.track('victim', '{v}')", own);
        refused(database, "SELECT pbp.untrack('victim')", own);
        refused(database, "SELECT pbp.refetch('victim')", "not a tracked table of");
        refused(database, "INSERT INTO pbp.tracking (rel) VALUES ('testtype')", "");
        refused(database, "INSERT INTO pbp.tracking (rel) VALUES ('called')", "called: has no primary key");
        asEve(
                database,
                "CREATE TABLE lure (id int PRIMARY KEY); SELECT pbp.track('lure');"
                        + "DELETE FROM pbp.tracking WHERE name = 'victim'; UPDATE pbp.tracking SET excluded = '{v}' WHERE name = 'victim';"
                        + "UPDATE pbp.tracking SET name = 'victim', fn = 'log_refetch', generation = 9 WHERE name = 'm.lure'");
        refused(database, "UPDATE pbp.tracking SET rel = 'victim' WHERE name = 'm.lure'", "is not replaced by another");
        assertThat(Installed.rows(
                        database, "SELECT name, excluded FROM pbp.tracked WHERE name IN ('victim', 'm.lure')"))
                .containsExactlyInAnyOrder("victim {}", "m.lure {}");
        assertThat(log(database)).isEmpty();
    }

    @Test
    void whoMayTrackMayDoNothingElse(TestDatabase database) throws SQLException {
        for (String sql : List.of(
                "SELECT pbp.trim('0', 0)",
                "SELECT secret FROM pbp.feed",
                "SELECT FROM pbp.log",
                "INSERT INTO pbp.log (tab, op) VALUES ('victim', 't')",
                "SELECT nextval('pbp.awake')",
                "SELECT setval('pbp.awake', 1)",
                "SELECT nextval('pbp.node')",
                "BEGIN; LOCK TABLE pbp.feed",
                "BEGIN; LOCK TABLE pbp.migration IN ACCESS SHARE MODE",
                "BEGIN; LOCK TABLE pbp.log",
                "SELECT pbp.secure()",
                "SELECT pbp.create_function('x', '', '')",
                "SELECT pbp.open_function('log_refetch', 'm'::regnamespace::oid)",
                "SELECT pbp.drop_function('log_refetch')")) {
            refused(database, sql, "permission denied");
        }
        assertThat(Installed.rows(
                        database,
                        "SELECT rolcanlogin, rolsuper, rolcreaterole, rolbypassrls, pg_has_role('" + eve(database)
                                + "', oid, 'MEMBER') FROM pg_roles WHERE rolname = 'pbp_log'"))
                .containsExactly("f f f f f");
    }

    @Test
    @Evidence(
            guarantee = "installation",
            brokenOnce = "V003__tracking.sql, seal_tracked: an early RETURN for a table that is not tracked any more")
    void nothingIsLeftOfATableThatWasTrackedForAMoment(TestDatabase database) throws SQLException {
        String traces = "SELECT (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_trigger),"
                + " (SELECT count(*) FROM pg_attribute WHERE attrelid = 'm.brief'::regclass AND NOT attisdropped),"
                + " (SELECT relacl FROM pg_class WHERE oid = 'm.brief'::regclass)";
        asEve(database, "CREATE TABLE brief (id int PRIMARY KEY)");
        List<String> before = Installed.rows(database, traces);
        asEve(
                database,
                "BEGIN; SELECT pbp.track('brief', '{}', true); SELECT pbp.untrack('brief'); COMMIT; SELECT pbp.track('brief');"
                        + " SELECT pbp.untrack('brief')");
        assertThat(Installed.rows(database, traces)).isEqualTo(before);
        nothingIsOpen(database);
    }

    @Test
    @Evidence(guarantee = "ddl-followed", brokenOnce = "V003__tracking.sql, drop_function: CASCADE left out")
    void aDetachedPartitionDoesNotKeepTheNameOfItsDroppedRoot(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE kept (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE kept_1 PARTITION OF kept FOR VALUES FROM (0) TO (9);
                SELECT pbp.track('kept');
                ALTER TABLE kept DETACH PARTITION kept_1;
                DROP TABLE kept;
                CREATE TABLE kept (id int PRIMARY KEY);
                SELECT pbp.track('kept');
                INSERT INTO kept_1 VALUES (1);
                INSERT INTO kept VALUES (2)""");
        assertThat(log(database)).containsExactly("kept r null null null", "kept i {\"id\": 2} null {\"id\": 2}");
    }

    @Test
    @Evidence(
            guarantee = "writers-undisturbed",
            claim = "A lock that an owner takes on its partition delays no reader",
            brokenOnce = "V003__tracking.sql, members: `pg_partition_tree()`")
    void whoLocksAPartitionOfItsOwnHoldsNoReaderUp(TestDatabase database) throws SQLException {
        asEve(database, """
                CREATE TABLE held (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE held_1 PARTITION OF held FOR VALUES FROM (0) TO (9);
                SELECT pbp.track('held')""");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE m.held_1 IN ACCESS EXCLUSIVE MODE");
            TestDatabase impatient = database.with("options", "-c lock_timeout=1s");
            assertThat(new JdbcTrackedTables(impatient.dataSource()).byName()).containsKey("m.held");
        }
    }

    @Test
    void aRowOfTheLogThatMakesNoSenseCostsItsOwnTableARefetch(TestDatabase database) throws SQLException {
        LogReader reader = new LogReader(database.dataSource(), PAGE);
        for (String row : List.of(
                "(tab, op, key) VALUES ('victim', 'i', NULL)",
                "(tab, op, key, new) VALUES ('victim', 'i', '1', '{}')",
                "(tab, op, key, new) VALUES ('victim', '?', '{}', '{}')",
                "(tab, op, key, new) VALUES ('victim', chr(1)::\"char\", '{}', '{}')",
                "(tab, op, key, new) VALUES ('victim', (-1)::\"char\", '{}', '{}')",
                "(tab, op, key, new) VALUES ('victim', '', '{}', '{}')",
                "(tab, op, lsn) VALUES ('victim', 'i', 'FFFFFFFF/FFFFFFFF')",
                "(tab, op, lsn, at, depth) VALUES ('victim', 'x', '0/0', '-infinity', -2147483648)",
                "(tab, op, at) VALUES ('victim', 'u', 'infinity')",
                "(tab, op, key, old, new) VALUES ('victim', 'd', '{}', '[]', '{}')")) {
            Position position = Position.at(reader.now());
            Installed.execute(database, "INSERT INTO testtype (id, val) VALUES (1, 'a'); INSERT INTO pbp.log " + row);
            LogPage page = reader.read(position);
            Set<String> refetch = new HashSet<>();
            page.transactions().forEach(t -> refetch.addAll(t.mustRefetch()));
            assertThat(refetch).as(row).containsExactly("victim");
            assertThat(page.transactions().stream().flatMap(t -> t.changes().stream()))
                    .as(row)
                    .hasSize(1);
            Installed.execute(database, "TRUNCATE testtype; TRUNCATE pbp.log");
        }
    }

    @Test
    @Evidence(
            guarantee = "writers-undisturbed",
            brokenOnce = "V002__rendering.sql, as_built_in: `::pg_catalog.regclass`")
    void aNameInASchemaThatTheLogsOwnerMayNotUseFailsNoWriter(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE SCHEMA closed;
                CREATE TABLE closed.t (id int PRIMARY KEY);
                CREATE DOMAIN named AS regclass;
                CREATE TABLE names (id int PRIMARY KEY, r named, a named[], f regproc);
                SELECT pbp.track('names');
                INSERT INTO names VALUES (1, 'closed.t', ARRAY['closed.t'::named, NULL], 1397::oid)""");
        assertThat(log(database))
                .containsExactly("names i {\"id\": 1} null {\"a\": [\"closed.t\", null], \"f\": \"pg_catalog.abs\","
                        + " \"r\": \"closed.t\", \"id\": 1}");
    }

    @Test
    @Evidence(guarantee = "ddl-followed", brokenOnce = "V003__tracking.sql, is_behind: always false")
    void whatAnOlderSnapshotWritesAfterAnotherKeyIsARefetch(TestDatabase database) throws SQLException {
        Installed.execute(
                database, "CREATE TABLE keyed (id int PRIMARY KEY, k int NOT NULL); SELECT pbp.track('keyed')");
        afterSnapshot(
                database,
                "ALTER TABLE keyed DROP CONSTRAINT keyed_pkey, ADD PRIMARY KEY (k)",
                "INSERT INTO keyed VALUES (1, 2); UPDATE keyed SET k = 3; DELETE FROM keyed");
        assertThat(log(database)).hasSize(3).containsOnly("keyed r null null null");
    }

    @Test
    @Evidence(
            guarantee = "ddl-followed",
            brokenOnce = "V003__tracking.sql, preamble: RETURN NULL also where the root has been found")
    void whatAnOlderSnapshotWritesToANewPartitionIsARefetch(TestDatabase database) throws SQLException {
        Installed.execute(
                database,
                "CREATE TABLE grown (id int PRIMARY KEY) PARTITION BY RANGE (id);"
                        + " CREATE TABLE grown_1 PARTITION OF grown FOR VALUES FROM (0) TO (10); SELECT pbp.track('grown')");
        afterSnapshot(
                database,
                "CREATE TABLE grown_2 PARTITION OF grown FOR VALUES FROM (10) TO (20); SELECT pbp.track('grown'); TRUNCATE pbp.log",
                "INSERT INTO grown_2 VALUES (11)");
        assertThat(log(database)).containsExactly("grown r null null null");
    }

    /** Each of them may be exact or a refetch, and must not be anything else. */
    @Test
    @Evidence(guarantee = "ddl-followed", brokenOnce = "V003__tracking.sql, is_behind: always false")
    void whatAnOlderSnapshotWritesToAnAlteredTableIsExactOrARefetch(TestDatabase database) throws SQLException {
        String generated = hasVirtualColumns(database) ? " VIRTUAL" : " STORED";
        for (String ddl : List.of(
                "RENAME a TO z",
                "RENAME v TO z",
                "DROP v",
                "ADD z int DEFAULT 7",
                "ADD z int GENERATED ALWAYS AS (a + 1)" + generated,
                "DROP v, ADD v int DEFAULT 3",
                "DROP b, ADD b int GENERATED ALWAYS AS (a + 1)" + generated,
                "DROP b, ADD b text DEFAULT 'x'",
                "ALTER b TYPE text",
                "DROP b",
                "ALTER id TYPE bigint")) {
            for (String excluded : List.of("{}", "{s}")) {
                Installed.execute(
                        database,
                        "CREATE TABLE drift (id int PRIMARY KEY, a int, s text, v int GENERATED ALWAYS AS (a * 3)"
                                + generated + ", b int); SELECT pbp.track('drift', '" + excluded + "')");
                afterSnapshot(database, "ALTER TABLE drift " + ddl, "INSERT INTO drift (id, s) VALUES (1, 'secret')");
                List<String> present = Installed.rows(database, "SELECT to_jsonb(t) FROM drift t");
                List<String> logged = Installed.rows(database, "SELECT op, new::jsonb FROM pbp.log ORDER BY lsn");
                assertThat(logged).as(ddl + excluded).hasSize(1);
                if (excluded.equals("{}")) {
                    assertThat(logged.get(0)).as(ddl).isIn("r null", "i " + present.get(0));
                } else {
                    assertThat(logged.get(0)).as(ddl).doesNotContain("secret");
                }
                Installed.execute(database, "SELECT pbp.untrack('drift'); DROP TABLE drift; TRUNCATE pbp.log");
            }
        }
    }

    /** Runs a DDL after another transaction has its snapshot, and then the statements of that one. */
    private static void afterSnapshot(TestDatabase database, String ddl, String writes) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT FROM pg_class LIMIT 1");
            Installed.unfollowed(database, ddl);
            statement.execute(writes);
            connection.commit();
        }
    }

    @Test
    @Evidence(guarantee = "same-values", brokenOnce = "V003__tracking.sql, same_shape: `pg_attrdef` left out")
    void aVirtualColumnsNewExpressionIsTheOneThatIsLogged(TestDatabase database) throws SQLException {
        if (!hasVirtualColumns(database)) {
            return;
        }
        Installed.execute(database, """
                CREATE TABLE formula (id int PRIMARY KEY, a int, v int GENERATED ALWAYS AS (a * 3) VIRTUAL);
                SELECT pbp.track('formula')""");
        Installed.unfollowed(database, "ALTER TABLE formula ALTER v SET EXPRESSION AS (a * 7)");
        Installed.execute(database, "INSERT INTO formula VALUES (0, 0); INSERT INTO formula VALUES (1, 1)");
        assertThat(log(database))
                .containsExactly(
                        "formula r null null null", "formula i {\"id\": 1} null {\"a\": 1, \"v\": 7, \"id\": 1}");
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            brokenOnce = "V003__tracking.sql, hidden: gives the excluded columns alone")
    void aColumnThatIsLeftOutIsNotShownUnderAnotherName(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE person (id int PRIMARY KEY, name text, secret text);
                SELECT pbp.track('person', '{secret}');
                ALTER TABLE person RENAME secret TO note;
                ALTER TABLE person ADD age int;
                INSERT INTO person VALUES (1, 'Ada', 'x', 36)""");
        assertThat(Installed.rows(database, "SELECT new FROM pbp.log")).containsExactly("{\"id\":1,\"name\":\"Ada\"}");
        assertThat(read(database, "person")).containsExactly("{\"id\":1,\"name\":\"Ada\"}");
    }

    /** As after pg_restore without owners and grants. */
    @Test
    @Evidence(guarantee = "no-foreign-code", brokenOnce = "V003__tracking.sql, require_secured: not called")
    void whereEverybodyMayCallEverythingNoFunctionIsCreated(TestDatabase database) throws SQLException {
        asEve(database, "CREATE TABLE back (id int PRIMARY KEY); SELECT pbp.track('back')");
        Installed.execute(
                database,
                "DO $$ DECLARE f record; BEGIN FOR f IN SELECT oid::regprocedure AS fn FROM pg_proc"
                        + " WHERE pronamespace = 'pbp'::regnamespace LOOP"
                        + " EXECUTE format('ALTER FUNCTION %s OWNER TO CURRENT_USER', f.fn);"
                        + " EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', f.fn); END LOOP; END $$");
        String open = "open to everybody";
        refused(database, "SELECT pbp.create_function('x', 'BEGIN RETURN NULL; END', '')", open);
        refused(database, "SELECT pbp.open_function('log_refetch', 'm'::regnamespace::oid)", open);
        refused(database, "SELECT pbp.drop_function('log_refetch')", open);
        asEve(database, "INSERT INTO back VALUES (1)");
        assertThat(Installed.rows(database, "SELECT pbp.secure()")).containsExactly("pbp_log");
        asEve(database, "INSERT INTO back VALUES (2); SELECT pbp.untrack('back')");
        assertThat(log(database))
                .containsExactly(
                        "m.back i {\"id\": 1} null {\"id\": 1}",
                        "m.back i {\"id\": 2} null {\"id\": 2}",
                        "m.back r null null null");
        nothingIsOpen(database);
    }

    @Test
    @Evidence(guarantee = "installation", brokenOnce = "V007__rights.sql, secure: the GRANT to PUBLIC left out")
    void aDatabaseWhoseFunctionsAreNobodysByDefaultWorks(TestDatabase database) throws SQLException {
        String name = database.name() + "_strict";
        Installed.execute(database, "CREATE DATABASE " + name);
        try {
            TestDatabase strict = database.named(name);
            Installed.execute(strict, "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC");
            Installed.in(strict);
            Installed.execute(
                    strict, "ALTER TABLE testtype ADD more int; INSERT INTO testtype (id, val) VALUES (1, 'a')");
            assertThat(log(strict))
                    .containsExactly(
                            "testtype r null null null",
                            "testtype i {\"id\": 1} null {\"id\": 1, \"val\": \"a\", \"more\": null}");
        } finally {
            Installed.execute(database, "DROP DATABASE " + name);
        }
    }

    @Test
    @Evidence(
            guarantee = "installation",
            brokenOnce = "V007__rights.sql, secure: GRANT pbp_log tried without the EXCEPTION")
    void anInstallationByARoleThatIsNoAdministratorHolds(TestDatabase database) throws SQLException {
        String login = database.name() + "_login";
        String name = database.name() + "_own";
        for (String attribute : List.of("NOCREATEROLE", "CREATEROLE")) {
            Installed.execute(database, "CREATE ROLE " + login + " LOGIN PASSWORD 'x' " + attribute);
            Installed.execute(database, "CREATE DATABASE " + name + " OWNER " + login);
            TestDatabase own = database.named(name);
            try {
                Installed.execute(own, "GRANT CREATE ON SCHEMA public TO " + login);
                Installed.in(own.as(login, "x"));
                String owner = Installed.rows(
                                own, "SELECT relowner::regrole FROM pg_class WHERE oid = 'pbp.log'::regclass")
                        .get(0);
                assertThat(owner).isIn(login, "pbp_log");
                assertThat(Installed.rows(
                                own,
                                "SELECT DISTINCT proowner::regrole FROM pg_proc WHERE pronamespace = 'pbp'::regnamespace"
                                        + " AND proname IN ('create_function', 'open_function', 'drop_function')"))
                        .containsExactly(owner);
                assertThat(Installed.rows(
                                own,
                                "SELECT FROM pg_auth_members WHERE roleid = 'pbp_log'::regrole AND member = '" + login
                                        + "'::regrole"))
                        .isEmpty();
                String eve = eve(database);
                Installed.execute(
                        own,
                        "CREATE TABLE called (who text, what text); GRANT INSERT ON called TO PUBLIC; CREATE SCHEMA m AUTHORIZATION "
                                + eve + "; GRANT USAGE ON SCHEMA m TO PUBLIC; GRANT USAGE ON SCHEMA pbp TO " + eve
                                + "; GRANT SELECT, INSERT, UPDATE, DELETE ON pbp.tracking TO " + eve);
                asEve(
                        own,
                        eve,
                        TYPES + "CREATE TABLE kinds (id int PRIMARY KEY, " + HOSTILE_COLUMNS
                                + "); SELECT pbp.track('kinds', '{}', true); INSERT INTO kinds VALUES (1, "
                                + HOSTILE_VALUES
                                + "); ALTER TABLE kinds ADD z en; UPDATE kinds SET z = '2'; UPDATE kinds SET z = '1'");
                assertThat(Installed.rows(own, "SELECT op FROM pbp.log WHERE op <> 'r' ORDER BY lsn"))
                        .containsExactly("i", "u");
                nothingWasCalled(own);
                for (String sql : List.of(
                        "SELECT pbp.create_function('x', '', '')",
                        "INSERT INTO pbp.log (tab, op) VALUES ('testtype', 't')",
                        "CREATE TRIGGER z AFTER INSERT ON kinds FOR EACH ROW EXECUTE FUNCTION pbp.log_refetch()")) {
                    assertThatThrownBy(() -> asEve(own, eve, sql)).hasMessageContaining("permission denied");
                }
                asEve(own, eve, "SELECT pbp.untrack('kinds')");
                Installed.execute(own.as(login, "x"), "SELECT pbp.trim('0', 0); SELECT pbp.untrack('testtype')");
            } finally {
                Installed.execute(database, "DROP DATABASE " + name);
                Installed.execute(database, "DROP ROLE " + login);
            }
        }
    }

    private static void asEve(TestDatabase database, String role, String sql) throws SQLException {
        Installed.execute(database, "SET search_path = m, public; SET ROLE " + role + "; " + sql);
    }

    @Test
    void aWriterSeesItsOwnSequenceAndItsOwnCounts(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE counted (id serial PRIMARY KEY, v text);
                CREATE TABLE bare (id serial PRIMARY KEY, v text);
                SELECT pbp.track('counted')""");
        assertThat(Installed.rows(database, "INSERT INTO counted (v) VALUES ('a'), ('b') RETURNING id, lastval()"))
                .containsExactly("1 1", "2 2");
        Installed.execute(database, """
                SET lock_timeout = '7s';
                DO $$ DECLARE n int; BEGIN
                    INSERT INTO counted (v) VALUES ('c'), ('d'), ('e');
                    GET DIAGNOSTICS n = ROW_COUNT;
                    ASSERT n = 3 AND FOUND AND lastval() = 5;
                    UPDATE counted SET v = v;
                    GET DIAGNOSTICS n = ROW_COUNT;
                    ASSERT n = 5 AND FOUND;
                    DELETE FROM counted WHERE false;
                    ASSERT NOT FOUND;
                    PERFORM pbp.track('bare'), pbp.track('counted'), pbp.untrack('counted');
                    ASSERT current_setting('lock_timeout') = '7s' AND lastval() = 5;
                    ASSERT current_setting('search_path') = '"$user", public';
                END $$""");
    }

    @Test
    @Evidence(guarantee = "same-values", brokenOnce = "V003__tracking.sql, function_settings: `array_nulls` left out")
    void noSettingOfAWriterChangesWhatIsLogged(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE DOMAIN list AS text[];
                CREATE TABLE odd (id int PRIMARY KEY, "a'b\\"\"" text, "b\\c" money, d list, x xml, f float4, arr text[],
                    g text GENERATED ALWAYS AS ("a'b\\"\"" || '\\') STORED, n text, ts timestamptz, iv interval, by bytea, dd list[]);
                CREATE FUNCTION go() RETURNS void LANGUAGE plpgsql SET standard_conforming_strings = on
                    SET xmloption = content AS $$
                    #variable_conflict use_column
                    BEGIN
                        INSERT INTO odd VALUES (1, 'q\\x', '1234.5', ARRAY['a', NULL], '<a/>', 0.1, ARRAY[NULL, 'x'], DEFAULT, NULL,
                            timestamptz 'epoch', interval '1 day 2 hours', '\\x00ff', '{"{a}"}');
                        UPDATE odd SET n = 'y';
                        DELETE FROM odd;
                    END $$;
                SELECT pbp.track('odd');
                SELECT go()""");
        List<String> plain = Installed.rows(database, "SELECT op, key, old, new FROM pbp.log ORDER BY lsn");
        assertThat(plain).hasSize(3);
        for (String alter : List.of("", "ALTER TABLE odd RENAME TO odder; ALTER TABLE odder RENAME TO odd")) {
            Installed.execute(database, alter + "; TRUNCATE pbp.log");
            Installed.execute(database, """
                    SET escape_string_warning = off; SET quote_all_identifiers = on; SET array_nulls = off;
                    SET plpgsql.extra_errors = 'all'; SET plpgsql.variable_conflict = error; SET transform_null_equals = on;
                    SET row_security = off; SET lc_monetary = 'C'; SET xmloption = document; SET backslash_quote = off;
                    SET extra_float_digits = -3; SET bytea_output = escape; SET intervalstyle = postgres_verbose;
                    SET timezone = 'Asia/Kolkata'; SET plan_cache_mode = force_generic_plan; SET from_collapse_limit = 1;
                    SET join_collapse_limit = 1; SET enable_seqscan = off; SET work_mem = '64kB'; SET check_function_bodies = off;
                    SET pbp.wake = 'off'; SET search_path = pg_temp, public;
                    DO $$ BEGIN PERFORM set_config('standard_conforming_strings', 'off', true), public.go(),
                        set_config('standard_conforming_strings', 'on', true); END $$""");
            assertThat(Installed.rows(database, "SELECT op, key, old, new FROM pbp.log ORDER BY lsn"))
                    .isEqualTo(plain);
        }
    }

    @Test
    @Evidence(
            guarantee = "writers-undisturbed",
            brokenOnce = "V003__tracking.sql, trigger_body: `#variable_conflict use_column` left out")
    void columnsMayHaveAnyNameAndAnyNumber(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE nm (ok int PRIMARY KEY, k int, c int, x int, pbp_row int, pbp_gone int, pbp_row_is int, pbp_json int,
                    pbp_names int, pbp_types int, pbp_root int, pbp_table int, pbp_same int, pbp_logged int, pbp_refetch int,
                    pbp_unseen int, found int, tg_op int, tg_nargs int, tg_relid int, "a'b\\"\"" int, "$$" int, "%s" int, "%1$s" int,
                    "\\" int, tab int, "select" int, o int, n int, t int, j int, one int, r int, u int, ord int, y int,
                    "current_user" int, "null" int, "NULL" int, lsn int, depth int, "$template$" int, "$1" int, "{}" int, "a,b" int,
                    "x.y" int, array_agg int, pbp_old int, pbp_new int, " " int);
                SELECT pbp.track('nm');
                INSERT INTO nm (ok, found, tg_op) VALUES (1, 2, 3); UPDATE nm SET k = 2; DELETE FROM nm;
                ALTER TABLE nm ADD zz int, DROP c;
                INSERT INTO nm (ok) VALUES (0); DELETE FROM nm;
                INSERT INTO nm (ok, found, tg_op) VALUES (1, 2, 3); UPDATE nm SET k = 2; DELETE FROM nm;
                DO $$ BEGIN
                    EXECUTE (SELECT 'CREATE TABLE wide (id int PRIMARY KEY, ' || string_agg('c' || i || ' int', ', ') || ')'
                             FROM generate_series(1, 1500) i);
                    EXECUTE (SELECT 'CREATE TABLE keys (v int, ' || string_agg('"k%' || i || '" int', ', ') || ', PRIMARY KEY ('
                                    || string_agg('"k%' || i || '"', ', ') || '))' FROM generate_series(1, 32) i);
                    PERFORM pbp.track('wide'), pbp.track('keys');
                    INSERT INTO wide (id, c1500) VALUES (1, 5);
                    UPDATE wide SET c1 = 1;
                    ALTER TABLE wide DROP c2;
                    DELETE FROM wide;
                    EXECUTE (SELECT 'INSERT INTO keys SELECT ' || string_agg(i::text, ', ') FROM generate_series(0, 32) i);
                    UPDATE keys SET v = 1;
                    UPDATE keys SET "k%32" = 1;
                END $$""");
        assertThat(
                        Installed.rows(
                                database,
                                "SELECT tab, string_agg(op::text, '' ORDER BY lsn), max(length(key::text)) > 0 FROM pbp.log GROUP BY tab ORDER BY tab"))
                .containsExactly("keys iudi t", "nm iudridiud t", "wide iurd t");
    }
}
