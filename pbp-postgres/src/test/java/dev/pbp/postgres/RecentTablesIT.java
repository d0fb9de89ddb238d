package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.Tables;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Single rows of a table that was found in the catalog a moment ago, and was changed since. */
@PostgresTest
class RecentTablesIT {
    private static final String ROLE = "recent_reader";
    private static final List<String> KEY = List.of("1");
    private static TestDatabase database;
    private static FeedNode node;
    private static Tables tables;
    private static Tables reader;

    @BeforeAll
    static void start(TestDatabase given) throws SQLException {
        database = given;
        Installed.in(database);
        node = new FeedNode(database);
        tables = new JdbcTables(node.pool(), node.cursors());
        reader = tables.as(ROLE);
        Installed.execute(
                database, "DO $$ BEGIN CREATE ROLE " + ROLE + "; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    }

    @AfterAll
    static void stop() throws SQLException {
        node.close();
        Installed.execute(database, "DROP OWNED BY " + ROLE + "; DROP ROLE " + ROLE);
    }

    @BeforeEach
    void aTable() throws SQLException {
        Installed.execute(
                database,
                "DROP TABLE IF EXISTS changing; "
                        + "CREATE TABLE changing (id int PRIMARY KEY, a text, b int);"
                        + " INSERT INTO changing VALUES (1, 'x', 2); GRANT SELECT, INSERT, UPDATE, DELETE ON changing TO "
                        + ROLE
                        + "; SELECT pbp.track('changing')");
    }

    private static Optional<String> find(Tables by) {
        return by.find("changing", KEY).map(row -> new String(row, StandardCharsets.UTF_8));
    }

    /** Whoever reads it next uses what was found here, unless a second has passed. */
    private static void change(String sql) throws SQLException {
        assertThat(find(reader)).isPresent();
        assertThat(find(reader)).isPresent();
        Installed.execute(database, sql);
    }

    private static Tables.RowValues json(String column, String value) {
        return new Tables.RowValues(Map.of(column, value), true);
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            how = "single rows, of a table that is known already",
            brokenOnce = "TableAccess.recentRows: the version not compared")
    void whatChangesCountsAtOnceForASingleRow() throws SQLException {
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("ALTER TABLE changing ADD c int DEFAULT 3", "{\"id\":1,\"a\":\"x\",\"b\":2,\"c\":3}");
        expected.put("ALTER TABLE changing RENAME a TO d", "{\"id\":1,\"d\":\"x\",\"b\":2,\"c\":3}");
        expected.put("ALTER TABLE changing ALTER b TYPE text", "{\"id\":1,\"d\":\"x\",\"b\":\"2\",\"c\":3}");
        expected.put("ALTER TABLE changing DROP c", "{\"id\":1,\"d\":\"x\",\"b\":\"2\"}");
        expected.put("SELECT pbp.track('changing', '{b}')", "{\"id\":1,\"d\":\"x\"}");
        expected.put("UPDATE changing SET d = 'y'", "{\"id\":1,\"d\":\"y\"}");
        for (Map.Entry<String, String> step : expected.entrySet()) {
            change(step.getKey());
            assertThat(find(reader)).as(step.getKey()).contains(step.getValue());
            assertThat(find(tables)).as(step.getKey()).contains(step.getValue());
        }
        change("DELETE FROM changing");
        assertThat(find(reader)).isEmpty();
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            how = "single rows, after REVOKE, row-level security, and another table of the name",
            brokenOnce = "TableAccess.recentRows: the version not compared")
    void whoMayReadNoLongerFindsNothing() throws SQLException {
        change("REVOKE SELECT ON changing FROM " + ROLE);
        assertThatThrownBy(() -> find(reader)).isInstanceOf(RepositoryException.NotTracked.class);
        assertThatThrownBy(() -> reader.update("changing", KEY, json("b", "5"), null))
                .isInstanceOf(RepositoryException.NotTracked.class);
        assertThat(find(tables)).isPresent();
        Installed.execute(database, "GRANT SELECT ON changing TO " + ROLE);
        change("ALTER TABLE changing ENABLE ROW LEVEL SECURITY");
        assertThatThrownBy(() -> find(tables)).isInstanceOf(RepositoryException.Forbidden.class);
        Installed.execute(database, "ALTER TABLE changing DISABLE ROW LEVEL SECURITY");
        change("DROP TABLE changing; CREATE TABLE changing (id int PRIMARY KEY, a text, b int);"
                + " INSERT INTO changing VALUES (1, 'not tracked', 0); GRANT ALL ON changing TO " + ROLE);
        assertThatThrownBy(() -> find(reader)).isInstanceOf(RepositoryException.NotTracked.class);
        assertThatThrownBy(() -> reader.delete("changing", KEY, null))
                .isInstanceOf(RepositoryException.NotTracked.class);
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            how = "writes, of a table that is known already",
            brokenOnce = {
                "TableAccess.write: the version not compared",
                "TableAccess.mayBeOfAnEarlierShape: InvalidQuery left out"
            })
    void aWriteGoesByWhatTheTableIsNow() throws SQLException {
        change("ALTER TABLE changing ADD c int");
        Tables.WrittenRow written =
                reader.insert("changing", new Tables.RowValues(Map.of("id", "2", "c", "\"7\""), true));
        assertThat(new String(written.json(), StandardCharsets.UTF_8))
                .isEqualTo("{\"id\":2,\"a\":null,\"b\":null,\"c\":7}");
        change("SELECT pbp.track('changing', '{b}')");
        assertThatThrownBy(() -> reader.update("changing", KEY, json("b", "5"), null))
                .isInstanceOf(RepositoryException.InvalidQuery.class)
                .hasMessageContaining("no column \"b\"");
        assertThat(find(tables)).contains("{\"id\":1,\"a\":\"x\",\"c\":null}");
        change("SELECT pbp.untrack('changing')");
        assertThatThrownBy(() -> reader.delete("changing", KEY, null))
                .isInstanceOf(RepositoryException.NotTracked.class);
    }

    /** A type whose owner has defined how it is cast to JSON, in place of a built-in one. */
    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            how = "in a read of a table that was altered a moment ago",
            brokenOnce = "ReadableTable.selectOne: `pbp_row_is.ok` not asked")
    void aTypeThatCameInSinceIsNotCast() throws SQLException {
        Installed.execute(database, """
                CREATE SEQUENCE called;
                CREATE TYPE odd AS ENUM ('2');
                CREATE FUNCTION odd_json(odd) RETURNS json LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM nextval('public.called'); RETURN '"cast"'; END $$;
                CREATE CAST (odd AS json) WITH FUNCTION odd_json(odd);""");
        try {
            assertThat(find(tables)).isPresent();
            change("ALTER TABLE changing ALTER b TYPE odd USING b::text::odd");
            assertThat(find(tables)).contains("{\"id\":1,\"a\":\"x\",\"b\":\"2\"}");
            assertThat(Installed.rows(database, "SELECT is_called FROM called")).containsExactly("f");
        } finally {
            Installed.execute(database, "DROP TABLE changing; DROP TYPE odd CASCADE; DROP SEQUENCE called");
        }
    }

    /** Single rows are rendered under the session's own search path: to set another one would cost its prepared statements. */
    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            how = "single rows are rendered the same under a search path that begins with a hostile schema",
            brokenOnce = "ReadableTable.selectOne: to_json without its schema")
    void aRowIsRenderedTheSameUnderAnySearchPath() throws SQLException {
        Installed.execute(database, """
                CREATE SCHEMA hostile;
                CREATE FUNCTION hostile.to_json(record) RETURNS json LANGUAGE plpgsql AS $$ BEGIN RETURN '"forged"'; END $$;
                CREATE FUNCTION hostile.octet_length(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
                CREATE FUNCTION hostile.json_build_object(VARIADIC "any") RETURNS json LANGUAGE internal AS 'json_build_object_noargs';
                CREATE FUNCTION hostile.format(text, "any") RETURNS text LANGUAGE internal AS 'current_schema';
                CREATE FUNCTION hostile.pg_typeof("any") RETURNS regtype LANGUAGE internal AS 'pg_typeof';
                CREATE TYPE odd AS (v int);
                ALTER TABLE changing ADD o odd DEFAULT ROW(1), ADD c1 int, ADD c2 int;""");
        try {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(database.jdbcUrl());
            source.setOptions("-c search_path=hostile,pg_catalog,public -c timezone=Asia/Tokyo");
            Tables odd = new JdbcTables(source, node.cursors());
            String row = "{\"id\":1,\"a\":\"x\",\"b\":2,\"o\":\"(1)\",\"c1\":null,\"c2\":null}";
            assertThat(find(odd)).contains(row);
            assertThat(find(odd)).contains(row);
            Tables.WrittenRow written = odd.update("changing", KEY, json("b", "3"), null);
            assertThat(new String(written.json(), StandardCharsets.UTF_8)).isEqualTo(row.replace("2,\"o", "3,\"o"));
        } finally {
            Installed.execute(database, "DROP SCHEMA hostile CASCADE; DROP TABLE changing; DROP TYPE odd");
        }
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            how = "single rows, by the role and its settings",
            brokenOnce = {"TableAccess.takeRole: no role", "TableAccess.takePrincipal: no settings"})
    void aPrincipalsRoleAndSettingsAreItsOwn() throws SQLException {
        Installed.execute(
                database,
                "ALTER TABLE changing ALTER a SET DEFAULT current_user || ' ' || current_setting('app.user', true)");
        Tables ann = tables.as(new Principal(ROLE, Map.of("app.user", "ann")));
        ann.insert("changing", json("id", "3"));
        assertThat(new String(ann.find("changing", List.of("3")).orElseThrow(), StandardCharsets.UTF_8))
                .contains("\"a\":\"" + ROLE + " ann\"");
        reader.insert("changing", json("id", "4"));
        assertThat(new String(reader.find("changing", List.of("4")).orElseThrow(), StandardCharsets.UTF_8))
                .doesNotContain("ann");
    }

    /** Code of a table's owner runs in every write, with the rights of the principal. */
    @Test
    @Evidence(
            guarantee = "role-rights",
            claim = "What a trigger sets for its session does not reach the next principal",
            brokenOnce = "TransactionRunner.transaction: without `closeUnless`")
    void whatATriggerSetsForTheSessionDoesNotReachTheNext() throws SQLException {
        Installed.execute(database, """
                CREATE OR REPLACE FUNCTION hostile() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM set_config('app.user', 'mallory', false), set_config('search_path', 'nowhere', false),
                            set_config('role', '%s', false);
                    RETURN NEW;
                END
                $$;
                CREATE TRIGGER hostile BEFORE UPDATE ON changing FOR EACH ROW EXECUTE FUNCTION hostile();
                ALTER TABLE changing ALTER a SET DEFAULT concat(current_user, ' ', current_setting('app.user', true));
                GRANT %1$s TO CURRENT_USER""".formatted(ROLE));
        try (HikariDataSource pool = Pool.open(database.jdbcUrl(), new Properties(), 3)) {
            pool.setMaximumPoolSize(1);
            Tables all = new JdbcTables(pool, node.cursors());
            all.as(ROLE).update("changing", KEY, json("b", "7"), null);
            all.as(ROLE).insert("changing", json("id", "5"));
            assertThat(new String(all.find("changing", List.of("5")).orElseThrow(), StandardCharsets.UTF_8))
                    .contains("\"a\":\"" + ROLE + " \"");
            try (Connection next = pool.getConnection();
                    Statement statement = next.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT current_user = session_user, current_setting('search_path') <> 'nowhere'")) {
                row.next();
                assertThat(row.getBoolean(1)).isTrue();
                assertThat(row.getBoolean(2)).isTrue();
            }
        }
    }
}
