package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Operation;
import dev.pbp.core.feed.Read;
import dev.pbp.core.feed.Term;
import dev.pbp.core.feed.Wait;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.Row;
import dev.pbp.core.model.TableReader;
import dev.pbp.postgres.internal.jdbc.TableQuery;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A read and the changes that follow it, put together. */
@PostgresTest
class TableReaderIT {
    private static final String TABLE = "\"Od.d\".kinds";
    private static final Filter ALL = Filter.tables(TABLE);

    private static FeedNode node;
    private static Cursors cursors;
    private static PostgresChangeFeed feed;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        Installed.in(database);
        Installed.execute(database, """
                CREATE TYPE mood AS ENUM ('good', 'bad');
                CREATE TYPE pair AS (a int, b text);
                CREATE SCHEMA "Od.d";
                CREATE TABLE "Od.d".kinds (
                    id int PRIMARY KEY, "Int" smallint, "b.ig" bigint, num numeric, f float8, txt text, vc varchar(20), ch char(4),
                    flag bool, at timestamptz, naive timestamp, day date, span interval, uid uuid, bytes bytea, doc json,
                    bin jsonb, m mood, list int[], p pair, "quo""te" text, secret text, twice int GENERATED ALWAYS AS (id * 2) STORED,
                    during tsrange, rel regclass);
                SELECT pbp.track('"Od.d".kinds', '{secret}')""");
        node = new FeedNode(database);
        cursors = node.cursors();
        feed = node.feed();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @BeforeEach
    void rows(TestDatabase database) throws SQLException {
        Installed.execute(database, "TRUNCATE \"Od.d\".kinds");
    }

    private static void insertAllKinds(TestDatabase database) throws SQLException {
        // The session's settings must not show in what is logged or read.
        Installed.execute(database, """
                SET timezone = 'Asia/Kolkata'; SET bytea_output = escape; SET intervalstyle = sql_standard; SET extra_float_digits = -3;
                INSERT INTO "Od.d".kinds VALUES
                (1, 1, 9007199254740993, 1.50, 0.1::float8 + 0.2, 'a', 'b', 'c', true, '2026-01-02 03:04:05.678+00', '2026-01-02 03:04:05',
                 '2026-01-02', '1 day 2 hours', '6f1c0c1e-9a43-4d3a-8a27-000000000001', '\\x00ff', '"x"', '1.50', 'good', '{1,2}', '(1,x)', 'q', 's'),
                (2, -1, -5, 1.5, 1e300, 'A', 'B', 'C ', false, '1999-12-31 23:59:59.999999+05:30', 'infinity', '0044-03-15 BC',
                 '-1 month', '6F1C0C1E-9A43-4D3A-8A27-000000000002', '', ' {"a" : [1, 2]} ', '{"a": 1}', 'bad', '{}', '(,)', '', 's'),
                (3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, 's'),
                (4, 0, 0, 'NaN', 'NaN', '1', '1.0', '', true, 'infinity', null, 'infinity', '0', null, 'é', 'null', 'null', 'good', '{null}', null,
                 E'line\\nbreak "quoted" \\\\ ü €', 's'),
                (5, 32767, 9223372036854775807, 1e3, '-Infinity', 'true', 'null', 'ü', false, null, null, null, null, null, null, 'true', '[]',
                 'bad', null, null, E'\\t''; DROP TABLE testtype; --', 's'),
                (6, 7, 8, (repeat('9', 3000))::numeric, '-0', '', '', null, null, null, null, null, null, null, null,
                 (repeat('[', 2000) || repeat(']', 2000))::json, '1e2', null, null, null, 'q', 's');
                UPDATE "Od.d".kinds SET during = '[2026-01-02 03:04,2026-02-03)', rel = 'testtype' WHERE id = 1""");
    }

    private static final List<String> ODD = List.of(
            "",
            "null",
            "1",
            "1.00",
            "01",
            "TRUE",
            "true",
            "{}",
            "[1,2]",
            "1e3",
            "99999999999999999999",
            "not a uuid",
            "2026-01-02T03:04:05+00:00",
            "c",
            "\"x\"",
            "a' OR true --",
            "?",
            "6F1C0C1E-9A43-4D3A-8A27-000000000001");

    /** The texts that a column has, as PostgreSQL takes them out of JSON, and odd ones. */
    private static Map<String, Set<String>> values(TestDatabase database) throws SQLException {
        Map<String, Set<String>> values = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET timezone = 'UTC'; SET intervalstyle = iso_8601");
            try (ResultSet rows = statement.executeQuery(
                    "SELECT e.key, e.value FROM \"Od.d\".kinds k, json_each_text(to_json(k.*)) e")) {
                while (rows.next()) {
                    Set<String> texts = values.computeIfAbsent(rows.getString(1), c -> new LinkedHashSet<>(ODD));
                    if (rows.getString(2) != null) {
                        texts.add(rows.getString(2));
                    }
                }
            }
        }
        values.put("no such column", new LinkedHashSet<>(ODD));
        return values;
    }

    @Test
    @Evidence(guarantee = "same-values", brokenOnce = "JdbcTableReader: no `search_path`")
    @Evidence(
            guarantee = "same-values",
            how = "each column's JSON is compared",
            brokenOnce = "TableQuery.of: `json_typeof` not asked")
    void aFilterMeansTheSameAsInTheFeedForEveryTypeAndText(TestDatabase database) throws Exception {
        TableReader reader = new JdbcTableReader(node.pool(), cursors);
        Cursor before = reader.read(TABLE, ALL).cursor();
        insertAllKinds(database);
        feed.next(before, ALL).batch().get(60, TimeUnit.SECONDS); // now the feed has them
        Map<String, Row> rows = new HashMap<>();
        reader.read(TABLE, ALL).value().forEach(row -> rows.put(row.key(), row));
        assertThat(rows).hasSize(6);
        assertThat(rows.toString()).doesNotContain("secret");
        int matched = 0;
        for (Map.Entry<String, Set<String>> entry : values(database).entrySet()) {
            String column = entry.getKey();
            for (String value : entry.getValue()) {
                Filter filter = new Filter(Set.of(new Term(TABLE, column, value)));
                Wait wait = feed.next(before, filter);
                wait.release();
                Map<String, String> told = new TreeMap<>();
                for (Change change : wait.batch().get(60, TimeUnit.SECONDS).changes()) {
                    told.put(String.valueOf(change.key()), String.valueOf(change.newRow()));
                }
                Map<String, String> read = new TreeMap<>();
                reader.read(TABLE, filter).value().forEach(row -> read.put(row.key(), row.row()));
                assertThat(read).as("%s = %s", column, value).isEqualTo(told);
                matched += told.size();
            }
        }
        assertThat(matched).isGreaterThan(60);
    }

    @Test
    @Evidence(
            guarantee = "read-then-follow",
            recordedAt = "TableReaderIT.whatIsWrittenWhileItReadsIsNotInTheReadAndComesAfterIt")
    void aReplicaOfAReadAndTheChangesStaysEqualToALaterRead(TestDatabase database) throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        TableReader reader = new JdbcTableReader(node.pool(), cursors);
        insertAllKinds(database);
        List<Filter> filters = List.of(
                ALL,
                new Filter(Set.of(new Term(TABLE, "flag", "true"))),
                new Filter(Set.of(new Term(TABLE, "num", "1.50"), new Term(TABLE, "m", "bad"))),
                new Filter(Set.of(new Term(TABLE, "Int", "7"), new Term(TABLE, "txt", "a"))));
        Map<Filter, Read<Map<String, String>>> replicas = new HashMap<>();
        for (int round = 0; round < 10; round++) {
            for (Filter filter : filters) {
                Read<Map<String, String>> now = asMap(reader.read(TABLE, filter));
                Read<Map<String, String>> replica = replicas.get(filter);
                if (replica != null) {
                    assertThat(follow(replica, filter, "round " + (round - 1)))
                            .as("seed %d, round %d, %s", seed, round, filter)
                            .isEqualTo(now.value());
                }
                replicas.put(filter, now);
            }
            for (int i = 0; i < 4; i++) {
                Installed.execute(database, change(random));
            }
            Installed.execute(database, "INSERT INTO testtype (val) VALUES ('round " + round + "')");
        }
    }

    @Test
    @Evidence(
            guarantee = "read-then-follow",
            claim = "A read and the changes from its cursor make what a later read shows",
            how = "rows and snapshot in one REPEATABLE READ transaction",
            brokenOnce = "JdbcTableReader.read: READ COMMITTED")
    void whatIsWrittenWhileItReadsIsNotInTheReadAndComesAfterIt(TestDatabase database) throws Exception {
        insertAllKinds(database);
        AtomicInteger rows = new AtomicInteger();
        Cursor cursor = new JdbcTableReader(node.pool(), cursors).read(TABLE, ALL, row -> {
            if (rows.incrementAndGet() == 1) {
                try {
                    Installed.execute(database, "INSERT INTO \"Od.d\".kinds (id) VALUES (77)");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        assertThat(rows).hasValue(6);
        Installed.execute(database, "INSERT INTO \"Od.d\".kinds (id) VALUES (78)"); // the sentinel
        List<String> told = new ArrayList<>();
        while (!told.contains("{\"id\" : 78}")) {
            Batch batch = feed.next(cursor, ALL).batch().get(60, TimeUnit.SECONDS);
            batch.changes().forEach(change -> told.add(change.key()));
            cursor = batch.cursor();
        }
        assertThat(told).containsExactly("{\"id\" : 77}", "{\"id\" : 78}");
    }

    @Test
    @Evidence(
            guarantee = "read-then-follow",
            how = "one transaction for all",
            brokenOnce = "JdbcTableReader.read: READ COMMITTED")
    void severalTablesAreReadAtOnePoint(TestDatabase database) throws Exception {
        Installed.execute(database, "TRUNCATE testtype; INSERT INTO testtype (val) VALUES ('before')");
        insertAllKinds(database);
        List<String> read = new ArrayList<>();
        Cursor cursor = new JdbcTableReader(node.pool(), cursors).read(List.of("testtype", TABLE), (table, row) -> {
            if (read.isEmpty()) {
                try { // before the second table is read
                    Installed.execute(database, "INSERT INTO \"Od.d\".kinds (id) VALUES (77)");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
            read.add(table);
        });
        assertThat(read).hasSize(7).startsWith("testtype").containsOnlyOnce("testtype");
        Filter both = Filter.tables("testtype", TABLE);
        Batch batch = feed.next(cursor, both).batch().get(60, TimeUnit.SECONDS);
        assertThat(batch.changes()).extracting(Change::key).containsExactly("{\"id\" : 77}");
        assertThatThrownBy(() ->
                        new JdbcTableReader(node.pool(), cursors).read(List.of("testtype", "nowhere"), (t, r) -> {}))
                .isInstanceOf(RepositoryException.NotTracked.class)
                .hasMessageContaining("nowhere");
    }

    private static String change(Random random) {
        int id = 1 + random.nextInt(8);
        return switch (random.nextInt(6)) {
            case 0 -> "DELETE FROM \"Od.d\".kinds WHERE id = " + id;
            case 1 -> "UPDATE \"Od.d\".kinds SET flag = NOT flag, num = num + 0.00 WHERE id = " + id;
            case 2 -> "UPDATE \"Od.d\".kinds SET m = 'bad', \"Int\" = 7, txt = 'a' WHERE id = " + id;
            case 3 -> "UPDATE \"Od.d\".kinds SET num = 1.50, m = 'good', \"Int\" = 8 WHERE id = " + id;
            case 4 -> "UPDATE \"Od.d\".kinds SET secret = secret || 'x', bytes = bytes || '\\x01' WHERE id = " + id;
            default ->
                "INSERT INTO \"Od.d\".kinds (id, num, flag, m, txt, at) VALUES (" + id
                        + ", 1.50, true, 'bad', 'a', now()) ON CONFLICT DO NOTHING";
        };
    }

    private static Read<Map<String, String>> asMap(Read<List<Row>> read) {
        Map<String, String> rows = new TreeMap<>();
        read.value().forEach(row -> assertThat(rows.put(row.key(), row.row())).isNull());
        return new Read<>(rows, read.cursor());
    }

    /** As a client that filters does it: what no longer matches is dropped. The marker is the last that was written. */
    private static Map<String, String> follow(Read<Map<String, String>> from, Filter filter, String marker)
            throws Exception {
        Set<Term> terms = new HashSet<>(filter.terms());
        terms.add(new Term("testtype", "val", marker));
        Map<String, String> rows = new TreeMap<>(from.value());
        Cursor cursor = from.cursor();
        while (true) {
            Batch batch = feed.next(cursor, new Filter(terms)).batch().get(60, TimeUnit.SECONDS);
            for (Change change : batch.changes()) {
                String key = String.valueOf(change.key());
                if (change.table().equals("testtype")) {
                    return rows;
                } else if (change.newRow() != null && matches(filter, change.newRow())) {
                    rows.put(key, change.newRow());
                } else {
                    rows.remove(key);
                }
            }
            cursor = batch.cursor();
        }
    }

    /** Without the product's own matcher. */
    private static boolean matches(Filter filter, String row) {
        return filter.terms().stream()
                .anyMatch(term -> term.column() == null
                        || row.contains("\"" + term.column() + "\":" + term.value() + ",")
                        || row.contains("\"" + term.column() + "\":\"" + term.value() + "\","));
    }

    /** A TRUNCATE removes rows also from the snapshots of before; so the read's snapshot must not be one of them. */
    @Test
    @Evidence(
            guarantee = "read-then-follow",
            claim = "A TRUNCATE that begins together with a read does not make rows vanish from the read",
            how = "the table's lock is taken before the snapshot",
            brokenOnce = "JdbcTableReader.read: no LOCK TABLE")
    void aReadThatWaitsForATruncateShowsThePointAfterIt(TestDatabase database) throws Exception {
        insertAllKinds(database);
        TableReader reader = new JdbcTableReader(node.pool(), cursors);
        CompletableFuture<Read<List<Row>>> reading;
        try (Connection writer = database.connect();
                Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.execute("TRUNCATE \"Od.d\".kinds");
            reading = CompletableFuture.supplyAsync(() -> reader.read(TABLE, ALL));
            while (!Installed.rows(
                            database,
                            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = '\"Od.d\".kinds'::regclass)")
                    .equals(List.of("t"))) {
                assertThat(reading).isNotDone();
            }
            writer.commit();
        }
        Read<List<Row>> read = reading.get(60, TimeUnit.SECONDS);
        assertThat(read.value()).isEmpty();
        Installed.execute(database, "INSERT INTO \"Od.d\".kinds (id) VALUES (1)");
        Batch next = feed.next(read.cursor(), ALL).batch().get(60, TimeUnit.SECONDS);
        assertThat(next.changes()).extracting(Change::operation).containsExactly(Operation.INSERT);
    }

    /** A zero byte is text to JSON, and none to PostgreSQL. */
    @Test
    @Evidence(guarantee = "same-values", recordedAt = "TableReaderIT.aFilterMeansTheSameAsInTheFeedForEveryTypeAndText")
    void aJsonThatNoTextCanHoldHindersNoFilter(TestDatabase database) throws SQLException {
        Installed.execute(
                database,
                "INSERT INTO \"Od.d\".kinds (id, txt, doc) VALUES (1, 'a', '\"\\u0000\"'), (2, 'b', '\"\\ud800\"')");
        assertThat(new JdbcTableReader(node.pool(), cursors)
                        .read(TABLE, new Filter(Set.of(new Term(TABLE, "txt", "a"))))
                        .value())
                .extracting(Row::key)
                .containsExactly("{\"id\" : 1}");
    }

    @Test
    void anIndexHelps(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE many (id bigint PRIMARY KEY, v text);
                SELECT pbp.track('many');
                INSERT INTO many SELECT n, n FROM generate_series(1, 10000) n;
                CREATE INDEX ON many (v);
                ANALYZE many""");
        for (Term term : List.of(new Term("many", "id", "77"), new Term("many", "v", "77"))) {
            try (Connection connection = database.connect()) {
                TableQuery query =
                        TableQuery.of(connection, "many", List.of(term)).orElseThrow();
                String literal = query.sql().replace("?::text", "'77'");
                assertThat(Installed.rows(database, "EXPLAIN " + literal).toString())
                        .contains("Index");
            }
        }
    }

    @Test
    void aTableThatIsNotTrackedIsNamed(TestDatabase database) {
        TableReader reader = new JdbcTableReader(node.pool(), cursors);
        for (String table : List.of("nowhere", "pg_catalog.pg_authid", "x\"; DROP TABLE testtype; --")) {
            assertThatThrownBy(() -> reader.read(table, Filter.tables(table)))
                    .isInstanceOf(RepositoryException.NotTracked.class)
                    .hasMessageStartingWith(table + ": is not tracked");
        }
        assertThatThrownBy(() -> reader.read(TABLE, Filter.tables("testtype")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(TABLE);
    }

    @Test
    void aRoleReadsWhatItMay(TestDatabase database) throws SQLException {
        insertAllKinds(database);
        String role = database.name() + "_reader";
        Installed.execute(database, "CREATE ROLE " + role);
        try {
            JdbcTableReader reader = new JdbcTableReader(node.pool(), cursors).as(Principal.of(role));
            assertThatThrownBy(() -> reader.read(TABLE, ALL)).isInstanceOf(RepositoryException.Forbidden.class);
            Installed.execute(
                    database,
                    "GRANT USAGE ON SCHEMA \"Od.d\" TO " + role + "; GRANT SELECT ON \"Od.d\".kinds TO " + role
                            + "; ALTER TABLE \"Od.d\".kinds ENABLE ROW LEVEL SECURITY;"
                            + " CREATE POLICY few ON \"Od.d\".kinds USING (id < 3)");
            assertThat(reader.read(TABLE, ALL).value())
                    .extracting(Row::key)
                    .containsExactlyInAnyOrder("{\"id\" : 1}", "{\"id\" : 2}");
        } finally {
            Installed.execute(
                    database,
                    "DROP POLICY IF EXISTS few ON \"Od.d\".kinds; ALTER TABLE \"Od.d\".kinds DISABLE ROW LEVEL SECURITY;"
                            + " DROP OWNED BY " + role + "; DROP ROLE " + role);
        }
    }
}
