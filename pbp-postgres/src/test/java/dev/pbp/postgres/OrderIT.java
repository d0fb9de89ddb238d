package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Change;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.log.LogPage;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which order readers get what one transaction or several did, and when they must refetch since it cannot be known. */
@PostgresTest
class OrderIT {
    private TestDatabase database;
    private LogReader log;
    private Position begin;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
        Installed.execute(database, """
                CREATE TABLE counted (id int PRIMARY KEY, n int, flag boolean);
                CREATE FUNCTION count_on() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.n < 3 THEN UPDATE counted SET n = NEW.n + 1 WHERE id = NEW.id; END IF; RETURN NULL;
                END $$;
                CREATE TRIGGER count_on AFTER INSERT OR UPDATE ON counted FOR EACH ROW EXECUTE FUNCTION count_on();
                CREATE TABLE undone (id int PRIMARY KEY, v text);
                CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.v <> OLD.v AND pg_trigger_depth() = 1 THEN UPDATE undone SET v = OLD.v WHERE id = NEW.id; END IF; RETURN NULL;
                END $$;
                CREATE TRIGGER undo AFTER UPDATE ON undone FOR EACH ROW EXECUTE FUNCTION undo();
                CREATE TABLE refilled (id int PRIMARY KEY);
                CREATE FUNCTION refill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO refilled VALUES (0); RETURN NULL; END $$;
                CREATE TRIGGER a_refill AFTER TRUNCATE ON refilled FOR EACH STATEMENT EXECUTE FUNCTION refill();
                CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree ON UPDATE CASCADE ON DELETE SET NULL);
                CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (10);
                CREATE TABLE parts_rest PARTITION OF parts DEFAULT;
                CREATE TABLE plain (id int PRIMARY KEY, v text);
                SELECT pbp.track(t) FROM unnest('{counted,undone,refilled,tree,parts,plain}'::regclass[]) t""");
    }

    @BeforeEach
    void begin(TestDatabase given) throws SQLException {
        database = given;
        log = new LogReader(database.dataSource(), 1 << 20);
        Installed.execute(database, "TRUNCATE counted, undone, refilled, tree, parts, plain, testtype");
        begin = Position.at(log.now());
    }

    /** What was committed since, each change as its table's first letter, what happened, key and new row. */
    private List<String> changes() throws SQLException {
        List<String> changes = new ArrayList<>();
        for (Transaction transaction : log.read(begin).transactions()) {
            for (Change change : transaction.changes()) {
                changes.add((change.table() + " " + change.operation() + " " + change.key() + " " + change.newRow())
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[\"{}]|null", "")
                        .replaceAll(" : ", ":")
                        .strip());
            }
        }
        return changes;
    }

    private Set<String> refetched() throws SQLException {
        return log.read(begin).transactions().get(0).mustRefetch();
    }

    private void run(String sql) throws SQLException {
        Installed.execute(database, "BEGIN; " + sql + "; COMMIT");
    }

    @Test
    @Evidence(
            guarantee = "order-per-row",
            how = "the changes of a key form a chain; where it is open, only one end fits",
            brokenOnce = "RowOrder.trail: the order of logging returned instead of `openTrail`")
    void aTriggerThatWritesAgainComesAfterTheStatementThatFiredIt() throws SQLException {
        run("INSERT INTO counted VALUES (1, 1)");
        assertThat(Installed.rows(
                        database,
                        "SELECT op, new ->> 'n' FROM pbp.log WHERE tab = 'counted' ORDER BY lsn DESC LIMIT 3"))
                .as("as it is logged, the last first")
                .containsExactly("i 1", "u 2", "u 3");
        assertThat(changes())
                .containsExactly(
                        "counted insert id:1 id:1,n:1,flag:",
                        "counted update id:1 id:1,n:2,flag:",
                        "counted update id:1 id:1,n:3,flag:");
    }

    @Test
    @Evidence(guarantee = "order-per-row", recordedAt = "RowOrderTest.aClosedChainAtMixedDepthsIsNotKnown")
    void aTriggerThatTakesAStatementBackLeavesItsTableUnknownAndNoOther() throws SQLException {
        run("INSERT INTO undone VALUES (1, 'a')");
        begin = Position.at(log.now());
        run("INSERT INTO plain VALUES (1, 'p'); UPDATE undone SET v = 'b'");
        assertThat(refetched()).containsExactly("undone");
        assertThat(changes()).containsExactly("plain insert id:1 id:1,v:p");
    }

    @Test
    @Evidence(
            guarantee = "order-per-row",
            how = "a closed chain at one depth is in the order of logging",
            brokenOnce = "RowOrder.trail: every closed chain refused")
    void aFlagSetAndResetOrARowDeletedAndInsertedAgainNeedsNoRefetch() throws SQLException {
        run("INSERT INTO plain VALUES (1, 'a')");
        begin = Position.at(log.now());
        run("UPDATE plain SET v = 'b'; UPDATE plain SET v = 'a'; DELETE FROM plain; INSERT INTO plain VALUES (1, 'a')");
        assertThat(refetched()).isEmpty();
        assertThat(changes())
                .containsExactly(
                        "plain update id:1 id:1,v:b",
                        "plain update id:1 id:1,v:a",
                        "plain delete id:1",
                        "plain insert id:1 id:1,v:a");
    }

    /** Key 11 becomes 1011, and in the same statement its reference is updated: so 1011 is twice among the new rows. */
    @Test
    @Evidence(
            guarantee = "order-per-row",
            how = "repeated keys in the transition tables",
            brokenOnce = "V003__tracking.sql, trigger_body: `updates_itself` not asked")
    void aCascadeOntoItsOwnTableThatChangesARowTwiceMeansRefetch() throws SQLException {
        run("INSERT INTO tree VALUES (1, NULL), (11, 1)");
        begin = Position.at(log.now());
        run("UPDATE tree SET id = id + 1000");
        assertThat(refetched()).containsExactly("tree");
    }

    @Test
    void aCascadeOntoItsOwnTableThatChangesEachRowOnceIsExact() throws SQLException {
        run("INSERT INTO tree VALUES (1, NULL), (11, 1)");
        begin = Position.at(log.now());
        run("UPDATE tree SET id = 2 WHERE id = 1");
        assertThat(changes())
                .containsExactlyInAnyOrder(
                        "tree delete id:1", "tree insert id:2 id:2,up:", "tree update id:11 id:11,up:2");
    }

    @Test
    @Evidence(
            guarantee = "order-per-row",
            claim = "TRUNCATE of a whole partitioned table is exact, of one partition means refetch",
            how = "the root's own log row comes last and supersedes",
            brokenOnce = "RowOrder.of: `known` not set again")
    void theTruncateOfAWholePartitionedTableSupersedesThatOfItsPartitions() throws SQLException {
        run("INSERT INTO parts VALUES (1), (11)");
        begin = Position.at(log.now());
        run("TRUNCATE parts_low; INSERT INTO parts VALUES (2); TRUNCATE parts; INSERT INTO parts VALUES (3)");
        assertThat(refetched()).isEmpty();
        assertThat(changes()).containsExactly("parts truncate", "parts insert id:3 id:3");
        begin = Position.at(log.now());
        run("TRUNCATE parts_low");
        assertThat(refetched()).containsExactly("parts");
    }

    @Test
    void whatATriggerOfTruncateWritesMayBeThereOrNot() throws SQLException {
        run("TRUNCATE refilled");
        assertThat(refetched()).containsExactly("refilled");
    }

    /** Both orders of the last two changes would fit. */
    @Test
    @Evidence(
            guarantee = "order-per-row",
            how = "position and depth cannot be set",
            brokenOnce = "V001__change_log.sql, lsn: a setting added to the position")
    void noSettingOfTheWritersChangesTheOrder() throws SQLException {
        run("INSERT INTO plain VALUES (1, 'a')");
        run("SELECT set_config('pbp.place', '900', true); UPDATE plain SET v = 'b';"
                + " RESET ALL; SELECT set_config('pbp.place', '-5', true); UPDATE plain SET v = 'a'");
        assertThat(changes())
                .containsExactly(
                        "plain insert id:1 id:1,v:a", "plain update id:1 id:1,v:b", "plain update id:1 id:1,v:a");
    }

    /** The first transaction to begin is the last to write the row. */
    @Test
    @Evidence(
            guarantee = "order-per-row",
            claim = "Transactions read at once come in the order of their writes to each row",
            how = "transactions go by the position of their last log row, read under the row's lock",
            brokenOnce = "Transaction.ORDER: positions not compared")
    void transactionsReadAtOnceComeInTheOrderOfTheirRowLocks() throws SQLException {
        run("INSERT INTO plain VALUES (1, 'a'), (2, 'a')");
        begin = Position.at(log.now());
        try (Connection x = database.connect();
                Statement inX = x.createStatement();
                Connection y = database.connect();
                Statement inY = y.createStatement()) {
            x.setAutoCommit(false);
            y.setAutoCommit(false);
            inY.execute("UPDATE plain SET v = 'y' WHERE id = 2");
            inX.execute("UPDATE plain SET v = 'x' WHERE id = 1");
            x.commit();
            inY.execute("UPDATE plain SET v = 'y' WHERE id = 1");
            y.commit();
        }
        assertThat(changes())
                .containsExactly(
                        "plain update id:1 id:1,v:x", "plain update id:2 id:2,v:y", "plain update id:1 id:1,v:y");
    }

    /** As two sessions may read it at once. Each transaction alone is larger than half a page. */
    @Test
    @Evidence(
            guarantee = "nothing-lost",
            how = "pages are cut by position and transaction id",
            brokenOnce = "LogQueries.TRANSACTIONS: the id not compared")
    void transactionsOfEqualPositionsAreNeitherLostNorDoubledWhereAPageEnds() throws SQLException {
        for (int i = 0; i < 8; i++) {
            run("INSERT INTO plain VALUES (" + i + ", repeat('x', 30000))");
        }
        Installed.execute(
                database,
                "WITH gone AS (DELETE FROM pbp.log WHERE tab = 'plain' AND op = 'i' AND key ->> 'id' BETWEEN '2' AND '6' RETURNING *)"
                        + " INSERT INTO pbp.log (lsn, depth, xid, at, tab, op, key, old, new)"
                        + " SELECT (SELECT max(lsn) FROM pbp.log), depth, xid, at, tab, op, key, old, new FROM gone");
        LogReader paging = new LogReader(database.dataSource(), 50_000);
        List<String> keys = new ArrayList<>();
        Position position = begin;
        int pages = 0;
        LogPage page;
        do {
            page = paging.read(position);
            page.transactions().forEach(t -> t.changes().forEach(change -> keys.add(String.valueOf(change.key()))));
            position = page.next();
            pages++;
        } while (position.target() != null);
        assertThat(pages).isGreaterThan(3);
        assertThat(keys).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    @Evidence(
            guarantee = "writers-undisturbed",
            claim = "`lastval()`, row counts, RETURNING, settings and error codes stay the writer's own",
            how = "no sequence, no setting",
            brokenOnce = "V003__tracking.sql, track: `lock_timeout` not put back")
    void lastvalRowCountsAndSettingsStayTheWritersOwn() throws SQLException {
        Installed.execute(database, """
                DO $$
                DECLARE n bigint; was text := current_setting('lock_timeout'); got text;
                BEGIN
                    INSERT INTO testtype (val) VALUES ('a'), ('b');
                    GET DIAGNOSTICS n = ROW_COUNT;
                    ASSERT n = 2, 'row count';
                    ASSERT lastval() = currval('testtype_id_seq'), 'lastval';
                    UPDATE testtype SET val = 'c' WHERE val = 'a' RETURNING val INTO got;
                    ASSERT got = 'c', 'returning';
                    PERFORM pbp.track('plain');
                    ASSERT current_setting('lock_timeout') = was, 'lock_timeout';
                    ASSERT current_setting('search_path') NOT LIKE '%pg_temp%', 'search_path';
                    BEGIN
                        INSERT INTO plain VALUES (1, 'a'), (1, 'b');
                        ASSERT false, 'a duplicate key';
                    EXCEPTION WHEN unique_violation THEN
                        NULL;
                    END;
                END $$""");
    }
}
