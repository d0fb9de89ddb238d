package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each row of docs/reference/ddl.md, with event triggers and, in a database whose owner installs pbp, without. */
@PostgresTest
@Evidence(
        guarantee = "ddl-followed",
        claim = "Each kind of DDL has the outcome that `docs/reference/ddl.md` states, with event triggers and without",
        how = "event triggers adapt the tracking; row triggers compare the table with what they were made for",
        brokenOnce = "V008__ddl.sql, follow: `were_disabled` not asked")
@Evidence(
        guarantee = "ddl-followed",
        claim = "ENABLE TRIGGER ALL, as pg_restore uses it, logs no change twice",
        how = "the trigger for each row asks for its role; event triggers set where each fires",
        brokenOnce = {
            "V008__ddl.sql, follow: `restore_trigger_states` not called",
            "V009__replication.sql, log_row: the role not asked for"
        })
class DdlIT {
    private static TestDatabase plain;
    private static String role;
    private static int number;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
        role = database.name() + "_plain";
        Installed.execute(database, "CREATE ROLE " + role + " LOGIN PASSWORD 'x'");
        Installed.execute(database, "CREATE DATABASE " + role + " OWNER " + role);
        Installed.execute(database.named(role), "GRANT CREATE ON SCHEMA public TO " + role);
        plain = database.named(role).as(role, "x");
        Installed.in(plain);
        assertThat(Installed.rows(plain, "SELECT count(*) FROM pg_event_trigger"))
                .containsExactly("0");
    }

    @AfterAll
    static void drop(TestDatabase database) throws SQLException {
        Installed.execute(database, "DROP DATABASE " + role);
        Installed.execute(database, "DROP ROLE " + role);
    }

    @TestFactory
    Stream<DynamicTest> withEventTriggers(TestDatabase database) throws SQLException {
        return cases(database)
                .map(one -> DynamicTest.dynamicTest(one.name(), () -> {
                    Trial trial = new Trial(database, one);
                    Follower follower = trial.run(one.followed());
                    if (follower.isTracked()) {
                        assertThat(one.refused()).isEmpty();
                        if (trial.marks().equals("disabled")) {
                            trial.execute("SELECT pbp.track('t')");
                            follower.follow();
                        } else {
                            assertThat(follower.mismatches()).isZero();
                        }
                        assertThat(follower.isRight()).isTrue();
                    } else {
                        assertThat(trial.tracks(one.refused())).isTrue();
                    }
                }));
    }

    /** What doctor names is done at the end. */
    @TestFactory
    Stream<DynamicTest> withoutEventTriggers() throws SQLException {
        return cases(plain)
                .map(one -> DynamicTest.dynamicTest(one.name(), () -> {
                    Trial trial = new Trial(plain, one);
                    Follower follower = trial.run(one.unfollowed());
                    if (one.outcome() == DdlCase.Outcome.RIGHT) {
                        assertThat(follower.isRight()).isTrue();
                        assertThat(follower.mismatches()).isZero();
                    }
                    if (!one.refused().isEmpty()) {
                        assertThat(trial.tracks(one.refused())).isTrue();
                        return;
                    }
                    boolean stale = !follower.isRight();
                    int refetches = follower.refetches();
                    trial.execute(
                            "SELECT pbp.track(rel) FROM pbp.tracked WHERE rel = " + trial.oid + " AND excluded = '{}'");
                    if (one.name().equals("values changed, type kept")) {
                        trial.execute("SELECT pbp.refetch('SCHEMA.t')"); // nothing tells that they have
                    }
                    follower.follow();
                    assertThat(follower.refetches() - refetches).isBetween(stale ? 1 : 0, 1);
                    assertThat(
                                    follower.isTracked()
                                            ? follower.isRight()
                                            : !trial.name().equals(trial.schema + ".t"))
                            .isTrue();
                }));
    }

    @Test
    void eachCaseIsARowOfTheReference() throws IOException {
        String reference = Files.readString(Path.of("../docs/reference/ddl.md"));
        assertThat(DdlCase.all(Integer.MAX_VALUE))
                .allSatisfy(one -> assertThat(reference).contains("\n| " + one.name() + " |"));
    }

    private static Stream<DdlCase> cases(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            return DdlCase.all(connection.getMetaData().getDatabaseMajorVersion()).stream();
        }
    }

    /** One case, in a schema of its own. */
    private static final class Trial {
        private final TestDatabase database;
        private final DdlCase one;
        private final String schema = "c" + number++;
        private final String oid;

        Trial(TestDatabase database, DdlCase one) throws SQLException {
            this.database = database;
            this.one = one;
            execute("CREATE SCHEMA " + schema + "; " + one.setup());
            oid = Installed.rows(database, "SELECT '" + schema + ".t'::regclass::oid")
                    .get(0);
        }

        void execute(String sql) throws SQLException {
            Installed.execute(
                    database,
                    "SET search_path = " + schema + ", public; "
                            + sql.replace("SCHEMA_", schema + "_")
                                    .replace("SCHEMA.", schema + ".")
                                    .replace("SCHEMA SCHEMA", "SCHEMA " + schema));
        }

        /** Runs the case, and follows the table, as it was called before, while it does. */
        Follower run(String expected) throws SQLException {
            Follower follower = new Follower(database, schema + ".t");
            Installed.execute(database, "TRUNCATE pbp.log");
            execute(one.ddl());
            follower.follow();
            for (String write : one.writes().split("; ")) {
                try {
                    execute(write);
                    follower.follow();
                } catch (SQLException e) {
                    throw new AssertionError("a writer failed: " + write, e);
                }
            }
            List<String> log = Installed.rows(
                    database,
                    "SELECT coalesce(string_agg(replace(CASE tab WHEN '" + schema
                            + ".t' THEN '' ELSE regexp_replace(tab, '^" + schema
                            + "\\.?', '') || ':' END || op::text, ' ', ''), ' ' ORDER BY lsn), '') FROM pbp.log");
            if (!expected.equals(DdlCase.ANY)) {
                assertThat(log).containsExactly(expected);
            }
            return follower;
        }

        /** Whether the table's triggers are disabled, as pbp.tracked has noted it. */
        String marks() throws SQLException {
            return Installed.rows(
                            database,
                            "SELECT CASE WHEN marks IS NULL THEN 'disabled' ELSE '' END FROM pbp.tracked WHERE rel = "
                                    + oid)
                    .stream()
                    .findFirst()
                    .orElse("");
        }

        String name() throws SQLException {
            return Installed.rows(database, "SELECT name FROM pbp.tracked WHERE rel = " + oid).stream()
                    .findFirst()
                    .orElse("");
        }

        /** Whether track refuses the table for this reason, or is fine with it under its new name. */
        boolean tracks(String refused) throws SQLException {
            if (refused.isEmpty()) {
                return !name().equals(schema + ".t");
            }
            assertThatThrownBy(() -> execute("SELECT pbp.track('t')")).hasMessageContaining(refused);
            return true;
        }
    }
}
