package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.SnapshotReader;
import dev.pbp.postgres.internal.log.LogPage;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A transaction that is larger than a page comes in parts, in the order of its changes, from wherever it is resumed. */
@PostgresTest
@Evidence(
        guarantee = "large-transactions",
        claim =
                "A reader that accepts parts gets a large transaction in parts of about 8 MB, in the order of its changes, and can resume on any node in the middle",
        how =
                "the order of logging, where each key has one change or the server finds that it is the order of the changes",
        brokenOnce = {
            "LargeTransaction.next: the order not checked",
            "LargeTransactions.open: not checked from the middle on"
        })
class TransactionInPartsIT {
    private static final int PAGE = 50_000;

    private final List<LogReader> readers = new ArrayList<>();
    private TestDatabase database;
    private Position begin;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
        Installed.execute(database, """
                CREATE TABLE item (id int PRIMARY KEY, v text);
                CREATE TABLE other (id int PRIMARY KEY, v text);
                CREATE TABLE again (id int PRIMARY KEY, v text, n int DEFAULT 0);
                CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF pg_trigger_depth() = 1 THEN UPDATE again SET n = n + 1 WHERE id = NEW.id; END IF; RETURN NULL;
                END $$;
                CREATE TRIGGER again AFTER INSERT ON again FOR EACH ROW EXECUTE FUNCTION again();
                CREATE TABLE undone (id int PRIMARY KEY, v text);
                CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF pg_trigger_depth() = 1 THEN UPDATE undone SET v = OLD.v WHERE id = NEW.id; END IF; RETURN NULL;
                END $$;
                CREATE TRIGGER undo AFTER UPDATE ON undone FOR EACH ROW EXECUTE FUNCTION undo();
                SELECT pbp.track(t) FROM unnest('{item,other,again,undone}'::regclass[]) t""");
    }

    @BeforeEach
    void begin(TestDatabase given) throws SQLException {
        database = given;
        Installed.execute(database, "TRUNCATE item, other, again, undone");
        begin = Position.at(SnapshotReader.now(database.dataSource()));
    }

    @AfterEach
    void close() {
        readers.forEach(LogReader::close);
    }

    private LogReader reader(int pageSize) {
        LogReader reader = new LogReader(database.dataSource(), pageSize);
        readers.add(reader);
        return reader;
    }

    private void run(String sql) throws SQLException {
        Installed.execute(database, "BEGIN; " + sql + "; COMMIT");
    }

    private static String rows(int from, int to) {
        return "SELECT n, repeat('x', 1000) FROM generate_series(" + from + ", " + to + ") n";
    }

    /** What a reader gets from a position on, page by page. */
    private List<LogPage> pages(LogReader reader, Position from) throws SQLException {
        List<LogPage> pages = new ArrayList<>();
        Position position = from;
        do {
            LogPage page = reader.readPart(position);
            pages.add(page);
            position = page.next();
        } while (position.target() != null);
        return pages;
    }

    private static List<String> keys(List<LogPage> pages) {
        return pages.stream()
                .flatMap(page -> page.transactions().stream())
                .flatMap(transaction -> transaction.changes().stream())
                .map(change ->
                        change.table().charAt(0) + String.valueOf(change.key()).replaceAll("\\D", ""))
                .toList();
    }

    private static Set<String> refetched(List<LogPage> pages) {
        Set<String> tables = new HashSet<>();
        pages.forEach(page -> page.transactions().forEach(t -> tables.addAll(t.mustRefetch())));
        return tables;
    }

    @Test
    void partsHoldAboutAPageAndComeBetweenTheTransactionsBeforeAndAfter() throws SQLException {
        run("INSERT INTO item VALUES (1, 'before')");
        run("INSERT INTO item " + rows(2, 301));
        run("INSERT INTO item VALUES (302, 'after')");
        List<LogPage> pages = pages(reader(PAGE), begin);
        assertThat(pages).hasSizeBetween(8, 10);
        assertThat(pages).allSatisfy(page -> assertThat(page.size()).isLessThan(PAGE + 2000));
        assertThat(keys(pages)).hasSize(302).startsWith("i1", "i2", "i3").endsWith("i301", "i302");
        assertThat(keys(pages)).doesNotHaveDuplicates();
        assertThat(pages.stream().filter(page -> page.next().isWithinTransaction()))
                .hasSizeBetween(5, 7)
                .allSatisfy(page -> assertThat(page.transactions()).hasSize(1));
        assertThat(refetched(pages)).isEmpty();
    }

    @Test
    void anotherNodeGoesOnInTheMiddle() throws SQLException {
        run("INSERT INTO item " + rows(1, 200) + "; INSERT INTO other " + rows(1, 20));
        List<LogPage> whole = pages(reader(PAGE), begin);
        for (LogPage part : whole) {
            if (part.next().isWithinTransaction()) {
                List<LogPage> rest = pages(reader(PAGE), part.next());
                assertThat(keys(rest)).isEqualTo(keys(whole.subList(whole.indexOf(part) + 1, whole.size())));
                assertThat(refetched(rest)).isEmpty();
            }
        }
    }

    /** The rows of each part alone could be in the order of the changes. */
    @Test
    void anotherNodeInTheMiddleDoesNotTakeTheOrderOfLoggingForThatOfTheChanges() throws SQLException {
        run("INSERT INTO again " + rows(1, 60));
        List<LogPage> parts = new ArrayList<>();
        Position position = begin;
        do {
            LogPage part = reader(PAGE).readPart(position);
            parts.add(part);
            position = part.next();
        } while (position.target() != null);
        assertThat(parts).hasSizeGreaterThan(2);
        assertThat(refetched(parts)).containsExactly("again");
    }

    @Test
    void twoReadersAtOnePointDoNotDisturbEachOther() throws SQLException {
        run("INSERT INTO item " + rows(1, 200));
        LogReader both = reader(PAGE);
        LogPage one = both.readPart(begin);
        LogPage two = both.readPart(begin);
        assertThat(one.next()).isEqualTo(two.next());
        assertThat(keys(pages(both, one.next())))
                .isEqualTo(keys(pages(both, two.next())))
                .endsWith("i200");
    }

    @Test
    void aReaderThatTakesWholeTransactionsMustRefetchAlsoInTheMiddle() throws SQLException {
        run("INSERT INTO item " + rows(1, 200));
        LogReader reader = reader(PAGE);
        LogPage part = reader.readPart(begin);
        LogPage rest = reader.read(part.next());
        assertThat(rest.transactions()).singleElement().satisfies(transaction -> {
            assertThat(transaction.large()).isTrue();
            assertThat(transaction.mustRefetch()).containsExactly("item");
        });
    }

    @Test
    void severalChangesOfAKeyAreInTheirOrder() throws SQLException {
        run("INSERT INTO item " + rows(1, 100)
                + "; UPDATE item SET v = v || 'y' WHERE id <= 50; DELETE FROM item WHERE id <= 20;"
                + " TRUNCATE item; INSERT INTO item " + rows(1, 30));
        List<LogPage> pages = pages(reader(PAGE), begin);
        assertThat(refetched(pages)).isEmpty();
        assertThat(keys(pages)).hasSize(100 + 50 + 20 + 1 + 30);
        assertChain(changes(pages), Map.of());
    }

    @Test
    void aTableThatItsTriggersWroteToAgainMustBeRefetchedAndNoOther() throws SQLException {
        run("INSERT INTO item " + rows(1, 100) + "; INSERT INTO again SELECT 1, 'x'");
        List<LogPage> pages = pages(reader(PAGE), begin);
        assertThat(refetched(pages)).containsExactly("again");
        assertThat(keys(pages)).hasSize(100);
    }

    /** Logged in the opposite order, its two changes fit one another as well. */
    @Test
    void aTableWhoseTriggersTookAStatementBackMustBeRefetchedAndNoOther() throws SQLException {
        Installed.execute(database, "INSERT INTO undone VALUES (1, 'a')");
        begin = Position.at(SnapshotReader.now(database.dataSource()));
        run("INSERT INTO item " + rows(1, 100) + "; UPDATE undone SET v = 'b'");
        List<LogPage> pages = pages(reader(PAGE), begin);
        assertThat(refetched(pages)).containsExactly("undone");
        assertThat(keys(pages)).hasSize(100);
    }

    @Test
    void aKeyThatOneStatementDeletesAndInsertsAgainIsNotTakenForTheOpposite() throws SQLException {
        Installed.execute(database, "INSERT INTO item VALUES (1, 'a'), (2, 'b')");
        begin = Position.at(SnapshotReader.now(database.dataSource()));
        run(
                "INSERT INTO other " + rows(1, 100)
                        + "; WITH gone AS (DELETE FROM item WHERE id IN (1, 2) RETURNING id, v) INSERT INTO item SELECT id, v FROM gone LIMIT 1");
        List<LogPage> pages = pages(reader(PAGE), begin);
        assertThat(refetched(pages)).containsExactly("item");
        assertThat(keys(pages)).hasSize(100);
    }

    /** Retention overwrites what the order of such a statement is known by. */
    @Test
    @Evidence(
            guarantee = "large-transactions",
            claim = "Rows whose command ids retention has overwritten are not read",
            how = "`xmax` is asked for; a reader at the edge of what is retained must refetch",
            brokenOnce = "LogQueries.COMMAND: `xmax` not asked")
    void aRowThatRetentionBeganToRemoveIsNotRead() throws SQLException {
        Installed.execute(database, "INSERT INTO item VALUES (1, 'a'), (2, 'b')");
        begin = Position.at(SnapshotReader.now(database.dataSource()));
        run(
                "WITH gone AS (DELETE FROM item WHERE id IN (1, 2) RETURNING id, v) INSERT INTO item SELECT id, v FROM gone LIMIT 1");
        assertThat(reader(PAGE).read(begin).transactions()).hasSize(1);
        Installed.execute(database, "BEGIN; SELECT pbp.trim('0', 0); ROLLBACK");
        assertThatThrownBy(() -> reader(PAGE).read(begin)).isInstanceOf(MustRefetchException.class);
        assertThatThrownBy(() -> reader(1).readPart(begin)).isInstanceOf(MustRefetchException.class);
    }

    /** The driver leaves the rest of a cancelled COPY in the connection, which would be the answer to the next statement. */
    @Test
    @Evidence(
            guarantee = "large-transactions",
            how = "the rest of the cancelled COPY is read",
            brokenOnce = "CopyReader.close: the driver's `cancelCopy`")
    void aConnectionWhoseReadIsGivenUpGoesBackClean() throws SQLException {
        run("INSERT INTO item " + rows(1, 400));
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(database.jdbcUrl());
            pool.setMaximumPoolSize(1);
            for (int i = 0; i < 3; i++) {
                LogReader reader = new LogReader(pool, PAGE);
                assertThat(reader.readPart(begin).next().isWithinTransaction()).isTrue();
                reader.close();
                for (int n = 1; n <= 3; n++) {
                    try (Connection connection = pool.getConnection();
                            Statement statement = connection.createStatement();
                            ResultSet row = statement.executeQuery("SELECT " + n)) {
                        assertThat(row.next()).isTrue();
                        assertThat(row.getInt(1)).isEqualTo(n);
                    }
                }
            }
        }
    }

    @Test
    void aTransactionThatRetentionRemovedMeanwhileIsReported() throws SQLException {
        run("INSERT INTO item " + rows(1, 200));
        LogPage part = reader(PAGE).readPart(begin);
        Installed.execute(database, "SELECT pbp.trim('0', 0)");
        LogReader other = reader(PAGE);
        assertThatThrownBy(() -> other.readPart(part.next())).isInstanceOf(MustRefetchException.class);
    }

    /** The transaction is larger than what the network holds, so the server is still sending when it is cut off. */
    @Test
    @Evidence(
            guarantee = "large-transactions",
            claim = "A connection that breaks between two parts costs time and nothing else",
            how = "the transaction is opened again from its middle",
            brokenOnce = "LargeTransactions.next: the error thrown on")
    void aConnectionThatBreaksBetweenTwoPartsIsOpenedAgain() throws SQLException {
        int rows = 20_000; // in statements of less than 8 MB
        run("INSERT INTO item " + rows(1, 5_000) + "; INSERT INTO item " + rows(5_001, 10_000) + "; INSERT INTO item "
                + rows(10_001, 15_000) + "; INSERT INTO item " + rows(15_001, rows));
        LogReader reader = reader(20 * PAGE);
        LogPage first = reader.readPart(begin);
        assertThat(Installed.rows(
                        database,
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND query LIKE 'COPY%' AND state = 'active'"))
                .hasSize(1);
        List<LogPage> rest = pages(reader, first.next());
        assertThat(keys(rest)).hasSize(rows - keys(List.of(first)).size()).endsWith("i" + rows);
    }

    /** In parts, whatever is delivered is what it is in one piece: the same changes of each key in the same order. */
    @Test
    void randomTransactionsAreTheSameInPartsAsWhole() throws SQLException {
        Random random = new Random(20261130);
        LogReader parts = reader(2_000);
        LogReader whole = reader(1 << 22);
        int delivered = 0;
        for (int round = 0; round < 60; round++) {
            StringBuilder sql = new StringBuilder("SELECT 1");
            for (int i = 0; i < 12; i++) {
                String table = List.of("item", "other", "again").get(random.nextInt(round % 3 == 0 ? 3 : 2));
                int from = random.nextInt(8);
                int to = from + random.nextInt(5);
                sql.append("; ")
                        .append(
                                switch (random.nextInt(8)) {
                                    case 0, 1, 2 ->
                                        "INSERT INTO " + table + " (id, v) SELECT n, '" + random.nextInt(3)
                                                + "' || repeat('x', 300) FROM generate_series(" + from + ", " + to
                                                + ") n ON CONFLICT DO NOTHING";
                                    case 3, 4 ->
                                        "UPDATE " + table + " SET v = '" + random.nextInt(3) + "' WHERE id BETWEEN "
                                                + from + " AND " + to;
                                    case 5 -> "DELETE FROM " + table + " WHERE id BETWEEN " + from + " AND " + to;
                                    case 6 ->
                                        "WITH gone AS (DELETE FROM " + table + " WHERE id = " + from
                                                + " RETURNING id, v) INSERT INTO " + table
                                                + " (id, v) SELECT id + 100 + random() * 100000, v FROM gone";
                                    default -> random.nextInt(4) == 0 ? "TRUNCATE " + table : "SELECT 1";
                                });
            }
            Position from = Position.at(SnapshotReader.now(database.dataSource()));
            run(sql.toString());
            List<LogPage> inParts = pages(parts, from);
            Set<String> unknown = refetched(inParts);
            assertThat(unknown).as("round %s: %s", round, sql).isSubsetOf("again", "item", "other");
            Map<String, List<Change>> expected = byKey(whole.read(from).transactions());
            Map<String, List<Change>> got = byKey(inParts.stream()
                    .flatMap(page -> page.transactions().stream())
                    .toList());
            expected.keySet().removeIf(key -> unknown.contains(key.split(" ", 2)[0]));
            got.keySet().removeIf(key -> unknown.contains(key.split(" ", 2)[0]));
            assertThat(got).as("round %s: %s", round, sql).isEqualTo(expected);
            delivered += got.size();
        }
        assertThat(delivered).isGreaterThan(200);
    }

    private static List<Change> changes(List<LogPage> pages) {
        return pages.stream()
                .flatMap(page -> page.transactions().stream())
                .flatMap(transaction -> transaction.changes().stream())
                .toList();
    }

    private static Map<String, List<Change>> byKey(List<Transaction> transactions) {
        Map<String, List<Change>> keys = new LinkedHashMap<>();
        for (Transaction transaction : transactions) {
            for (Change change : transaction.changes()) {
                keys.computeIfAbsent(change.table() + " " + change.key(), key -> new ArrayList<>())
                        .add(change);
            }
        }
        return keys;
    }

    private static void assertChain(List<Change> changes, Map<String, String> before) {
        Map<String, String> rows = new java.util.HashMap<>(before);
        for (Change change : changes) {
            if (change.key() == null) {
                rows.clear();
            } else {
                assertThat(rows.get(change.key())).isEqualTo(change.oldRow());
                rows.put(change.key(), change.newRow());
            }
        }
    }
}
