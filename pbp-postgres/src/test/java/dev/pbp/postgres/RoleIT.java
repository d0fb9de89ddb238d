package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.TestType;
import dev.pbp.core.model.TestTypes;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions as a database role, with real roles, grants and policies. */
@PostgresTest
@Evidence(
        guarantee = "role-rights",
        claim = "A role's grants and row-level security hold, for reads as for writes",
        how = "the role is taken for the transaction",
        brokenOnce = "TransactionRunner.begin: the role not taken")
class RoleIT {
    /** Roles belong to the whole server, so their names hold the database's; they need quoting. */
    private static String ann(TestDatabase database) {
        return database.name() + " \"Ann\"";
    }

    private static String guest(TestDatabase database) {
        return database.name() + " guest";
    }

    private static String quoted(String role) {
        return '"' + role.replace("\"", "\"\"") + '"';
    }

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
    }

    @BeforeEach
    void roles(TestDatabase database) throws SQLException {
        Installed.execute(
                database,
                "CREATE ROLE " + quoted(ann(database)) + "; CREATE ROLE "
                        + quoted(guest(database))
                        + "; TRUNCATE testtype; GRANT SELECT, INSERT, UPDATE, DELETE ON testtype TO "
                        + quoted(ann(database)) + "; GRANT SELECT ON testtype TO " + quoted(guest(database))
                        + "; ALTER TABLE testtype ENABLE ROW LEVEL SECURITY;"
                        + "CREATE POLICY own ON testtype USING (val LIKE current_user || ':%');");
    }

    @AfterEach
    void noRoles(TestDatabase database) throws SQLException {
        String both = quoted(ann(database)) + ", " + quoted(guest(database));
        Installed.execute(
                database,
                "DROP POLICY own ON testtype; ALTER TABLE testtype DISABLE ROW LEVEL SECURITY; DROP OWNED BY " + both
                        + "; DROP ROLE " + both);
    }

    private static TestTypes rows(TestDatabase database) throws SQLException {
        return new JdbcTestTypes(database.dataSource(), Cursors.of(database.dataSource()));
    }

    @Test
    void aRoleReadsAndWritesItsOwnRowsAlone(TestDatabase database) throws SQLException {
        TestTypes all = rows(database);
        TestTypes anns = all.as(ann(database));
        TestType foreign = all.insert("somebody else's").row();
        TestType own = anns.insert(ann(database) + ":1").row();
        assertThat(anns.findAll().value()).containsExactly(own);
        assertThat(anns.find(own.id())).contains(own);
        assertThat(anns.find(foreign.id())).isEmpty();
        assertThatThrownBy(() -> anns.update(foreign.id(), ann(database) + ":mine", null))
                .isInstanceOf(RepositoryException.NotFound.class);
        assertThatThrownBy(() -> anns.delete(foreign.id(), null)).isInstanceOf(RepositoryException.NotFound.class);
        TestType changed =
                anns.update(own.id(), ann(database) + ":2", own.mtime()).row();
        assertThat(all.findAll().value()).containsExactly(foreign, changed);
        anns.delete(own.id(), null);
        assertThat(all.findAll().value()).containsExactly(foreign);
    }

    @Test
    void whatAPolicyOrAGrantRefusesIsForbidden(TestDatabase database) throws SQLException {
        TestTypes all = rows(database);
        TestType own = all.as(ann(database)).insert(ann(database) + ":1").row();
        isForbidden(all, ann(database), rows -> rows.insert("somebody else's"));
        isForbidden(all, ann(database), rows -> rows.update(own.id(), "given away", null));
        isForbidden(all, guest(database), rows -> rows.insert("x"));
        isForbidden(all, guest(database), rows -> rows.delete(own.id(), null));
        assertThat(all.findAll().value()).containsExactly(own);
    }

    @Test
    void aRoleThatMayOnlyDeleteDeletes(TestDatabase database) throws SQLException {
        TestTypes all = rows(database);
        TestType own = all.insert(guest(database) + ":1").row();
        TestType other = all.insert(guest(database) + ":2").row();
        Installed.execute(database, "GRANT DELETE ON testtype TO " + quoted(guest(database)));
        assertThat(all.as(guest(database)).delete(own.id(), own.mtime()).row()).isEqualTo(own);
        assertThat(all.as(guest(database)).delete(other.id(), null).row()).isEqualTo(other);
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            how = "a write that changes no row",
            brokenOnce = "JdbcTestTypes.kept: not found")
    void aRowThatAPolicyShowsButKeepsIsForbiddenRatherThanMissing(TestDatabase database) throws SQLException {
        TestTypes all = rows(database);
        TestType shown = all.insert("everybody's").row();
        Installed.execute(database, "CREATE POLICY shown ON testtype FOR SELECT USING (val = 'everybody''s')");
        try {
            TestTypes anns = all.as(ann(database));
            assertThat(anns.find(shown.id())).contains(shown);
            for (Instant expected : new Instant[] {null, shown.mtime()}) {
                assertThatThrownBy(() -> anns.update(shown.id(), "x", expected))
                        .isInstanceOf(RepositoryException.Forbidden.class)
                        .hasMessageContaining("the row with id " + shown.id());
                assertThatThrownBy(() -> anns.delete(shown.id(), expected))
                        .isInstanceOf(RepositoryException.Forbidden.class);
            }
            assertThat(all.findAll().value()).containsExactly(shown);
        } finally {
            Installed.execute(database, "DROP POLICY shown ON testtype");
        }
    }

    private static void isForbidden(TestTypes all, String role, Consumer<TestTypes> write) {
        assertThatThrownBy(() -> write.accept(all.as(role)))
                .isInstanceOf(RepositoryException.Forbidden.class)
                .hasMessageContaining("testtype")
                .hasMessageContaining(role);
    }

    @Test
    void aRoleThatIsNotThereIsForbidden(TestDatabase database) throws SQLException {
        TestTypes all = rows(database);
        for (String role : new String[] {"no such role", "x\"; RESET ROLE; --", "a\0b", "x".repeat(64)}) {
            assertThatThrownBy(() -> all.as(role).findAll()).isInstanceOf(RepositoryException.Forbidden.class);
            assertThatThrownBy(() -> all.as(role).insert("x")).isInstanceOf(RepositoryException.Forbidden.class);
        }
        assertThat(all.findAll().value()).isEmpty();
    }

    /** To SET ROLE, none means the role that logged in, who sees everything. */
    @Test
    @Evidence(guarantee = "role-rights", how = "`none` is refused", brokenOnce = "Principal: `none` let through")
    void noneIsNoWayBackToTheRoleThatLoggedIn(TestDatabase database) throws SQLException {
        TestTypes all = rows(database);
        assertThatThrownBy(() -> all.as("none")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> all.as(ann(database)).as("none")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> all.as("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRoleThatTheApplicationMayNotTakeIsForbidden(TestDatabase database) throws SQLException {
        String login = database.name() + "_login";
        Installed.execute(database, "CREATE ROLE " + login + " LOGIN NOINHERIT PASSWORD 'x'");
        try {
            TestTypes weak = new JdbcTestTypes(database.as(login, "x").dataSource(), Cursors.of(database.dataSource()));
            assertThatThrownBy(() -> weak.as(ann(database)).findAll())
                    .isInstanceOf(RepositoryException.Forbidden.class)
                    .hasMessageContaining("Ann");
            Installed.execute(database, "GRANT " + quoted(ann(database)) + " TO " + login);
            assertThat(weak.as(ann(database)).findAll().value()).isEmpty();
            assertThatThrownBy(weak::findAll).isInstanceOf(RepositoryException.Failed.class);
        } finally {
            Installed.execute(database, "DROP ROLE " + login);
        }
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            claim = "A role does not outlive its transaction",
            how = "`set_config(…, true)`",
            brokenOnce = "TransactionRunner.begin: `set_config(…, false)`")
    void theConnectionIsItselfAgainAfterwards(TestDatabase database) throws SQLException {
        try (HikariDataSource pool = Pool.open(database.jdbcUrl(), new Properties(), 3)) {
            TestTypes all = new JdbcTestTypes(pool, Cursors.of(pool));
            all.as(ann(database)).insert(ann(database) + ":1");
            assertThatThrownBy(() -> all.as(ann(database)).insert("refused"))
                    .isInstanceOf(RepositoryException.Forbidden.class);
            try (Connection one = pool.getConnection();
                    Connection two = pool.getConnection();
                    Connection three = pool.getConnection()) { // all that the pool has
                for (Connection connection : List.of(one, two, three)) {
                    try (Statement statement = connection.createStatement();
                            ResultSet same = statement.executeQuery("SELECT current_user = session_user")) {
                        same.next();
                        assertThat(same.getBoolean(1)).isTrue();
                    }
                }
            }
        }
    }

    /** search_path begins with the schema that is called like the role: whoever owns one must not get to see our writes. */
    @Test
    @Evidence(guarantee = "role-rights", how = "the schema is named", brokenOnce = "JdbcTestTypes: `public.` left out")
    void aTableOfTheSameNameInTheRolesOwnSchemaIsNotOurs(TestDatabase database) throws SQLException {
        TestTypes all = rows(database);
        String schema = quoted(ann(database));
        Installed.execute(
                database,
                "CREATE SCHEMA " + schema + " AUTHORIZATION " + schema + "; CREATE TABLE " + schema
                        + ".testtype (LIKE public.testtype INCLUDING ALL); ALTER TABLE " + schema
                        + ".testtype OWNER TO " + schema);
        try {
            TestType own = all.as(ann(database)).insert(ann(database) + ":1").row();
            assertThat(all.findAll().value()).containsExactly(own);
        } finally {
            Installed.execute(database, "DROP SCHEMA " + schema + " CASCADE");
        }
    }
}
