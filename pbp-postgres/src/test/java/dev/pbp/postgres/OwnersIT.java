package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever happens to owners and grants, ordinary writers go on, and what they write is logged. */
@PostgresTest
@Evidence(
        guarantee = "writers-undisturbed",
        claim =
                "Ordinary writers go on and are logged whatever happens to owners: ALTER TABLE OWNER, REASSIGN and DROP OWNED, a dump without owners or grants",
        how = "the log, the flag and the functions have one owner",
        brokenOnce = "V003__tracking.sql, is_own: always true")
class OwnersIT {
    private TestDatabase database;
    private String owner;
    private String heir;
    private String writer;

    @BeforeEach
    void start(TestDatabase given) throws SQLException {
        database = given;
        owner = database.name() + "_owner";
        heir = database.name() + "_heir";
        writer = database.name() + "_writer";
        Schema.install(database.dataSource(), Schema.PBP);
        Installed.execute(
                database,
                "CREATE ROLE " + owner + "; CREATE ROLE " + heir + "; CREATE ROLE " + writer
                        + "; CREATE SCHEMA own AUTHORIZATION "
                        + owner + "; GRANT USAGE ON SCHEMA own TO PUBLIC; GRANT USAGE ON SCHEMA pbp TO " + owner + ", "
                        + heir
                        + "; GRANT SELECT, INSERT, UPDATE, DELETE ON pbp.tracking TO " + owner + ", " + heir
                        + "; SET ROLE "
                        + owner + "; CREATE TABLE own.things (id int PRIMARY KEY); GRANT INSERT ON own.things TO "
                        + writer
                        + "; SELECT pbp.track('own.things')");
    }

    @AfterEach
    void stop() throws SQLException {
        Installed.execute(
                database,
                "SELECT pbp.untrack(rel) FROM pbp.tracked; DROP SCHEMA IF EXISTS own CASCADE; DROP SCHEMA pbp CASCADE; DROP OWNED BY "
                        + owner + ", " + heir + ", " + writer + "; DROP ROLE " + owner + ", " + heir + ", " + writer);
    }

    private void execute(String sql) throws SQLException {
        Installed.execute(database, sql);
    }

    private void assertThatWritesAreLogged() throws SQLException {
        execute("TRUNCATE pbp.log");
        execute("DELETE FROM own.things; TRUNCATE pbp.log; SET ROLE " + writer + "; INSERT INTO own.things VALUES (1)");
        assertThat(Installed.rows(database, "SELECT tab, op, new FROM pbp.log"))
                .containsExactly("own.things i {\"id\":1}");
    }

    private List<String> logOwner() throws SQLException {
        return Installed.rows(
                database, "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'pbp.log'::regclass");
    }

    @Test
    void aTableThatChangesHandsIsLoggedAndItsNewOwnerMayUntrackIt() throws SQLException {
        execute("ALTER TABLE own.things OWNER TO " + heir);
        assertThatWritesAreLogged();
        assertThatThrownBy(() -> execute("SET ROLE " + owner + "; SELECT pbp.untrack('own.things')"))
                .hasMessageContaining("only its owner");
        execute("SET ROLE " + heir + "; SELECT pbp.track('own.things')");
        assertThatWritesAreLogged();
        execute("SET ROLE " + heir + "; SELECT pbp.untrack('own.things')");
        assertThat(Installed.rows(database, "SELECT count(*) FROM pbp.tracked")).containsExactly("0");
    }

    @Test
    void allThatARoleOwnsMayGoToAnother() throws SQLException {
        execute("REASSIGN OWNED BY " + owner + " TO " + heir);
        assertThatWritesAreLogged();
        execute("DROP OWNED BY " + owner);
        assertThatWritesAreLogged();
    }

    /** The table goes, and with it what was left of its tracking, as soon as somebody tracks one of its name. */
    @Test
    void allThatARoleOwnsMayBeDropped() throws SQLException {
        execute("CREATE TABLE other (id int PRIMARY KEY); SELECT pbp.track('other'); DROP OWNED BY " + owner
                + " CASCADE");
        execute("TRUNCATE pbp.log; INSERT INTO other VALUES (1)");
        assertThat(Installed.rows(database, "SELECT tab FROM pbp.log")).containsExactly("other");
        execute("SELECT pbp.untrack(rel) FROM pbp.tracked; DROP TABLE other");
    }

    @Test
    void whatPbpLogOwnsMayGoToTheInstallerAndBack() throws SQLException {
        execute("REASSIGN OWNED BY pbp_log TO CURRENT_USER");
        assertThatWritesAreLogged();
        assertThat(Installed.rows(database, "SELECT pbp.secure()")).containsExactly("pbp_log");
        assertThat(logOwner()).containsExactly("pbp_log");
        assertThatWritesAreLogged();
    }

    /** Triggers need its functions, so that what it owns cannot be dropped by the way. */
    @Test
    void whatPbpLogOwnsIsNotDroppedWhileATableIsTracked() throws SQLException {
        assertThatThrownBy(() -> execute("DROP OWNED BY pbp_log")).hasMessageContaining("depend");
        assertThatWritesAreLogged();
    }
}
