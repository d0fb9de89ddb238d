package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A table's own mtime, for who asks for it. */
@PostgresTest
@Evidence(
        guarantee = "same-values",
        claim = "`mtime` changes exactly when the row does",
        how = "the whole row is compared, in a trigger that fires last",
        brokenOnce = "V006__mtime.sql: not compared")
class MtimeIT {
    private static final String COLUMNS =
            "SELECT attname FROM pg_attribute WHERE attrelid = 'items'::regclass AND attnum > 0 AND NOT attisdropped";

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
    }

    @AfterEach
    void noTable(TestDatabase database) throws SQLException {
        Installed.execute(
                database, "SELECT pbp.untrack(rel) FROM pbp.tracked WHERE name = 'items'; DROP TABLE items CASCADE");
    }

    private static void table(TestDatabase database, String columns) throws SQLException {
        Installed.execute(database, "CREATE TABLE items (id int PRIMARY KEY, " + columns + ")");
    }

    private static List<String> track(TestDatabase database) throws SQLException {
        return Installed.rows(database, "SELECT pbp.track('items', '{}', true)");
    }

    @Test
    void isSetByTheClockWhenTheRowChangesAndOnlyThen(TestDatabase database) throws SQLException {
        changesWithTheRow(database, "v json, n int");
    }

    /** Which a BEFORE trigger sees as null. */
    @Test
    void alsoWhereColumnsAreGenerated(TestDatabase database) throws SQLException {
        changesWithTheRow(database, "v json, n int, twice int GENERATED ALWAYS AS (n * 2) STORED");
    }

    private static void changesWithTheRow(TestDatabase database, String columns) throws SQLException {
        table(database, columns);
        Installed.execute(database, "INSERT INTO items VALUES (1, '1', 1)");
        assertThat(track(database)).containsExactly("t");
        Installed.execute(database, """
                CREATE TABLE seen AS SELECT 0 AS step, mtime FROM items;
                UPDATE items SET v = v, n = 1, mtime = 'infinity';
                INSERT INTO seen SELECT 1, mtime FROM items;
                UPDATE items SET v = '2';
                INSERT INTO seen SELECT 2, mtime FROM items;
                UPDATE items SET n = 2;
                INSERT INTO seen SELECT 3, mtime FROM items;
                INSERT INTO items (id, mtime) VALUES (2, '-infinity');
                INSERT INTO seen SELECT 4, mtime FROM items WHERE id = 2""");
        try {
            assertThat(
                            Installed.rows(
                                    database,
                                    "SELECT step, mtime > lag(mtime) OVER (ORDER BY step), mtime <= clock_timestamp() FROM seen ORDER BY step"))
                    .containsExactly("0 null t", "1 f t", "2 t t", "3 t t", "4 t t");
        } finally {
            Installed.execute(database, "DROP TABLE seen");
        }
    }

    @Test
    void readersSeeIt(TestDatabase database) throws SQLException {
        table(database, "v text, secret text");
        Installed.execute(
                database,
                "SELECT pbp.track('items', '{secret}', true); TRUNCATE pbp.log; INSERT INTO items VALUES (1, 'a', 's')");
        assertThat(
                        Installed.rows(
                                database,
                                "SELECT (l.new ->> 'mtime')::timestamptz = i.mtime, l.new ->> 'secret' FROM pbp.log l, items i"))
                .containsExactly("t null");
    }

    @Test
    void whoeverFollowsTheTableAlreadyIsToldToRefetch(TestDatabase database) throws SQLException {
        table(database, "v text");
        Installed.execute(database, "SELECT pbp.track('items'); TRUNCATE pbp.log");
        track(database);
        assertThat(Installed.rows(database, "SELECT tab, op FROM pbp.log")).containsExactly("items r");
        assertThat(track(database)).containsExactly("f");
    }

    @Test
    void untrackTakesItAway(TestDatabase database) throws SQLException {
        table(database, "v text");
        List<String> before = Installed.rows(database, COLUMNS);
        track(database);
        assertThat(Installed.rows(database, COLUMNS)).contains("mtime");
        Installed.execute(database, "SELECT pbp.untrack('items')");
        assertThat(Installed.rows(database, COLUMNS)).isEqualTo(before);
        assertThat(Installed.rows(database, "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'items'::regclass"))
                .containsExactly("0");
    }

    @Test
    void anOwnColumnOfThatNameIsLeftAlone(TestDatabase database) throws SQLException {
        table(database, "mtime text");
        assertThatThrownBy(() -> track(database)).hasMessageContaining("items: has a column mtime already");
        Installed.execute(database, "SELECT pbp.track('items'), pbp.untrack('items')");
        assertThat(Installed.rows(database, COLUMNS)).containsExactly("id", "mtime");
    }

    @Test
    void withoutBeingAskedForTheTableIsNotAltered(TestDatabase database) throws SQLException {
        table(database, "v text");
        Installed.execute(database, "SELECT pbp.track('items', '{}', false)");
        assertThat(Installed.rows(database, COLUMNS)).containsExactly("id", "v");
    }

    @Test
    void partitionsHaveItToo(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE items (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
                CREATE TABLE item PARTITION OF items FOR VALUES FROM (0) TO (10)""");
        track(database);
        Installed.execute(database, "INSERT INTO items VALUES (1, 'a'); UPDATE item SET v = 'b', mtime = '-infinity'");
        assertThat(Installed.rows(database, "SELECT v, mtime > now() - interval '1 hour' FROM items"))
                .containsExactly("b t");
    }
}
