package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.doctor.Diagnosis;
import dev.pbp.cli.doctor.Doctor;
import dev.pbp.cli.doctor.DoctorOptions;
import dev.pbp.cli.doctor.Finding;
import dev.pbp.cli.doctor.Severity;
import dev.pbp.cli.doctor.SkippedCheck;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.Pooler;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Each thing that {@code doctor} can find is made to happen; what it says to run is run, word by word, and after that it
 * finds it no more.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Evidence(
        guarantee = "doctor",
        claim =
                "The commands that `doctor` prints mend what it found: each problem is made, and its commands are run word by word",
        brokenOnce = {
            "TriggersCheck.Tracked.track: `--exclude` left out",
            "Wrong.drop: nothing dropped",
            "ClientSession.terminate: `pg_cancel_backend`",
            "KeysCheck.FROM_INDEX: constraints not asked for"
        })
class DoctorIT {
    /** The pool of {@code serve}, and the connection that listens. */
    private static final int SITE_CONNECTIONS = 6;

    private static final Duration LONG = Duration.ofHours(1);

    @SuppressWarnings("NullAway.Init")
    private PrivateServer server;

    @SuppressWarnings("NullAway.Init")
    private TestDatabase ward;

    @BeforeAll
    void start() throws SQLException {
        server = PrivateServer.builder()
                .setting("max_prepared_transactions", "5")
                .setting("max_notify_queue_pages", "64")
                .setting("max_connections", "30")
                .create();
        ward = server.database().named("ward");
        assertThat(InProcessCli.run(server.database(), "initdb", "ward").status())
                .isZero();
        sql("CREATE TABLE orders (id int PRIMARY KEY, item text, card text)");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private void sql(String... statements) throws SQLException {
        sql(ward, statements);
    }

    private static void sql(TestDatabase database, String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Executes DDL to which no event trigger adapts tracked tables. */
    private void unfollowed(String... statements) throws SQLException {
        eventTriggers("DISABLE");
        sql(statements);
        eventTriggers("ENABLE ALWAYS");
    }

    private void eventTriggers(String what) throws SQLException {
        for (String event : List.of("ddl_command_end", "sql_drop", "table_rewrite")) {
            sql("ALTER EVENT TRIGGER pbp_" + event + " " + what);
        }
    }

    private Diagnosis examine() throws SQLException {
        return examine(ward, LONG, InstantSource.system());
    }

    private static Diagnosis examine(TestDatabase database, Duration longest, InstantSource clock) throws SQLException {
        DoctorOptions options = new DoctorOptions(longest, SITE_CONNECTIONS, PostgresServer.program("serve"), clock);
        try (Connection connection = database.connect()) {
            return new Doctor(options).examine(connection, database::connect);
        }
    }

    private static List<Finding> of(Diagnosis diagnosis, String check) {
        return diagnosis.findings().stream()
                .filter(finding -> finding.check().equals(check))
                .toList();
    }

    private static Finding only(Diagnosis diagnosis, String check) {
        assertThat(of(diagnosis, check)).as(diagnosis.toString()).hasSize(1);
        return of(diagnosis, check).get(0);
    }

    /** Runs what a finding says: SQL in the database, pbp-cli in this process. */
    private void mend(Finding finding) throws SQLException {
        mend(finding, ward);
    }

    private static void mend(Finding finding, TestDatabase by) throws SQLException {
        for (String step : finding.mend()) {
            if (step.endsWith(";")) {
                sql(by, step);
            } else if (step.startsWith("pbp-cli ")) {
                String[] arguments = words(step.substring("pbp-cli ".length()));
                CliProcess.Ended ended = InProcessCli.run(by, arguments);
                assertThat(ended.status()).as(step + ": " + ended.err()).isZero();
            } else {
                assertThat(step).startsWith("#");
            }
        }
    }

    /** As a shell splits them. */
    private static String[] words(String command) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        for (char c : (command + " ").toCharArray()) {
            if (c == '\'') {
                quoted = !quoted;
            } else if (c == ' ' && !quoted) {
                words.add(word.toString());
                word.setLength(0);
            } else {
                word.append(c);
            }
        }
        return words.toArray(String[]::new);
    }

    private Finding foundAndMended(String check, Severity severity, String what) throws SQLException {
        Finding finding = only(examine(), check);
        assertThat(finding.severity()).isEqualTo(severity);
        assertThat(finding.what()).contains(what);
        assertThat(finding.why()).isNotBlank();
        mend(finding);
        assertThat(of(examine(), check)).isEmpty();
        return finding;
    }

    @Test
    void fsyncThatIsOff() throws SQLException {
        sql("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()");
        awaitSetting("fsync", "off");
        Finding finding = only(examine(), "durability");
        assertThat(finding.severity()).isEqualTo(Severity.SERIOUS);
        assertThat(finding.what()).isEqualTo("fsync is off (configuration file)");
        mend(finding);
        awaitSetting("fsync", "on");
        assertThat(of(examine(), "durability")).isEmpty();
    }

    @Test
    void commitsThatAreNotAwaited() throws SQLException {
        sql("ALTER SYSTEM SET fsync = on", "SELECT pg_reload_conf()");
        awaitSetting("fsync", "on");
        sql("ALTER DATABASE ward SET synchronous_commit = off");
        foundAndMended("durability", Severity.WARNING, "synchronous_commit is off (database)");
    }

    /** A new session sees it when the postmaster has read its files again. */
    private void awaitSetting(String name, String value) throws SQLException {
        for (String is = ""; !is.equals(value); ) {
            try (Connection connection = ward.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SHOW " + name)) {
                row.next();
                is = row.getString(1);
            }
        }
    }

    @Test
    void aDatabaseThatWasNotInitialised() throws SQLException {
        sql("CREATE DATABASE bare");
        TestDatabase bare = ward.named("bare");
        Finding finding = only(examine(bare, LONG, InstantSource.system()), "schema");
        assertThat(finding.severity()).isEqualTo(Severity.SERIOUS);
        mend(finding, bare);
        assertThat(of(examine(bare, LONG, InstantSource.system()), "schema")).isEmpty();
        sql(bare, "DELETE FROM pbp.migration WHERE file LIKE 'V004%'", "DROP FUNCTION pbp.trim");
        finding = only(examine(bare, LONG, InstantSource.system()), "schema");
        assertThat(finding.what()).contains("lacks V004__retention.sql");
        mend(finding, bare);
        sql(bare, "INSERT INTO pbp.migration VALUES ('pbp', 'V999__future.sql', '')");
        assertThat(only(examine(bare, LONG, InstantSource.system()), "schema").what())
                .contains("V999__future.sql");
        sql("DROP DATABASE bare");
    }

    @Test
    void anotherEncodingThanUtf8() throws SQLException {
        sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
        Finding finding = only(examine(ward.named("latin"), LONG, InstantSource.system()), "version");
        assertThat(finding.what()).contains("encoding is LATIN1");
        sql("DROP DATABASE latin");
    }

    @Test
    @Evidence(guarantee = "doctor", brokenOnce = "RightsCheck.look: `needRows` left out")
    @Evidence(
            guarantee = "doctor",
            claim =
                    "`doctor` prints the grants that a role lacks and who can grant them: no role is a member of `pbp_log`",
            brokenOnce = "RightsCheck.granter: `pbp_log` taken for a role like others")
    void rightsThatAreMissing() throws SQLException {
        sql("CREATE ROLE nurse LOGIN");
        TestDatabase nurse = ward.as("nurse", "");
        Diagnosis blind = examine(nurse, LONG, InstantSource.system());
        Finding finding = only(blind, "rights");
        assertThat(finding.severity()).isEqualTo(Severity.SERIOUS);
        assertThat(finding.what()).contains("role nurse lacks USAGE on schema pbp", "DELETE on pbp.log");
        assertThat(blind.skipped())
                .extracting(SkippedCheck::check)
                .contains("schema", "triggers", "log", "transactions");
        assertThat(blind.skipped().toString()).contains("GRANT pg_monitor TO nurse;");
        assertThat(finding.mend())
                .containsSubsequence(
                        "# as postgres, who owns the schema pbp, or as a superuser:",
                        "GRANT INSERT ON TABLE pbp.waypoint TO nurse;",
                        "# as a superuser, since nobody can log in as pbp_log, who owns the log:",
                        "GRANT DELETE ON TABLE pbp.log TO nurse;",
                        "GRANT UPDATE ON SEQUENCE pbp.awake TO nurse;");
        mend(finding);
        sql("SELECT pbp.secure()"); // keeps what was granted
        sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO nurse");
        assertThat(of(examine(nurse, LONG, InstantSource.system()), "rights")).isEmpty();
        assertThat(InProcessCli.run(nurse, "tail", "--from", "AAAA").err())
                .contains("not a point of this database's change feed");
        sql("CREATE SCHEMA hidden", "CREATE TABLE hidden.rows (id int PRIMARY KEY)", "SELECT pbp.track('hidden.rows')");
        Finding rows = only(examine(nurse, LONG, InstantSource.system()), "rights");
        assertThat(rows.what()).isEqualTo("role nurse may not read what is tracked: hidden.rows");
        mend(rows);
        assertThat(of(examine(nurse, LONG, InstantSource.system()), "rights")).isEmpty();
        sql("SELECT pbp.untrack('hidden.rows')", "DROP SCHEMA hidden CASCADE");
        sql("DROP OWNED BY nurse", "CREATE DATABASE bare2", "REVOKE CREATE ON DATABASE bare2 FROM public");
        Finding create = only(examine(nurse.named("bare2"), LONG, InstantSource.system()), "rights");
        assertThat(create.what()).contains("may not create a schema");
        mend(create);
        assertThat(of(examine(nurse.named("bare2"), LONG, InstantSource.system()), "rights"))
                .isEmpty();
        sql("DROP DATABASE bare2", "DROP ROLE nurse");
    }

    /** With what it prints, and no more, the owner of a table tracks it. */
    @Test
    @Evidence(
            guarantee = "doctor",
            claim =
                    "The owner of a table, not a superuser, tracks it with the grants that `doctor` and `track` print, and no more",
            brokenOnce = {
                "RightsCheck.needTracking: finds nothing",
                "TableTracker.run: the rights not asked for",
                "TriggersCheck.source: always `pbp.tracked`"
            })
    void rightsThatATablesOwnerMisses() throws SQLException {
        sql("CREATE ROLE \"Shop\" LOGIN", "CREATE SCHEMA shop AUTHORIZATION \"Shop\"");
        TestDatabase shop = ward.as("Shop", "");
        assertThat(notes(shop)).as("it owns nothing yet").isEmpty();
        sql(shop, "CREATE TABLE shop.goods (id int PRIMARY KEY, v text, price int)");
        CliProcess.Ended refused = InProcessCli.run(shop, "track", "shop.goods");
        assertThat(refused.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(refused.err())
                .contains("role \"Shop\" lacks USAGE on schema pbp; SELECT, INSERT, UPDATE, DELETE on pbp.tracking")
                .contains("as \"postgres\" or a superuser, run  GRANT USAGE ON SCHEMA pbp TO \"Shop\";"
                        + " GRANT SELECT, INSERT, UPDATE, DELETE ON pbp.tracking TO \"Shop\";");
        Finding note = notes(shop).get(0);
        assertThat(note.what())
                .startsWith("role Shop owns 1 table, and may not track any: it lacks USAGE on schema pbp;");
        mend(note);
        assertThat(notes(shop)).isEmpty();
        for (String[] command : new String[][] {
            {"track", "shop.goods", "--exclude", "price", "--mtime"}, {"track", "shop.goods"}, {"untrack", "shop.goods"}
        }) {
            CliProcess.Ended ended = InProcessCli.run(shop, command);
            assertThat(ended.status()).as(ended.err()).isZero();
        }
        assertThat(InProcessCli.run(shop, "track", "shop.goods").status()).isZero();
        sql(shop, "DROP TRIGGER pbp_insert ON shop.goods");
        Finding missing = only(examine(shop, LONG, InstantSource.system()), "triggers");
        assertThat(missing.what()).isEqualTo("table shop.goods: missing trigger pbp_insert");
        mend(missing, shop);
        assertThat(of(examine(), "triggers")).isEmpty();
        assertThat(InProcessCli.run(shop, "untrack", "shop.goods").status()).isZero();
        sql("DROP OWNED BY \"Shop\" CASCADE", "DROP ROLE \"Shop\"");
    }

    private static List<Finding> notes(TestDatabase database) throws SQLException {
        return of(examine(database, LONG, InstantSource.system()), "rights").stream()
                .filter(finding -> finding.severity() == Severity.NOTE)
                .toList();
    }

    @Test
    @Evidence(
            guarantee = "doctor",
            claim = "`doctor` sees that the log or a trigger's function does not belong to `pbp_log`",
            brokenOnce = "OwnersCheck.OBJECTS: trigger functions left out")
    void theLogInOtherHands() throws SQLException {
        sql("CREATE ROLE porter", "GRANT CREATE ON SCHEMA pbp TO porter");
        sql("ALTER TABLE pbp.log OWNER TO porter", "ALTER SEQUENCE pbp.awake OWNER TO porter");
        foundAndMended("owners", Severity.WARNING, "owned by role porter instead of pbp_log: pbp.awake, pbp.log");
        sql("DROP OWNED BY porter", "DROP ROLE porter");
        sql("ALTER FUNCTION pbp.drop_function(name) OWNER TO postgres");
        Finding superuser =
                foundAndMended("owners", Severity.SERIOUS, "postgres instead of pbp_log: function pbp.drop_function");
        assertThat(superuser.why()).contains("would run with the rights of postgres, a superuser;");
        sql("CREATE TABLE kept (id int PRIMARY KEY)", "SELECT pbp.track('kept')");
        sql("REASSIGN OWNED BY pbp_log TO postgres", "DROP OWNED BY pbp_log", "DROP ROLE pbp_log");
        Finding all = foundAndMended("owners", Severity.SERIOUS, "postgres instead of pbp_log: pbp.awake, pbp.log, ");
        assertThat(all.mend())
                .containsExactly("# as a superuser:", "CREATE ROLE pbp_log NOLOGIN NOINHERIT;", "SELECT pbp.secure();");
        sql("INSERT INTO kept VALUES (1)", "SELECT pbp.untrack('kept')", "DROP TABLE kept");
    }

    /** As a dump that is restored without grants has them. */
    @Test
    @Evidence(
            guarantee = "doctor",
            claim =
                    "`doctor` reports functions with their owner's rights that every role may execute, as after `pg_restore -x`",
            brokenOnce = "OwnersCheck.look: `callers` left out")
    void functionsThatEveryRoleMayExecute() throws SQLException {
        sql("GRANT EXECUTE ON FUNCTION pbp.drop_function, pbp.keep_tracked TO PUBLIC");
        foundAndMended("owners", Severity.WARNING, "every role may execute pbp.drop_function, pbp.keep_tracked");
    }

    @Test
    @Evidence(
            guarantee = "doctor",
            claim = "`doctor` reports that `pbp_log` can do more than it should, or has members; its creator is none",
            brokenOnce = "OwnersCheck.MEMBERS: the options of a membership not asked for")
    void aRoleOfTheLogThatCanDoMore() throws SQLException {
        sql("ALTER ROLE pbp_log LOGIN CREATEDB");
        foundAndMended("owners", Severity.WARNING, "role pbp_log has LOGIN, CREATEDB");
        sql("ALTER ROLE pbp_log SUPERUSER");
        foundAndMended("owners", Severity.SERIOUS, "role pbp_log has SUPERUSER");
        sql("CREATE ROLE guest", "GRANT pbp_log TO guest");
        foundAndMended("owners", Severity.WARNING, "role guest is a member of pbp_log");
        sql("GRANT guest TO pbp_log");
        foundAndMended("owners", Severity.WARNING, "role pbp_log is a member of guest");
        sql("DROP ROLE guest");
        if (isAtLeast(160000)) {
            sql("CREATE ROLE creator CREATEROLE", "GRANT pbp_log TO creator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE");
            assertThat(of(examine(), "owners")).as("as CREATE ROLE makes it").isEmpty();
            sql("SET ROLE creator; GRANT pbp_log TO creator; RESET ROLE");
            Finding member = foundAndMended("owners", Severity.WARNING, "role creator is a member of pbp_log");
            assertThat(member.mend()).contains("REVOKE pbp_log FROM creator GRANTED BY creator CASCADE;");
            sql("REVOKE pbp_log FROM creator", "DROP ROLE creator");
        }
    }

    private boolean isAtLeast(int version) throws SQLException {
        try (Connection connection = ward.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW server_version_num")) {
            row.next();
            return row.getInt(1) >= version;
        }
    }

    @Test
    void rightsThatWritersMiss() throws SQLException {
        sql("CREATE TABLE noted (id int PRIMARY KEY)", "SELECT pbp.track('noted')", "CREATE ROLE scribe");
        sql("DO $$BEGIN EXECUTE (SELECT 'ALTER FUNCTION pbp.' || fn || ' OWNER TO scribe' FROM pbp.tracked"
                + " WHERE name = 'noted'); END$$");
        assertThatThrownBy(() -> sql("INSERT INTO noted VALUES (1)")).hasMessageContaining("permission denied");
        Finding finding = only(examine(), "rights");
        assertThat(finding.severity()).isEqualTo(Severity.SERIOUS);
        assertThat(finding.what())
                .isEqualTo("role scribe lacks USAGE on schema pbp, INSERT on pbp.log, SELECT on pbp.awake");
        mend(finding);
        assertThat(of(examine(), "rights")).isEmpty();
        sql("INSERT INTO noted VALUES (1)");
        Finding owner = foundAndMended("owners", Severity.WARNING, "owned by role scribe instead of pbp_log: function");
        assertThat(owner.why()).contains("would run with the rights of scribe;", "SECURITY.md");
        sql("INSERT INTO noted VALUES (2)");
        sql("SELECT pbp.untrack('noted')", "DROP TABLE noted", "DROP OWNED BY scribe", "DROP ROLE scribe");
    }

    @Test
    void aTriggerThatIsMissingDisabledOrAltered() throws SQLException {
        assertThat(InProcessCli.run(ward, "track", "orders", "--exclude", "card")
                        .status())
                .isZero();
        sql("DROP TRIGGER pbp_update ON orders");
        Finding missing = foundAndMended("triggers", Severity.SERIOUS, "table orders: missing trigger pbp_update");
        assertThat(missing.mend()).containsExactly("pbp-cli track orders --exclude card");
        sql("ALTER TABLE orders DISABLE TRIGGER pbp_insert");
        foundAndMended("triggers", Severity.SERIOUS, "table orders: disabled trigger pbp_insert");
        sql(
                "DROP TRIGGER pbp_delete ON orders",
                "CREATE TRIGGER pbp_delete AFTER DELETE ON orders WHEN (false) EXECUTE FUNCTION pbp.log_refetch()");
        Finding altered = foundAndMended("triggers", Severity.SERIOUS, "table orders: altered trigger pbp_delete");
        assertThat(altered.mend())
                .as("the table stays tracked meanwhile")
                .containsExactly("DROP TRIGGER pbp_delete ON orders;", "pbp-cli track orders --exclude card");
        sql("DO $$BEGIN EXECUTE (SELECT 'CREATE OR REPLACE FUNCTION pbp.log_' || 'orders'::regclass::oid"
                + " || '() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NULL; END'''); END$$");
        foundAndMended("triggers", Severity.SERIOUS, "is not what pbp.track makes");
        unfollowed("ALTER TABLE orders RENAME TO \"Old Orders\"");
        List<Finding> renamed = of(examine(), "triggers");
        assertThat(renamed).hasSize(1);
        assertThat(renamed.toString()).contains("still told to readers as orders");
        mend(renamed.get(0));
        assertThat(of(examine(), "triggers")).isEmpty();
        sql("ALTER TABLE \"Old Orders\" DROP CONSTRAINT orders_pkey");
        foundAndMended("triggers", Severity.SERIOUS, "has no primary key any more");
        sql("INSERT INTO \"Old Orders\" VALUES (1)", "ALTER TABLE \"Old Orders\" DROP CONSTRAINT \"Old Orders_pkey\"");
        Finding keyless = foundAndMended("triggers", Severity.SERIOUS, "has no primary key any more");
        assertThat(keyless.mend().get(0)).isEqualTo("ALTER TABLE \"Old Orders\" ADD PRIMARY KEY (pbp_id);");
        sql("ALTER TABLE \"Old Orders\" RENAME TO orders");
        assertThat(InProcessCli.run(ward, "untrack", "orders").status()).isZero();
    }

    /** Where a function that is another than the one that would be made now logs just as exactly, nothing is lost. */
    @Test
    @Evidence(
            guarantee = "doctor",
            claim = "`doctor` calls a trigger's function serious where changes may be lost, and else a warning",
            brokenOnce = "TriggersCheck.LOSS: not asked whether the function compares the table")
    @Evidence(
            guarantee = "doctor",
            claim = "A trigger function whose `search_path` was altered is created again by `pbp.track`",
            brokenOnce = "V003__tracking.sql, keep_tracked: `proconfig` not asked for")
    void aFunctionThatIsNotWhatTrackMakes() throws SQLException {
        sql("CREATE TABLE shaped (id int PRIMARY KEY, up int, v text)", "SELECT pbp.track('shaped')");
        unfollowed("ALTER TABLE shaped ADD COLUMN later text", "ALTER TABLE shaped RENAME COLUMN v TO w");
        anotherFunction(Severity.WARNING, "more slowly until the table is tracked again");
        unfollowed("ALTER TABLE shaped DROP CONSTRAINT shaped_pkey", "ALTER TABLE shaped ADD PRIMARY KEY (id, later)");
        anotherFunction(Severity.WARNING, "must-refetch where the key");
        sql(replaceFunction("replace(prosrc, 'RETURN NULL;', 'RETURN NULL; -- as it was in another version')"));
        anotherFunction(Severity.WARNING, "another version");
        sql(replaceFunction("'BEGIN RETURN NULL; END'"));
        anotherFunction(Severity.SERIOUS, "changes may be lost");
        sql(alterFunction("SECURITY INVOKER"));
        anotherFunction(Severity.SERIOUS, "runs with the rights of the writer");
        sql(alterFunction("SET search_path = public, pg_catalog"));
        anotherFunction(Severity.SERIOUS, "the search_path of the writer");
        sql(
                "ALTER TABLE shaped DROP CONSTRAINT shaped_pkey",
                "ALTER TABLE shaped ADD PRIMARY KEY (id)",
                "SELECT pbp.track('shaped')");
        unfollowed("ALTER TABLE shaped ADD FOREIGN KEY (up) REFERENCES shaped ON UPDATE CASCADE");
        anotherFunction(Severity.SERIOUS, "a foreign key was added");
        sql("SELECT pbp.track('shaped', '{up}')");
        unfollowed("ALTER TABLE shaped RENAME COLUMN w TO v");
        anotherFunction(Severity.WARNING, "must-refetch where");
        unfollowed("ALTER TABLE shaped ADD COLUMN \"Latest\" text");
        anotherFunction(Severity.SERIOUS, "changes of columns added since are not logged: Latest");
        if (isAtLeast(180000)) {
            sql(
                    "ALTER TABLE shaped ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) VIRTUAL",
                    "SELECT pbp.track('shaped')");
            assertThat(of(examine(), "triggers")).isEmpty();
            unfollowed("ALTER TABLE shaped ALTER COLUMN twice SET EXPRESSION AS (id + id)");
            anotherFunction(Severity.SERIOUS, "columns are calculated by an earlier expression: twice");
        }
        sql("SELECT pbp.untrack('shaped')", "DROP TABLE shaped");
    }

    private void anotherFunction(Severity severity, String why) throws SQLException {
        assertThat(foundAndMended("triggers", severity, "the function that logs table shaped, pbp.log_")
                        .why())
                .contains(why);
    }

    private static String replaceFunction(String body) {
        return "DO $$BEGIN EXECUTE (SELECT format('CREATE OR REPLACE FUNCTION pbp.%I() RETURNS trigger LANGUAGE plpgsql"
                + " SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS %L', fn, " + body + ")"
                + " FROM pbp.tracked JOIN pg_proc ON proname = fn WHERE name = 'shaped'); END$$";
    }

    private static String alterFunction(String how) {
        return "DO $$BEGIN EXECUTE (SELECT format('ALTER FUNCTION pbp.%I() " + how + "', fn)"
                + " FROM pbp.tracked WHERE name = 'shaped'); END$$";
    }

    /** Its commands are to be copied, and would otherwise mend another database, or none. */
    @Test
    @Evidence(
            guarantee = "doctor",
            claim = "`doctor`'s commands name the same database, whichever options named it, without its password",
            brokenOnce = "DoctorCommand.steps: `options.again()` left out")
    void itsCommandsNameTheSameDatabase() throws SQLException {
        sql(
                "CREATE TABLE copied (id int PRIMARY KEY)",
                "SELECT pbp.track('copied')",
                "DROP TRIGGER pbp_insert ON copied");
        String url = "postgresql://postgres:geheim@127.0.0.1:" + server.port() + "/postgres";
        CliProcess.Ended doctor = InProcessCli.run(Map.of(), "", "doctor", "--url", url, "--db", "ward");
        assertThat(doctor.status()).isEqualTo(ExitStatus.FAILED);
        String command = doctor.out()
                .lines()
                .filter(line -> line.contains("pbp-cli track copied"))
                .findFirst()
                .orElseThrow()
                .replaceFirst(".*pbp-cli ", "");
        assertThat(command).contains(" --db=ward").doesNotContain("geheim");
        assertThat(InProcessCli.run(Map.of(), "", words(command)).status()).isZero();
        assertThat(of(examine(), "triggers")).isEmpty();
        sql("SELECT pbp.untrack('copied')", "DROP TABLE copied");
        CliProcess.Ended away = InProcessCli.run(Map.of(), "", "doctor", "--url", url, "--db", "it's away");
        assertThat(away.out()).contains("mend  pbp-cli initdb 'it'\\''s away' --url=");
    }

    @Test
    @Evidence(
            guarantee = "doctor",
            claim = "`doctor`'s commands remove neither the table's tracking meanwhile nor its `mtime`",
            brokenOnce = "TriggersCheck.triggers: `untrack` and `track` in place of `DROP TRIGGER` and `track`")
    @Evidence(
            guarantee = "doctor",
            claim =
                    "`doctor` sees a trigger of `track --mtime` that does not fire, and a tracked table that the role may not read",
            brokenOnce = "TriggersCheck.mtime: asked of the other tables")
    void anMtimeThatNobodyKeeps() throws SQLException {
        sql("CREATE TABLE stamped (id int PRIMARY KEY, v text)", "INSERT INTO stamped VALUES (1, 'a')");
        assertThat(InProcessCli.run(ward, "track", "stamped", "--mtime").status())
                .isZero();
        assertThat(of(examine(), "triggers")).isEmpty();
        sql("ALTER TABLE stamped DISABLE TRIGGER \"~pbp_mtime\"");
        Finding disabled = foundAndMended("triggers", Severity.SERIOUS, "table stamped: its column mtime");
        assertThat(disabled.mend()).containsExactly("pbp-cli track stamped --mtime");
        sql("DROP TRIGGER \"~pbp_mtime\" ON stamped");
        foundAndMended("triggers", Severity.SERIOUS, "table stamped: its column mtime");
        // What mends the other triggers leaves the column and what is in it.
        sql(
                "UPDATE stamped SET mtime = mtime",
                "DROP TRIGGER pbp_delete ON stamped",
                "CREATE TRIGGER pbp_delete AFTER DELETE ON stamped WHEN (false) EXECUTE FUNCTION pbp.log_refetch()",
                "CREATE TABLE before AS SELECT * FROM stamped");
        foundAndMended("triggers", Severity.SERIOUS, "table stamped: altered trigger pbp_delete");
        sql("DO $$BEGIN ASSERT (SELECT count(*) FROM stamped JOIN before USING (id, v, mtime)) = 1; END$$");
        unfollowed("ALTER TABLE stamped DROP COLUMN mtime");
        List<Finding> dropped = of(examine(), "triggers");
        assertThat(dropped)
                .extracting(Finding::severity, Finding::mend)
                .containsExactly(
                        tuple(Severity.SERIOUS, List.of("pbp-cli track stamped --mtime")),
                        tuple(Severity.WARNING, List.of("pbp-cli track stamped --mtime")));
        mend(dropped.get(0));
        assertThat(of(examine(), "triggers")).isEmpty();
        assertThat(InProcessCli.run(ward, "untrack", "stamped").status()).isZero();
        sql("DROP TABLE stamped, before");
    }

    @Test
    void aPartitionThatWasAddedLater() throws SQLException {
        sql(
                "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)");
        assertThat(InProcessCli.run(ward, "track", "parts").status()).isZero();
        assertThat(of(examine(), "triggers")).isEmpty();
        unfollowed("CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)");
        foundAndMended("triggers", Severity.SERIOUS, "partition parts_2 of parts is not tracked");
        sql("SELECT pbp.untrack('parts')", "DROP TABLE parts");
    }

    @Test
    void whatDdlDidToTrackedTables() throws SQLException {
        sql(
                "CREATE TYPE mood AS ENUM ('ok')",
                "CREATE TABLE felt (id int PRIMARY KEY, m mood, n numeric(8, 2))",
                "SELECT pbp.track('felt')");
        unfollowed("ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'", "ALTER TABLE felt ALTER n TYPE numeric(9, 3)");
        foundAndMended(
                "ddl", Severity.WARNING, "table felt: its columns, or types that they are made of, were altered");
        unfollowed("ALTER TABLE felt DISABLE TRIGGER pbp_update", "ALTER TABLE felt ENABLE TRIGGER pbp_update");
        foundAndMended("ddl", Severity.SERIOUS, "table felt: its triggers were disabled or altered for a while");
        unfollowed("ALTER TABLE felt DISABLE TRIGGER USER", "ALTER TABLE felt ENABLE TRIGGER USER");
        foundAndMended("triggers", Severity.SERIOUS, "table felt: altered triggers pbp_replica, pbp_truncate");
        unfollowed("ALTER TABLE felt SET UNLOGGED");
        foundAndMended(
                "ddl", Severity.SERIOUS, "table felt is tracked, but would be refused now: public.felt is unlogged");
        sql("ALTER TABLE felt SET LOGGED", "SELECT pbp.track('felt')", "ALTER TABLE felt SET UNLOGGED");
        foundAndMended("ddl", Severity.SERIOUS, "table felt is not live any more: public.felt is unlogged");
        sql("DROP TABLE felt", "DROP TYPE mood");
        sql(
                "CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
                "SELECT pbp.track('parts')");
        unfollowed("ALTER TABLE parts DETACH PARTITION parts_1");
        foundAndMended(
                "ddl",
                Severity.WARNING,
                "table parts: partitions were detached or dropped since it was tracked: parts_1");
        sql("SELECT pbp.untrack('parts')", "DROP TABLE parts, parts_1", "ALTER EVENT TRIGGER pbp_sql_drop DISABLE");
        foundAndMended("ddl", Severity.WARNING, "the event trigger pbp_sql_drop is disabled");
        sql("DROP EVENT TRIGGER pbp_sql_drop");
        foundAndMended("ddl", Severity.WARNING, "the event trigger pbp_sql_drop is missing");
    }

    @Test
    void aTrackedTableThatWasDropped() throws SQLException {
        sql("CREATE TABLE gone (id int PRIMARY KEY)", "SELECT pbp.track('gone')");
        unfollowed("DROP TABLE gone");
        foundAndMended("triggers", Severity.WARNING, "table gone is tracked, but was dropped");
    }

    @Test
    void aPublicationForAllTables() throws SQLException {
        sql("CREATE PUBLICATION everything FOR ALL TABLES");
        foundAndMended("replication", Severity.WARNING, "publication everything holds the tables of the schema pbp");
        try (Connection connection = ward.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_publication_tables"
                        + " WHERE pubname = 'everything_without_pbp' AND tablename = 'orders'")) {
            row.next();
            assertThat(row.getInt(1)).isEqualTo(1);
        }
        sql("DROP PUBLICATION everything_without_pbp");
    }

    @Test
    void aTableOfPbpsThatWouldTakeAPublishersRows() throws SQLException {
        for (String table : List.of("log", "tracked")) {
            sql("ALTER TABLE pbp." + table + " DISABLE TRIGGER pbp_discard");
            foundAndMended("replication", Severity.SERIOUS, "table pbp." + table + " lacks its trigger pbp_discard");
        }
    }

    @Test
    void aRoleCalledLikeTheSchema() throws SQLException {
        sql("CREATE ROLE pbp LOGIN SUPERUSER");
        CliProcess.Ended ended = InProcessCli.run(ward.as("pbp", ""), "initdb", "ward");
        assertThat(ended.status()).isZero();
        assertThat(ended.err()).contains("the schema pbp is first in the search_path of role pbp");
        foundAndMended("schema", Severity.WARNING, "role pbp is called like the schema pbp");
        assertThat(InProcessCli.run(ward.as("pbp", ""), "initdb", "ward").err()).doesNotContain("search_path");
        sql("ALTER ROLE pbp IN DATABASE ward RESET ALL", "DROP ROLE pbp");
    }

    @Test
    void objectsInTheSchemaThatAreNotPbps() throws SQLException {
        sql("CREATE TABLE pbp.visits (id int)", "CREATE TYPE pbp.color AS ENUM ('red')");
        foundAndMended("schema", Severity.WARNING, "what pbp has not installed: pbp.visits, pbp.color");
        sql("DROP TABLE public.visits", "DROP TYPE public.color");
    }

    @Test
    void settingsThatKeepTriggersFromWakingReaders() throws SQLException {
        sql("CREATE ROLE loader", "ALTER ROLE loader IN DATABASE ward SET pbp.wake = off");
        foundAndMended("settings", Severity.WARNING, "role loader in database ward: pbp.wake=off");
        sql("DROP ROLE loader", "ALTER DATABASE ward SET pbp.wake = off");
        foundAndMended("settings", Severity.WARNING, "all roles in database ward: pbp.wake=off");
    }

    @Test
    void tablesWithoutAPrimaryKey() throws SQLException {
        sql("CREATE TABLE keyless (v int)");
        foundAndMended("keys", Severity.NOTE, "table keyless has no primary key");
        sql(
                "DROP TABLE keyless",
                "CREATE TABLE \"Almost\" (v int NOT NULL)",
                "CREATE UNIQUE INDEX \"U x\" ON \"Almost\" (v)");
        Finding almost = foundAndMended("keys", Severity.NOTE, "table \"Almost\" has no primary key");
        assertThat(almost.mend()).containsExactly("ALTER TABLE \"Almost\" ADD PRIMARY KEY USING INDEX \"U x\";");
        sql("DROP TABLE \"Almost\"", "CREATE TABLE pairs (a int NOT NULL, \"B\" int NOT NULL, UNIQUE (\"B\", a))");
        Finding constrained = foundAndMended("keys", Severity.NOTE, "table pairs has no primary key");
        assertThat(constrained.mend()).containsExactly("ALTER TABLE pairs ADD PRIMARY KEY (\"B\", a);");
        sql("DROP TABLE pairs", "CREATE TABLE falling (v int NOT NULL)", "CREATE UNIQUE INDEX ON falling (v DESC)");
        foundAndMended("keys", Severity.NOTE, "table falling has no primary key");
        sql(
                "DROP TABLE falling",
                "CREATE TABLE cut (id int, day date) PARTITION BY RANGE (day)",
                "CREATE TABLE cut_1 PARTITION OF cut FOR VALUES FROM ('2020-01-01') TO ('2030-01-01')",
                "INSERT INTO cut VALUES (1, '2021-01-01')");
        foundAndMended("keys", Severity.NOTE, "table cut has no primary key");
        sql("DROP TABLE cut");
    }

    @Test
    void aLogThatNobodyTrims() throws SQLException {
        sql(
                "DELETE FROM pbp.log",
                "INSERT INTO pbp.log (tab, op, at) VALUES ('testtype', 't', now() - interval '3 days')");
        foundAndMended("log", Severity.WARNING, "the change log reaches back 3 d");
    }

    @Test
    void aTransactionThatIsHeldOpen() throws Exception {
        try (Connection holder = ward.with("ApplicationName", "forgetful").connect();
                Statement statement = holder.createStatement();
                Connection consumer = ward.with("ApplicationName", "pbp consumer audit_cursor")
                        .connect();
                Statement lock = consumer.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("SELECT 1");
            consumer.setAutoCommit(false);
            lock.execute(
                    "LOCK TABLE pbp.feed IN SHARE UPDATE EXCLUSIVE MODE"); // this one holds back nothing, and is no
            // finding
            Finding finding = only(examine(ward, Duration.ofNanos(1), InstantSource.system()), "transactions");
            assertThat(finding.severity()).isEqualTo(Severity.SERIOUS);
            assertThat(finding.what()).contains("(forgetful) in ward", "idle in transaction for");
            assertThat(of(examine(), "transactions")).isEmpty();
            mend(finding);
            assertThat(of(examine(ward, Duration.ofNanos(1), InstantSource.system()), "transactions"))
                    .isEmpty();
        }
    }

    @Test
    void aPreparedTransactionThatNobodyEnds() throws SQLException {
        sql("BEGIN; CREATE TABLE t2 (); PREPARE TRANSACTION 'it''s forgotten'");
        Diagnosis diagnosis = examine(ward, Duration.ofNanos(1), InstantSource.system());
        Finding finding = of(diagnosis, "prepared").get(0);
        assertThat(finding.severity()).isEqualTo(Severity.SERIOUS);
        assertThat(finding.what()).contains("'it''s forgotten' of postgres in ward");
        mend(finding);
        assertThat(only(examine(ward, Duration.ofNanos(1), InstantSource.system()), "prepared")
                        .what())
                .contains("max_prepared_transactions is above 0");
    }

    @Test
    void aQueueThatFillsAndWhoHoldsIt() throws SQLException {
        try (Connection listener = ward.with("ApplicationName", "stuck").connect();
                Statement statement = listener.createStatement()) {
            statement.execute("LISTEN flood");
            listener.setAutoCommit(false);
            statement.execute("SELECT 1");
            fill();
            Finding finding = only(examine(), "queue");
            assertThat(finding.severity()).isEqualTo(Severity.SERIOUS);
            assertThat(finding.what()).contains("% full", "postgres (stuck) in ward", "idle in transaction");
            mend(finding);
            awaitEmptyQueue();
            assertThat(of(examine(), "queue")).isEmpty();
        }
    }

    /** One that listens and one that does not stand in transactions: the one that does not has nothing to fear. */
    @Test
    @Evidence(
            guarantee = "doctor",
            claim = "`doctor` does not end sessions that have no part in a full queue, as far as can be known",
            brokenOnce = "QueueCheck.oneByOne: no remarks, all are ended")
    void whoMostLikelyHoldsTheQueueIsEndedAlone() throws SQLException {
        try (Connection bystander = ward.with("ApplicationName", "backup").connect();
                Statement reading = bystander.createStatement();
                Connection listener = ward.with("ApplicationName", "stuck").connect();
                Statement statement = listener.createStatement()) {
            bystander.setAutoCommit(false);
            reading.execute("SELECT 1");
            statement.execute("LISTEN flood");
            listener.setAutoCommit(false);
            statement.execute("LISTEN flood");
            fill();
            mend(only(examine(), "queue"));
            awaitEmptyQueue();
            assertThat(of(examine(), "queue")).isEmpty();
            assertThat(bystander.isValid(5)).isTrue();
        }
    }

    /** Then nobody can notify, and nobody is asked more than whoever looks at what is wrong. */
    @Test
    @Evidence(guarantee = "doctor", brokenOnce = "StatusReader.feed: the refusal thrown on")
    void statusAnswersWhenTheQueueIsFull() throws SQLException {
        try (Connection listener = ward.connect();
                Statement statement = listener.createStatement()) {
            statement.execute("LISTEN flood");
            listener.setAutoCommit(false);
            statement.execute("SELECT 1");
            assertThatThrownBy(this::fillUp).hasMessageContaining("too many notifications");
            CliProcess.Ended status = InProcessCli.run(ward, "status");
            assertThat(status.status()).as(status.err()).isZero();
            assertThat(status.out())
                    .containsPattern("queue +(9\\d|100)\\.")
                    .contains("not seen   lag: too many notifications");
        }
        for (double usage = 1; usage > 0.05; ) {
            try (Connection connection = ward.connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT pg_notification_queue_usage()")) {
                row.next();
                usage = row.getDouble(1);
            }
        }
    }

    private void fillUp() throws SQLException {
        while (true) {
            sql("SELECT count(pg_notify('flood', n || repeat('x', 7000))) FROM generate_series(1, 5) n");
        }
    }

    private void fill() throws SQLException {
        try (Connection connection = ward.connect();
                Statement statement = connection.createStatement()) {
            double usage = 0;
            while (usage < 0.6) {
                statement.execute(
                        "SELECT count(pg_notify('flood', n || repeat('x', 7000))) FROM generate_series(1, 5) n");
                try (ResultSet row = statement.executeQuery("SELECT pg_notification_queue_usage()")) {
                    row.next();
                    usage = row.getDouble(1);
                }
            }
        }
    }

    private void awaitEmptyQueue() throws SQLException {
        try (Connection connection = ward.connect();
                Statement statement = connection.createStatement()) {
            double usage = 1;
            while (usage > 0.05) {
                // The queue's tail moves on when somebody notifies.
                statement.execute("NOTIFY flood");
                try (ResultSet row = statement.executeQuery("SELECT pg_notification_queue_usage()")) {
                    row.next();
                    usage = row.getDouble(1);
                }
            }
        }
    }

    @Test
    void connectionsThatAreUsedUp() throws SQLException {
        List<Connection> many = new ArrayList<>();
        try {
            for (int i = 0; i < 24; i++) {
                many.add(ward.connect());
            }
            Finding finding = only(examine(), "connections");
            assertThat(finding.severity()).isEqualTo(Severity.SERIOUS);
            assertThat(finding.what()).contains("max_connections = 30");
            assertThat(finding.mend()).contains("ALTER SYSTEM SET max_connections = 60;");
        } finally {
            for (Connection connection : many) {
                connection.close();
            }
        }
        sql("CREATE ROLE poor LOGIN CONNECTION LIMIT 3");
        Finding role = only(examine(ward.as("poor", ""), LONG, InstantSource.system()), "connections");
        assertThat(role.what()).contains("role poor may have 3 connections, and has 0");
        mend(role);
        sql("DROP ROLE poor", "ALTER DATABASE ward CONNECTION LIMIT 4");
        foundAndMended("connections", Severity.SERIOUS, "database ward may have 4 connections");
    }

    @Test
    void clocksThatDisagree() throws SQLException {
        InstantSource late = () -> Instant.now().minusSeconds(90);
        Finding finding = only(examine(ward, LONG, late), "clock");
        assertThat(finding.what()).contains("ahead of this machine's").containsPattern("1 min (29|30|31) s|1 min 30 s");
        assertThat(of(examine(), "clock")).isEmpty();
        sql("SELECT setval('pbp.awake', (extract(epoch FROM now() + interval '1 hour') * 1000)::bigint)");
        foundAndMended("clock", Severity.SERIOUS, "the server's clock has been set back");
    }

    @Test
    void aPoolerInTheWay() throws Exception {
        Pooler.requireInstalled();
        try (Pooler pooler = Pooler.start(ward, "transaction")) {
            Finding shared = only(examine(pooler.database(), LONG, InstantSource.system()), "pooler");
            assertThat(shared.severity()).isEqualTo(Severity.SERIOUS);
            assertThat(shared.what()).contains("shares sessions");
            String direct = words(shared.mend().get(0))[2];
            assertThat(direct).isEqualTo("--url=postgresql://postgres@127.0.0.1:" + server.port() + "/ward");
        }
        try (Pooler pooler = Pooler.start(ward, "session")) {
            Finding kept = only(examine(pooler.database(), LONG, InstantSource.system()), "pooler");
            assertThat(kept.severity()).isEqualTo(Severity.NOTE);
        }
        assertThat(of(examine(), "pooler")).isEmpty();
    }

    @Test
    void aStandby() throws SQLException {
        try (PrivateServer standby = server.createStandby()) {
            Diagnosis diagnosis = examine(standby.database().named("ward"), LONG, InstantSource.system());
            Finding finding = only(diagnosis, "standby");
            assertThat(finding.severity()).isEqualTo(Severity.SERIOUS);
            assertThat(finding.mend().toString()).contains("/ward");
            assertThat(diagnosis.skipped()).extracting(SkippedCheck::check).contains("queue");
        }
    }
}
