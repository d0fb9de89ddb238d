package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.model.Comparison;
import dev.pbp.core.model.Comparison.Operator;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.RowQuery;
import dev.pbp.core.model.SortKey;
import dev.pbp.core.model.TableDescription;
import dev.pbp.core.model.Tables;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Reads of any tracked table, compared with SELECT. */
@PostgresTest
class TablesIT {
    /** Values of each type, as SQL's text; the middle one is compared with. */
    private static final Map<String, List<String>> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("bool", List.of("f", "t", "t"));
        TYPES.put("int2", List.of("-1", "2", "30000"));
        TYPES.put("int4", List.of("-1", "2", "10"));
        TYPES.put("int8", List.of("-1", "9007199254740993", "9007199254740994"));
        TYPES.put("numeric", List.of("-0.5", "1.10", "1e30"));
        TYPES.put("float4", List.of("-0.5", "1.1", "NaN"));
        TYPES.put("float8", List.of("-Infinity", "1e-7", "3"));
        TYPES.put("text", List.of("a", "B%", "b\\c"));
        TYPES.put("varchar(20)", List.of("a", "Bb", "bb"));
        TYPES.put("char(4)", List.of("a", "B", "b"));
        TYPES.put("name", List.of("a", "B", "b"));
        TYPES.put("\"char\"", List.of("a", "B", "b"));
        TYPES.put("bytea", List.of("\\x00", "\\x4201", "\\xff"));
        TYPES.put("date", List.of("2020-02-29", "2026-11-30", "infinity"));
        TYPES.put("time", List.of("00:00", "12:34:56.789", "24:00"));
        TYPES.put("timetz", List.of("00:00+00", "12:34+02", "23:00-05"));
        TYPES.put("timestamp", List.of("-infinity", "2026-11-30 12:00", "2027-01-01"));
        TYPES.put("timestamptz", List.of("2026-11-30 11:00+00", "2026-11-30 13:00+02", "2027-01-01 00:00Z"));
        TYPES.put("interval", List.of("-1 day", "1 mon", "30 days"));
        TYPES.put(
                "uuid",
                List.of(
                        "00000000-0000-0000-0000-000000000000",
                        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                        "ffffffff-ffff-ffff-ffff-ffffffffffff"));
        TYPES.put("json", List.of("1", "{}", "[]"));
        TYPES.put("jsonb", List.of("1", "{\"a\": [1, 2]}", "[]"));
        TYPES.put("inet", List.of("10.0.0.1", "10.0.0.0/8", "::1"));
        TYPES.put("macaddr", List.of("08:00:2b:01:02:03", "08:00:2b:01:02:04", "ff:ff:ff:ff:ff:ff"));
        TYPES.put("bit(4)", List.of("0000", "0101", "1111"));
        TYPES.put("point", List.of("(0,0)", "(1,1)", "(2,2)"));
        TYPES.put("box", List.of("(1,1),(0,0)", "(2,2),(1,1)", "(3,3),(0,0)"));
        TYPES.put("int4range", List.of("[1,2)", "[1,5)", "empty"));
        TYPES.put("int[]", List.of("{1}", "{1,2}", "{}"));
        TYPES.put("text[]", List.of("{a}", "{\"b,c\",NULL}", "{}"));
        TYPES.put("tsvector", List.of("a", "b c", "d"));
        TYPES.put("oid", List.of("1", "2", "4294967295"));
        TYPES.put("mood", List.of("good", "fair", "bad"));
        TYPES.put("positive", List.of("1", "2", "10"));
    }

    private static final Map<Operator, String> SYMBOLS = Map.of(
            Operator.EQ, "=",
            Operator.NEQ, "<>",
            Operator.GT, ">",
            Operator.GTE, ">=",
            Operator.LT, "<",
            Operator.LTE, "<=",
            Operator.LIKE, "~~",
            Operator.ILIKE, "~~*",
            Operator.IN, "=");

    private static TestDatabase database;
    private static FeedNode node;
    private static PostgresChangeFeed feed;
    private static Tables tables;

    @BeforeAll
    static void start(TestDatabase given) throws SQLException {
        database = given;
        Installed.in(database);
        StringBuilder columns = new StringBuilder("id int PRIMARY KEY");
        StringBuilder values = new StringBuilder();
        for (int n = 0; n < 3; n++) {
            values.append("INSERT INTO kinds VALUES (").append(n);
            for (Map.Entry<String, List<String>> type : TYPES.entrySet()) {
                if (n == 0) {
                    columns.append(", \"c ")
                            .append(quoted(type.getKey()))
                            .append("\" ")
                            .append(type.getKey());
                }
                values.append(", '")
                        .append(type.getValue().get(n).replace("'", "''"))
                        .append('\'');
            }
            values.append(n == 0 ? ", (1, 'x')" : ", NULL").append(");");
        }
        Installed.execute(database, """
                CREATE TYPE mood AS ENUM ('good', 'fair', 'bad');
                CREATE DOMAIN positive AS int CHECK (VALUE > 0);
                CREATE TYPE pair AS (a int, b text);
                CREATE TABLE kinds (%s, pair pair);
                %s
                INSERT INTO kinds (id) VALUES (3);
                INSERT INTO kinds (id, pair) VALUES (4, (NULL, NULL));
                SELECT pbp.track('kinds');
                CREATE SCHEMA shop;
                CREATE TABLE shop."Lines" (b text, a int, note text, secret text, PRIMARY KEY (b, a));
                INSERT INTO shop."Lines" VALUES ('x', 2, 'n1', 's1'), ('x', 10, 'n2', 's2'), ('a,b', 1, NULL, 's3'), ('', 1, 'n0', 's4');
                SELECT pbp.track('shop."Lines"', ARRAY['secret']);
                CREATE COLLATION other (provider = icu, locale = 'und');
                CREATE TABLE collated (id text COLLATE "C" PRIMARY KEY, p text COLLATE "POSIX", u text COLLATE ucs_basic, n name,
                    o varchar(5) COLLATE other);
                SELECT pbp.track('collated');
                CREATE TABLE untracked (id int PRIMARY KEY);
                CREATE TABLE counted (id int PRIMARY KEY, n int);
                INSERT INTO counted SELECT g, 0 FROM generate_series(1, 100) g;
                SELECT pbp.track('counted');
                CREATE TABLE hidden (id int PRIMARY KEY);
                SELECT pbp.track('hidden');
                CREATE TABLE secured (id int PRIMARY KEY);
                ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
                SELECT pbp.track('secured');
                CREATE ROLE tables_reader;
                GRANT USAGE ON SCHEMA shop TO tables_reader;
                GRANT SELECT ON shop."Lines", kinds, counted, secured TO tables_reader;
                """.formatted(columns, values));
        node = new FeedNode(database);
        feed = node.feed();
        tables = new JdbcTables(node.pool(), node.cursors());
    }

    @AfterAll
    static void stop() throws SQLException {
        node.close();
        Installed.execute(database, "DROP OWNED BY tables_reader; DROP ROLE tables_reader");
    }

    private static boolean collatesByCodePoints() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT datcollate IN ('C', 'POSIX') FROM pg_database WHERE datname = current_database()")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static String quoted(String type) {
        return type.replace("\"", "\"\"");
    }

    /** Rows as they come, and the cursor before them. */
    private static final class Rows implements Tables.RowReceiver {
        private @Nullable Cursor cursor;
        private final List<String> all = new ArrayList<>();

        @Override
        public void begin(Cursor shown) {
            assertThat(cursor).isNull();
            assertThat(all).isEmpty();
            cursor = shown;
        }

        @Override
        public void row(byte[] json) {
            assertThat(cursor).isNotNull();
            all.add(new String(json, StandardCharsets.UTF_8));
        }
    }

    private static List<String> read(Tables from, RowQuery query) {
        Rows rows = new Rows();
        from.read(query, rows);
        assertThat(rows.cursor).isNotNull();
        return rows.all;
    }

    private static RowQuery where(String table, Comparison... comparisons) {
        return new RowQuery(table, List.of(comparisons), List.of(), List.of(), null, 0);
    }

    private static List<String> ids(RowQuery query) {
        RowQuery ids =
                new RowQuery(query.table(), query.where(), List.of("id"), query.order(), query.limit(), query.offset());
        return read(tables, ids).stream()
                .map(json -> json.replaceAll("\\D", ""))
                .toList();
    }

    @Test
    @Evidence(guarantee = "same-values", brokenOnce = "ReadableTable.symbol: LTE as `<`")
    void eachOperatorOfEachTypeIsPostgres() throws SQLException {
        int defined = 0;
        int undefined = 0;
        for (Map.Entry<String, List<String>> type : TYPES.entrySet()) {
            String column = "c " + type.getKey();
            String sql = "\"c " + quoted(type.getKey()) + "\"";
            String value = type.getValue().get(1);
            for (Map.Entry<Operator, String> operator : SYMBOLS.entrySet()) {
                for (boolean negated : List.of(false, true)) {
                    Comparison comparison = new Comparison(column, negated, operator.getKey(), List.of(value));
                    String condition = sql + " " + operator.getValue() + " '" + value.replace("'", "''") + "'"
                            + (operator.getValue().startsWith("~~") ? "::text" : "::" + base(type.getKey()));
                    List<String> expected;
                    try {
                        expected = Installed.rows(
                                database,
                                "SELECT id FROM kinds WHERE " + (negated ? "NOT " : "") + "(" + condition
                                        + ") ORDER BY id");
                    } catch (SQLException e) {
                        assertThat(e.getSQLState()).as(condition).isEqualTo("42883");
                        assertThatThrownBy(() -> ids(where("kinds", comparison)))
                                .as(condition)
                                .isInstanceOf(RepositoryException.InvalidQuery.class)
                                .hasMessageContaining(
                                        "operator " + operator.getKey().name().toLowerCase(Locale.ROOT));
                        undefined++;
                        continue;
                    }
                    assertThat(ids(where("kinds", comparison))).as(condition).isEqualTo(expected);
                    defined++;
                }
            }
        }
        assertThat(defined).isGreaterThan(400);
        assertThat(undefined).isGreaterThan(100);
    }

    /** A cast to char(4) would pad, and one to bit(4) cut. */
    private static String base(String type) {
        return type.startsWith("char(") ? "bpchar" : type.startsWith("bit") ? "\"bit\"" : type;
    }

    @Test
    void comparesWithListsNullsAndBooleans() {
        assertThat(ids(where("kinds", new Comparison("id", false, Operator.IN, List.of("0", "2", "7")))))
                .containsExactly("0", "2");
        assertThat(ids(where("kinds", new Comparison("id", false, Operator.IN, List.of()))))
                .isEmpty();
        assertThat(ids(where("kinds", new Comparison("c int[]", false, Operator.IN, List.of("{1}", "{}")))))
                .containsExactly("0", "2");
        assertThat(ids(where("kinds", new Comparison("c text", false, Operator.IS, List.of("null")))))
                .containsExactly("3", "4");
        assertThat(ids(where("kinds", new Comparison("c text", false, Operator.IS, List.of("not_null")))))
                .containsExactly("0", "1", "2");
        assertThat(ids(where("kinds", new Comparison("pair", true, Operator.IS, List.of("null")))))
                .as("a composite of nulls is not null")
                .containsExactly("0", "4");
        assertThat(ids(where("kinds", new Comparison("c bool", false, Operator.IS, List.of("true")))))
                .containsExactly("1", "2");
        assertThat(ids(where("kinds", new Comparison("c bool", false, Operator.IS, List.of("unknown")))))
                .containsExactly("3", "4");
        assertThat(ids(where(
                        "kinds",
                        new Comparison("id", false, Operator.GT, List.of("0")),
                        new Comparison("id", false, Operator.LT, List.of("2")))))
                .containsExactly("1");
    }

    @Test
    void sortsLimitsAndSelects() {
        List<SortKey> byFlag = List.of(new SortKey("c bool", true, false));
        assertThat(ids(new RowQuery("kinds", List.of(), List.of(), byFlag, null, 0)))
                .as("the key decides among equals")
                .containsExactly("1", "2", "0", "3", "4");
        assertThat(ids(new RowQuery("kinds", List.of(), List.of(), byFlag, 2L, 1)))
                .containsExactly("2", "0");
        assertThat(ids(new RowQuery("kinds", List.of(), List.of(), byFlag, 0L, 0)))
                .isEmpty();
        assertThat(ids(new RowQuery("kinds", List.of(), List.of(), List.of(new SortKey("c name", false, true)), 3L, 0)))
                .containsExactly("3", "4", "1");
        assertThat(read(
                        tables,
                        new RowQuery(
                                "shop.Lines",
                                List.of(),
                                List.of("note", "a"),
                                List.of(new SortKey("a", true, true)),
                                null,
                                0)))
                .containsExactly(
                        "{\"note\":\"n2\",\"a\":10}",
                        "{\"note\":\"n1\",\"a\":2}",
                        "{\"note\":\"n0\",\"a\":1}",
                        "{\"note\":null,\"a\":1}");
    }

    @Test
    void findsARowByAKeyOfSeveralColumns() {
        assertThat(tables.find("shop.Lines", List.of("a,b", "1")).map(json -> new String(json, StandardCharsets.UTF_8)))
                .hasValue("{\"b\":\"a,b\",\"a\":1,\"note\":null}");
        assertThat(tables.find("shop.Lines", List.of("", "1"))).isPresent();
        assertThat(tables.find("shop.Lines", List.of("x", "3"))).isEmpty();
        assertInvalid("key", () -> tables.find("shop.Lines", List.of("x")));
        assertInvalid("key", () -> tables.find("kinds", List.of("1", "2")));
        assertInvalid("a", () -> tables.find("shop.Lines", List.of("x", "y")));
    }

    @Test
    void namesWhatDoesNotFit() {
        assertInvalid("nope", () -> ids(where("kinds", new Comparison("nope", false, Operator.EQ, List.of("1")))));
        assertInvalid("id", () -> ids(where("kinds", new Comparison("id", false, Operator.EQ, List.of("1x")))));
        assertInvalid(
                "id", () -> ids(where("kinds", new Comparison("id", false, Operator.IN, List.of("1", "9999999999")))));
        assertInvalid("id", () -> ids(where("kinds", new Comparison("id", false, Operator.IS, List.of("true")))));
        assertInvalid(
                "c mood", () -> ids(where("kinds", new Comparison("c mood", false, Operator.EQ, List.of("ugly")))));
        assertInvalid(
                "c text", () -> ids(where("kinds", new Comparison("c text", false, Operator.EQ, List.of("a\0")))));
        assertInvalid(
                "c text", () -> ids(where("kinds", new Comparison("c text", false, Operator.LIKE, List.of("a\0")))));
        assertInvalid("pair", () -> ids(where("kinds", new Comparison("pair", false, Operator.EQ, List.of("(1,x)")))));
        assertInvalid(
                "order",
                () -> ids(new RowQuery(
                        "kinds", List.of(), List.of(), List.of(new SortKey("c json", false, false)), null, 0)));
        assertInvalid(
                "order",
                () -> ids(new RowQuery(
                        "kinds", List.of(), List.of(), List.of(new SortKey("nope", false, false)), null, 0)));
        assertInvalid(
                "select", () -> read(tables, new RowQuery("kinds", List.of(), List.of("nope"), List.of(), null, 0)));
    }

    @Test
    void aColumnThatIsLeftOutDoesNotExist() {
        String asUnknown = message(() ->
                read(tables, where("shop.Lines", new Comparison("nope", false, Operator.EQ, List.of("s1")))));
        assertThat(message(() ->
                        read(tables, where("shop.Lines", new Comparison("secret", false, Operator.EQ, List.of("s1"))))))
                .isEqualTo(asUnknown.replace("nope", "secret"));
        assertThat(read(tables, RowQuery.all("shop.Lines"))).noneMatch(row -> row.contains("secret"));
    }

    @Test
    void aTableThatMayNotBeReadDoesNotExist() {
        Tables reader = tables.as("tables_reader");
        assertThat(read(reader, RowQuery.all("shop.Lines"))).hasSize(4);
        for (String name : List.of("hidden", "untracked", "nope", "public.kinds", "pg_class", "x\0y")) {
            assertThatThrownBy(() -> read(reader, RowQuery.all(name)))
                    .as(name)
                    .isInstanceOf(RepositoryException.NotTracked.class)
                    .hasMessage(new RepositoryException.NotTracked(name).getMessage());
        }
        assertThatThrownBy(() -> read(tables.as("nobody"), RowQuery.all("kinds")))
                .isInstanceOf(RepositoryException.NotTracked.class);
        assertThatThrownBy(() -> read(reader, RowQuery.all("secured")))
                .isInstanceOf(RepositoryException.Forbidden.class);
    }

    /** A table of before is used for a second at most, and for none if it is another now. */
    @Test
    @Evidence(
            guarantee = "role-rights",
            claim =
                    "What a read finds in the catalog counts at once: rights, row-level security, columns that are left out",
            brokenOnce = "TableCache.find: `known.version` not compared")
    void whatChangesInTheCatalogCountsAtOnce() throws SQLException {
        Installed.execute(
                database,
                "CREATE TABLE changing (id int PRIMARY KEY, a text, b int); INSERT INTO changing VALUES (1, 'x', 2);"
                        + " GRANT SELECT ON changing TO tables_reader; SELECT pbp.track('changing')");
        Tables reader = tables.as("tables_reader");
        RowQuery all = RowQuery.all("changing");
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("SELECT", "{\"id\":1,\"a\":\"x\",\"b\":2}");
        expected.put("ALTER TABLE changing ADD c int DEFAULT 3", "{\"id\":1,\"a\":\"x\",\"b\":2,\"c\":3}");
        expected.put("ALTER TABLE changing RENAME a TO d", "{\"id\":1,\"d\":\"x\",\"b\":2,\"c\":3}");
        expected.put("ALTER TABLE changing ALTER b TYPE text", "{\"id\":1,\"d\":\"x\",\"b\":\"2\",\"c\":3}");
        expected.put("ALTER TABLE changing DROP c", "{\"id\":1,\"d\":\"x\",\"b\":\"2\"}");
        expected.put("SELECT pbp.track('changing', '{b}')", "{\"id\":1,\"d\":\"x\"}");
        expected.put("ALTER TABLE changing DROP CONSTRAINT changing_pkey, ADD PRIMARY KEY (d)", null);
        expected.put("SELECT pbp.track('changing', '{b}') -- again", "{\"id\":1,\"d\":\"x\"}");
        for (Map.Entry<String, String> step : expected.entrySet()) {
            Installed.execute(database, step.getKey());
            if (step.getValue() != null) {
                assertThat(read(reader, all)).as(step.getKey()).containsExactly(step.getValue());
                assertThat(read(tables, all)).as(step.getKey()).containsExactly(step.getValue());
            }
        }
        assertThat(reader.find("changing", List.of("x"))).isPresent();
        Installed.execute(database, "REVOKE SELECT ON changing FROM tables_reader");
        assertThatThrownBy(() -> read(reader, all)).isInstanceOf(RepositoryException.NotTracked.class);
        assertThat(read(tables, all)).hasSize(1);
        Installed.execute(database, "ALTER TABLE changing ENABLE ROW LEVEL SECURITY");
        assertThatThrownBy(() -> read(tables, all)).isInstanceOf(RepositoryException.Forbidden.class);
        Installed.execute(
                database,
                "ALTER TABLE changing DISABLE ROW LEVEL SECURITY; ALTER TABLE changing RENAME TO changed; SELECT pbp.untrack('changed')");
        for (String name : List.of("changing", "changed")) {
            assertThatThrownBy(() -> read(tables, RowQuery.all(name)))
                    .isInstanceOf(RepositoryException.NotTracked.class);
        }
        Installed.execute(database, "DROP TABLE changed");
    }

    @Test
    void describesWhatMayBeRead() throws SQLException {
        String byDefault = collatesByCodePoints() ? "C" : "default";
        assertThat(tables.describe())
                .extracting(TableDescription::name)
                .containsExactly("collated", "counted", "hidden", "kinds", "shop.Lines", "testtype");
        List<TableDescription> read = tables.as("tables_reader").describe();
        assertThat(read).extracting(TableDescription::name).containsExactly("counted", "kinds", "shop.Lines");
        assertThat(read.get(2))
                .isEqualTo(new TableDescription(
                        "shop.Lines",
                        List.of("b", "a"),
                        List.of(
                                new TableDescription.Column("b", "text", byDefault),
                                new TableDescription.Column("a", "integer", null),
                                new TableDescription.Column("note", "text", byDefault)),
                        false));
        assertThat(read.get(1).columns())
                .contains(new TableDescription.Column("c varchar(20)", "character varying(20)", byDefault));
    }

    @Test
    void namesCollationsAndWhichOfThemCompareByCodePoints() {
        TableDescription collated = tables.describe().stream()
                .filter(table -> table.name().equals("collated"))
                .findFirst()
                .orElseThrow();
        assertThat(collated.columns())
                .extracting(TableDescription.Column::collation)
                .containsExactly("C", "C", "C", "C", "other");
    }

    @Test
    @Evidence(guarantee = "read-then-follow", brokenOnce = "TableAccess.read: at READ COMMITTED")
    void theCursorIsThePointOfTheRead() throws Exception {
        Rows rows = new Rows();
        tables.as("tables_reader").read(RowQuery.all("counted"), new Tables.RowReceiver() {
            @Override
            public void begin(Cursor cursor) {
                rows.begin(cursor);
                try {
                    Installed.execute(database, "UPDATE counted SET n = 1 WHERE id = 100");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void row(byte[] json) {
                rows.row(json);
            }
        });
        assertThat(rows.all).hasSize(100).allMatch(row -> row.contains("\"n\":0"));
        Batch next = feed.next(Objects.requireNonNull(rows.cursor), Filter.tables("counted"))
                .batch()
                .get(30, TimeUnit.SECONDS);
        assertThat(next.changes())
                .singleElement()
                .satisfies(change -> assertThat(change.newRow()).contains("\"id\":100,\"n\":1"));
    }

    private static void assertInvalid(String field, Runnable read) {
        assertThatThrownBy(read::run)
                .isInstanceOfSatisfying(
                        RepositoryException.InvalidQuery.class,
                        invalid -> assertThat(invalid.field()).isEqualTo(field));
    }

    private static String message(Runnable read) {
        try {
            read.run();
        } catch (RepositoryException e) {
            return String.valueOf(e.getMessage());
        }
        throw new AssertionError("the read was not rejected");
    }
}
