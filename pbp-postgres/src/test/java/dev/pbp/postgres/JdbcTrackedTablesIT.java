package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.TrackedTable;
import dev.pbp.core.feed.TrackedTables;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@PostgresTest
class JdbcTrackedTablesIT {
    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            how = "all members are asked",
            brokenOnce = "JdbcTrackedTables.QUERY: the root alone")
    void rowLevelSecurityOfATableOrOneOfItsPartitionsIsTold(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE secured (id int PRIMARY KEY);
                ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
                CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (10);
                ALTER TABLE part ENABLE ROW LEVEL SECURITY;
                CREATE TABLE untracked (id int PRIMARY KEY);
                CREATE TABLE dropped (id int PRIMARY KEY);
                SELECT pbp.track('secured'), pbp.track('parts'), pbp.track('dropped');
                DROP TABLE dropped""");
        assertThat(new JdbcTrackedTables(database.dataSource()).byName().values())
                .containsExactlyInAnyOrder(
                        new TrackedTable("testtype", false),
                        new TrackedTable("secured", true),
                        new TrackedTable("parts", true));
    }

    @Test
    void eachAnswerIsNew(TestDatabase database) throws SQLException {
        TrackedTables tables = new JdbcTrackedTables(database.dataSource());
        assertThat(tables.byName().get("testtype")).isEqualTo(new TrackedTable("testtype", false));
        Installed.execute(database, "ALTER TABLE testtype ENABLE ROW LEVEL SECURITY");
        try {
            assertThat(tables.byName().get("testtype")).isEqualTo(new TrackedTable("testtype", true));
        } finally {
            Installed.execute(database, "ALTER TABLE testtype DISABLE ROW LEVEL SECURITY");
        }
    }

    @Test
    void aDatabaseThatIsAwayIsTold(TestDatabase database) {
        TrackedTables tables = new JdbcTrackedTables(database.through(1).dataSource());
        assertThatThrownBy(tables::byName).isInstanceOf(FeedException.class).hasMessageContaining("tracked");
    }
}
