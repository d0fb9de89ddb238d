package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

@PostgresTest
class SchemaIT {
    @AfterEach
    void remove(TestDatabase database) throws SQLException {
        Installed.execute(
                database,
                "DROP SCHEMA IF EXISTS pbp CASCADE; DROP TABLE IF EXISTS testtype; DROP FUNCTION IF EXISTS testtype_mtime");
    }

    @Test
    void aSecondInstallationChangesNothing(TestDatabase database) throws SQLException {
        assertThat(Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD))
                .hasSize(Schema.PBP.files().size() + Schema.HELLO_WORLD.files().size());
        assertThat(Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD))
                .isEmpty();
    }

    @Test
    void aRoleThatIsCalledLikeOurSchemaGetsTheSame(TestDatabase database) throws SQLException {
        Installed.execute(
                database,
                "CREATE ROLE pbp LOGIN PASSWORD 'x'; GRANT ALL ON SCHEMA public TO pbp; GRANT CREATE ON DATABASE \""
                        + database.name() + "\" TO pbp");
        try {
            PGSimpleDataSource asPbp = new PGSimpleDataSource();
            asPbp.setUrl(database.jdbcUrl());
            asPbp.setUser("pbp");
            asPbp.setPassword("x");
            Schema.install(asPbp, Schema.PBP, Schema.HELLO_WORLD);
            assertThat(Installed.rows(database, "SELECT rel, name FROM pbp.tracked"))
                    .containsExactly("testtype testtype");
        } finally {
            Installed.execute(database, "DROP OWNED BY pbp; DROP ROLE pbp");
        }
    }

    @Test
    void twoAtOnceInstallItOnce(TestDatabase database) throws Exception {
        ExecutorService both = Executors.newFixedThreadPool(2);
        try {
            Callable<List<String>> install = () -> Schema.install(database.dataSource(), Schema.PBP);
            Future<List<String>> one = both.submit(install);
            Future<List<String>> other = both.submit(install);
            assertThat(one.get().size() + other.get().size())
                    .isEqualTo(Schema.PBP.files().size());
        } finally {
            both.shutdown();
        }
    }

    @Test
    void aFailingFileLeavesNothingBehind(TestDatabase database) throws SQLException {
        Installed.execute(database, "CREATE TABLE testtype ()"); // in the way of the last file
        assertThatThrownBy(() -> Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("testtype");
        assertThat(Installed.rows(database, "SELECT to_regnamespace('pbp')")).containsExactly("null");
    }

    @Test
    void aChangedFileIsRefusedByName(TestDatabase database) throws SQLException {
        Schema.install(database.dataSource(), Schema.PBP);
        Installed.execute(database, "UPDATE pbp.migration SET sha256 = 'other' WHERE file = 'V003__tracking.sql'");
        assertThatThrownBy(() -> Schema.install(database.dataSource(), Schema.PBP))
                .hasMessageContaining("pbp/V003__tracking.sql was installed with another content");
    }

    @Test
    void aServerThatIsTooOldIsNamed() {
        assertThatThrownBy(() -> Schema.requireVersion(120022)).hasMessageContaining("PostgreSQL 12, pbp needs 13");
    }

    /** As a database that was installed with an earlier version, in use meanwhile. */
    @Test
    @Evidence(
            guarantee = "installation",
            claim = "An upgrade keeps tables, log and cursors; removal leaves no trace",
            how = "files run once; untrack, then drop",
            brokenOnce = "Schema: each file run again")
    void anUpgradeInPlaceRunsWhatIsNewAndKeepsTablesLogAndCursors(TestDatabase database) throws SQLException {
        Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
        JdbcTestTypes before = new JdbcTestTypes(database.dataSource(), Cursors.of(database.dataSource()));
        Cursor cursor = before.findAll().cursor();
        before.insert("while it was old");
        // The files of a later version: here one that can run twice, under another component's name.
        Schema later = new Schema("later", Schema.PBP.folder(), List.of("V000__migrations.sql"));
        assertThat(Schema.install(database.dataSource(), Schema.PBP, later, Schema.HELLO_WORLD))
                .containsExactly("later/V000__migrations.sql");
        Cursors after = Cursors.of(database.dataSource());
        new JdbcTestTypes(database.dataSource(), after).insert("now");
        assertThat(new LogReader(database.dataSource(), 1 << 20)
                        .read(after.codec().decode(cursor))
                        .transactions())
                .hasSize(2);
    }

    /** The SQL that docs/install.md and the schema's comment give. */
    @Test
    @Evidence(guarantee = "installation", brokenOnce = "V006__mtime.sql: the column stays")
    void removalLeavesTheTablesAsTheyWere(TestDatabase database) throws SQLException {
        String traces =
                "SELECT (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_class),"
                        + " (SELECT count(*) FROM pg_namespace), (SELECT count(*) FROM pg_type)";
        Installed.execute(database, "CREATE TABLE kept (id int PRIMARY KEY, v text); INSERT INTO kept VALUES (1, 'a')");
        try {
            List<String> before = Installed.rows(database, traces);
            Schema.install(database.dataSource(), Schema.PBP);
            Installed.execute(
                    database,
                    "CREATE TABLE gone (id int PRIMARY KEY); SELECT pbp.track('gone'), pbp.track('kept', '{}', true);"
                            + " DROP TABLE gone; UPDATE kept SET v = 'b'");
            Cursor cursor = Cursors.of(database.dataSource()).at("3:3:");
            assertThat(Installed.rows(database, "SELECT pbp.remove()").get(0)).startsWith("removed");
            assertThat(Installed.rows(database, traces)).isEqualTo(before);
            assertThat(Installed.rows(database, "SELECT * FROM kept")).containsExactly("1 b");

            Schema.install(database.dataSource(), Schema.PBP);
            Cursors anew = Cursors.of(database.dataSource());
            assertThatThrownBy(() -> anew.codec().decode(cursor)).isInstanceOf(MustRefetchException.class);
        } finally {
            Installed.execute(database, "DROP TABLE kept");
        }
    }

    /** A role called pbp has the schema first in its search_path, so its own tables may be there. */
    @Test
    @Evidence(
            guarantee = "installation",
            claim = "Removal drops what pbp has installed, and refuses where its schema holds anything else",
            how = "`pbp.remove` drops by name, never by CASCADE",
            brokenOnce = "V010__removal.sql, remove: `foreign_objects` not asked")
    void removalRefusesWhereTheSchemaHoldsAnythingElse(TestDatabase database) throws SQLException {
        Schema.install(database.dataSource(), Schema.PBP);
        for (String other : new String[] {
            "TABLE pbp.orders (id int PRIMARY KEY)",
            "SEQUENCE pbp.numbers",
            "VIEW pbp.logged AS SELECT * FROM pbp.log",
            "TYPE pbp.color AS ENUM ('red')",
            "DOMAIN pbp.amount AS int",
            "FUNCTION pbp.sum(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "COLLATION pbp.sorting FROM \"C\""
        }) {
            Installed.execute(database, "CREATE " + other);
            String name = other.substring(other.indexOf(' ') + 1).replaceAll(" .*", "");
            assertThatThrownBy(() -> Installed.rows(database, "SELECT pbp.remove()"))
                    .hasMessageContaining("schema pbp: holds what pbp has not installed")
                    .hasMessageContaining(name.replaceAll("int\\)", "integer)"));
            Installed.execute(database, "DROP " + other.substring(0, other.indexOf(' ')) + " " + name);
        }
        Installed.execute(database, "CREATE VIEW public.logged AS SELECT * FROM pbp.log");
        assertThatThrownBy(() -> Installed.rows(database, "SELECT pbp.remove()"))
                .hasMessageContaining("public.logged");
        Installed.execute(database, "DROP VIEW public.logged");
        assertThat(Installed.rows(database, "SELECT pbp.remove()").get(0)).startsWith("removed");
        assertThat(Installed.rows(database, "SELECT to_regnamespace('pbp')")).containsExactly("null");
    }

    @Test
    void theRoleOfTheLogGoesWithTheLastDatabaseThatNeedsIt() throws SQLException {
        try (PrivateServer server = PrivateServer.create()) {
            TestDatabase one = server.database();
            Installed.execute(one, "CREATE DATABASE other");
            TestDatabase other = one.named("other");
            Schema.install(one.dataSource(), Schema.PBP);
            Schema.install(other.dataSource(), Schema.PBP);
            assertThat(Installed.rows(one, "SELECT pbp.remove()").get(0)).contains("the role pbp_log stays");
            assertThat(Installed.rows(other, "SELECT pbp.remove()").get(0)).contains("with the role pbp_log");
            assertThat(Installed.rows(one, "SELECT FROM pg_roles WHERE rolname = 'pbp_log'"))
                    .isEmpty();
        }
    }
}
