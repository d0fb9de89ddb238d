package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an owner of tables may try, on purpose or not, so that pbp runs foreign code, shows what is left out, or misses a change. */
@PostgresTest
class EvasionIT {
    private TestDatabase database;
    private String owner;

    @BeforeEach
    void start(TestDatabase given) throws SQLException {
        database = given;
        owner = database.name() + "_evader";
        Schema.install(database.dataSource(), Schema.PBP);
        Installed.execute(
                database,
                "CREATE ROLE " + owner + "; CREATE SCHEMA own AUTHORIZATION " + owner
                        + "; GRANT USAGE ON SCHEMA pbp TO " + owner
                        + "; GRANT SELECT, INSERT, UPDATE, DELETE ON pbp.tracking TO " + owner
                        + "; GRANT TEMPORARY ON DATABASE "
                        + database.name() + " TO " + owner);
    }

    @AfterEach
    void stop() throws SQLException {
        Installed.execute(
                database,
                "SELECT pbp.untrack(rel) FROM pbp.tracked; DROP SCHEMA own CASCADE; DROP SCHEMA pbp CASCADE; DROP OWNED BY "
                        + owner + "; DROP ROLE " + owner);
    }

    private String asOwner(String sql) {
        return "SET ROLE " + owner + "; SET search_path = own; " + sql;
    }

    private void execute(String sql) throws SQLException {
        Installed.execute(database, asOwner(sql));
    }

    private String log() throws SQLException {
        return Installed.rows(
                        database,
                        "SELECT coalesce(string_agg(op::text || coalesce(new::text, ''), ' ' ORDER BY lsn), '') FROM pbp.log")
                .get(0);
    }

    /** Its function would take a view of the owner's for its transition table, and evaluate it as the log's owner. */
    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            claim =
                    "A trigger function evaluates nothing but transition tables, whatever temporary objects are called like them",
            how =
                    "it asks whether there are such objects, and then looks at its trigger; at commit a trigger that pbp does not make is refused",
            brokenOnce = "V003__tracking.sql, own_transition_tables: always true")
    void aTriggerWithoutTransitionTablesReadsNoTemporaryView() throws SQLException {
        execute("CREATE TABLE things (id int PRIMARY KEY, v text); CREATE SEQUENCE calls;"
                + " GRANT USAGE ON SCHEMA own TO PUBLIC; GRANT USAGE ON SEQUENCE calls TO PUBLIC;"
                + " CREATE FUNCTION evil() RETURNS text LANGUAGE plpgsql AS $$"
                + " BEGIN PERFORM nextval('own.calls'); RETURN 'x'; END $$");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(asOwner(
                    "CREATE TEMP VIEW pbp_new AS SELECT 1 AS id, own.evil() AS v; GRANT SELECT ON pbp_new TO PUBLIC"));
            statement.execute("BEGIN; SELECT pbp.track('things'); DROP TRIGGER pbp_insert ON things;"
                    + " DO $$ BEGIN EXECUTE format('CREATE TRIGGER pbp_insert AFTER INSERT ON things FOR EACH STATEMENT"
                    + " EXECUTE FUNCTION pbp.%I()', (SELECT fn FROM pbp.tracking)); END $$;"
                    + " INSERT INTO things VALUES (1, 'a')");
            assertThatThrownBy(() -> statement.execute("COMMIT"))
                    .hasMessageContaining("own.things: a trigger of pbp's");
        }
        assertThat(Installed.rows(database, "SELECT is_called FROM own.calls")) // a rollback does not take that back
                .containsExactly("f");
        assertThat(Installed.rows(database, "SELECT name FROM pbp.tracked")).isEmpty();
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            recordedAt = "EvasionIT.aTriggerWithoutTransitionTablesReadsNoTemporaryView")
    void aTemporaryTableThatIsCalledLikeATransitionTableChangesNothing() throws SQLException {
        execute("CREATE TABLE things (id int PRIMARY KEY); SELECT pbp.track('things')");
        execute("CREATE TEMP TABLE pbp_new (id int); CREATE TEMP TABLE pbp_old (id int); INSERT INTO things VALUES (1);"
                + " UPDATE things SET id = 2; DELETE FROM things");
        assertThat(log()).isEqualTo("i{\"id\":1} d i{\"id\":2} d");
    }

    @Test
    @Evidence(guarantee = "nothing-lost", brokenOnce = "V003__tracking.sql, require_trackable: parents not asked for")
    void aChildThatInheritsIsRefusedAndSuspended() throws SQLException {
        execute("CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)");
        assertThatThrownBy(() -> execute("SELECT pbp.track('child')"))
                .hasMessageContaining("own.child: inherits from own.parent");
        execute("CREATE TABLE later (id int PRIMARY KEY); SELECT pbp.track('later'); ALTER TABLE later INHERIT parent");
        assertThat(Installed.rows(database, "SELECT suspended IS NOT NULL FROM pbp.tracked"))
                .containsExactly("t");
    }

    @Test
    @Evidence(
            guarantee = "writers-undisturbed",
            brokenOnce = "V003__tracking.sql, trigger_body: `data_exception` not caught")
    void aVirtualColumnWhoseExpressionFailsStopsNoWriter() throws SQLException {
        try (Connection connection = database.connect()) {
            Assumptions.assumeTrue(
                    connection.getMetaData().getDatabaseMajorVersion() >= 18,
                    "virtual columns came with PostgreSQL 18");
        }
        execute(
                "CREATE TABLE things (id int PRIMARY KEY, n int, v int GENERATED ALWAYS AS (100 / n) VIRTUAL); SELECT pbp.track('things')");
        execute("INSERT INTO things (id, n) VALUES (1, 0)");
        execute("INSERT INTO things (id, n) VALUES (2, 5)");
        execute("INSERT INTO things (id, n) SELECT i, 0 FROM generate_series(10, 200) i");
        assertThat(log()).isEqualTo("r i{\"id\":2,\"n\":5,\"v\":20} r");
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            how = "columns are known by number and name",
            brokenOnce = "V003__tracking.sql, same_shape: names not asked")
    void aColumnThatIsLeftOutAndTakesTheNameOfAnotherStaysLeftOut() throws SQLException {
        execute("CREATE TABLE things (id int PRIMARY KEY, a text, s text); SELECT pbp.track('things', '{s}');"
                + " INSERT INTO things VALUES (1, 'public', 'SECRET')");
        Installed.unfollowed(
                database, asOwner("ALTER TABLE things RENAME a TO b; ALTER TABLE things RENAME s TO a; RESET ROLE"));
        execute("UPDATE things SET a = 'SECRET 2'; UPDATE things SET b = 'still public'; DELETE FROM things");
        assertThat(log()).doesNotContain("SECRET");
        assertThat(Installed.rows(database, "SELECT old FROM pbp.log WHERE old IS NOT NULL")
                        .toString())
                .doesNotContain("SECRET");
        assertThat(Installed.rows(database, "SELECT pbp.hidden('own.things'::regclass, '{s}')::text"))
                .containsExactly("{s,b,a}");
    }

    @Test
    @Evidence(
            guarantee = "ddl-followed",
            brokenOnce = "V008__ddl.sql, is_own_ddl: any call stack that mentions a function of pbp")
    void ddlWhoseTextMentionsAFunctionOfPbpIsFollowed() throws SQLException {
        execute("CREATE TABLE things (id int PRIMARY KEY, v int); SELECT pbp.track('things')");
        execute(
                "DO $x$ BEGIN EXECUTE E'ALTER TABLE things ADD z int DEFAULT 7;\\n -- run pbp.track() after\\n'; END $x$");
        execute(
                "DO $x$ BEGIN ALTER TABLE things\n ALTER v TYPE text USING v || 'x' /*\n see pbp.track(...) */; END $x$");
        assertThat(log()).isEqualTo("r r");
    }

    @Test
    @Evidence(
            guarantee = "writers-undisturbed",
            brokenOnce = "V008__ddl.sql, follow: the trigger of a dropped `mtime` kept")
    void anMtimeThatItsOwnerDropsOrRenamesStopsNoWriter() throws SQLException {
        execute(
                "CREATE TABLE things (id int PRIMARY KEY); SELECT pbp.track('things', mtime => true); ALTER TABLE things RENAME mtime TO m;"
                        + " INSERT INTO things VALUES (1)");
        execute(
                "CREATE TABLE others (id int PRIMARY KEY); SELECT pbp.track('others', mtime => true); ALTER TABLE others DROP mtime;"
                        + " INSERT INTO others VALUES (1)");
        assertThat(Installed.rows(database, "SELECT count(*) FROM pbp.tracked WHERE mtime"))
                .containsExactly("0");
    }

    @Test
    @Evidence(
            guarantee = "writers-undisturbed",
            brokenOnce = "V003__tracking.sql, require_trackable: names of triggers not asked for")
    void aTriggerOfTheOwnersIsNotDropped() throws SQLException {
        execute(
                "CREATE TABLE things (id int PRIMARY KEY); CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
                        + " CREATE TRIGGER pbp_insert AFTER INSERT ON things FOR EACH ROW EXECUTE FUNCTION mine()");
        assertThatThrownBy(() -> execute("SELECT pbp.track('things')"))
                .hasMessageContaining("pbp_insert has a name of pbp's");
        assertThat(Installed.rows(database, "SELECT tgname FROM pg_trigger WHERE tgrelid = 'own.things'::regclass"))
                .containsExactly("pbp_insert");
    }
}
