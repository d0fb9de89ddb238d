package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.RepositoryException.Rule;
import dev.pbp.core.model.Tables;
import dev.pbp.core.model.Tables.RowValues;
import dev.pbp.core.model.Tables.WrittenRow;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Writes of any tracked table. */
@PostgresTest
class TableWritesIT {
    /** A type, a value as JSON, and the same as PostgreSQL's text. */
    private static final String[][] VALUES = {
        {"bool", "true", "t"},
        {"bool", "\"off\"", "f"},
        {"int2", "-32768", "-32768"},
        {"int4", "\"7\"", "7"},
        {"int8", "9223372036854775807", "9223372036854775807"},
        {"numeric", "12345678901234567890.12345678901234567890", "12345678901234567890.12345678901234567890"},
        {"numeric", "1.10", "1.10"},
        {"numeric", "1E+400", "1e400"},
        {"numeric(5,1)", "3.14159", "3.1"},
        {"float8", "1e-7", "1e-7"},
        {"float4", "\"NaN\"", "NaN"},
        {"text", "\"\\u00fc\\\"\\\\\\n\\ud83d\\ude00\"", "ü\"\\\n😀"},
        {"text", "-12", "-12"},
        {"text", "true", "true"},
        {"varchar(3)", "\"abc\"", "abc"},
        {"char(4)", "\"ab\"", "ab"},
        {"bpchar", "\"ab  \"", "ab  "},
        {"\"char\"", "\"x\"", "x"},
        {"name", "\"n\"", "n"},
        {"bytea", "\"\\\\x00ff\"", "\\x00ff"},
        {"date", "\"2026-02-28\"", "2026-02-28"},
        {"time(1)", "\"12:34:56.78\"", "12:34:56.8"},
        {"timestamptz", "\"2026-11-30T12:00:00\"", "2026-11-30 12:00:00+00"},
        {"timestamptz(0)", "\"2026-11-30T12:00:00.4+02:00\"", "2026-11-30 10:00:00+00"},
        {"interval", "\"P1DT2H\"", "P1DT2H"},
        {"interval day to second(0)", "\"1 day 1.4 seconds\"", "P1DT1S"},
        {"uuid", "\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\"", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
        {"json", "{\"b\":1.10, \"a\":[null,\"\\u0041\"]}", "{\"b\":1.10, \"a\":[null,\"\\u0041\"]}"},
        {"jsonb", "{\"b\":1.10,\"a\":[]}", "{\"a\": [], \"b\": 1.10}"},
        {"jsonb", "\"text\"", "\"text\""},
        {"jsonb", "5", "5"},
        {"inet", "\"10.0.0.1/8\"", "10.0.0.1/8"},
        {"bit(4)", "\"0101\"", "0101"},
        {"bit varying", "\"01\"", "01"},
        {"point", "\"(1,2)\"", "(1,2)"},
        {"int4range", "\"[1,5)\"", "[1,5)"},
        {"int[]", "[1,null,3]", "{1,NULL,3}"},
        {"int[]", "[[1,2],[3,4]]", "{{1,2},{3,4}}"},
        {"int[]", "\"{5,6}\"", "{5,6}"},
        {"text[]", "[\"a,b\",\"NULL\",\"\",null]", "{\"a,b\",\"NULL\",\"\",NULL}"},
        {"numeric(4,1)[]", "[1.25, 2]", "{1.3,2.0}"},
        {"jsonb[]", "[{\"a\":1},null,\"x\"]", "{\"{\\\"a\\\": 1}\",NULL,\"\\\"x\\\"\"}"},
        {"tsvector", "\"a b\"", "'a' 'b'"},
        {"oid", "4294967295", "4294967295"},
        {"regclass", "\"pg_class\"", "pg_class"},
        {"xml", "\"<a/>\"", "<a/>"},
        {"money", "\"12.34\"", "12.34"},
        {"\"My.mood\"", "\"fair\"", "fair"},
        {"\"My.mood\"[]", "[\"fair\"]", "{fair}"},
        {"positive", "5", "5"},
        {"pair", "{\"b\":\"x\",\"a\":1}", "(1,x)"},
        {"pair", "\"(2,y)\"", "(2,y)"},
        {"pair[]", "[{\"a\":1,\"b\":\"q\\\"\"}]", "{\"(1,\\\"q\\\"\\\"\\\")\"}"},
        {"document", "[1,{}]", "[1, {}]"},
    };

    private static TestDatabase database;
    private static FeedNode node;
    private static Tables tables;

    @BeforeAll
    static void start(TestDatabase given) throws SQLException {
        database = given;
        Installed.in(database);
        StringBuilder columns = new StringBuilder();
        for (int i = 0; i < VALUES.length; i++) {
            columns.append(", c").append(i).append(' ').append(VALUES[i][0]);
        }
        Installed.execute(database, """
                CREATE TYPE "My.mood" AS ENUM ('good', 'fair');
                CREATE DOMAIN positive AS int CONSTRAINT above_zero CHECK (VALUE > 0);
                CREATE DOMAIN document AS jsonb;
                CREATE TYPE pair AS (a int, b text);
                CREATE TABLE kinds (id int PRIMARY KEY%s);
                SELECT pbp.track('kinds');
                CREATE TABLE made (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    item text NOT NULL DEFAULT 'thing', n int DEFAULT 7, twice int GENERATED ALWAYS AS (n * 2) STORED,
                    other int GENERATED BY DEFAULT AS IDENTITY, secret text, of_made bigint REFERENCES made,
                    p positive, CONSTRAINT low CHECK (n < 100), CONSTRAINT one_item UNIQUE (item) DEFERRABLE INITIALLY DEFERRED);
                SELECT pbp.track('made', '{secret}');
                CREATE SCHEMA "Sh.op";
                CREATE TABLE "Sh.op"."Odd Lines" ("a""b" text COLLATE "C", "when" timestamptz, "select" "My.mood", note json,
                    PRIMARY KEY ("when", "a""b"));
                SELECT pbp.track('"Sh.op"."Odd Lines"');
                CREATE TABLE parts (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
                CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
                CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
                SELECT pbp.track('parts');
                CREATE TABLE texts (id pair PRIMARY KEY, n int);
                SELECT pbp.track('texts');
                CREATE TABLE notes (t text);
                CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO notes VALUES (TG_OP); -- found by the session's search path
                    IF TG_OP = 'DELETE' THEN
                        IF OLD.v = 'keep' THEN RETURN NULL; END IF;
                        RETURN OLD;
                    END IF;
                    IF NEW.v = 'skip' THEN RETURN NULL; END IF;
                    IF NEW.v = 'raise' THEN RAISE 'not %%', NEW.v USING ERRCODE = 'P0001'; END IF;
                    NEW.v := upper(NEW.v);
                    RETURN NEW;
                END $$;
                CREATE FUNCTION after() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF NEW.v = 'GONE' THEN DELETE FROM triggered WHERE id = NEW.id; END IF;
                    IF NEW.v = 'MORE' THEN UPDATE triggered SET v = 'more!' WHERE id = NEW.id; END IF;
                    RETURN NULL;
                END $$;
                CREATE TABLE triggered (id int PRIMARY KEY, v text);
                CREATE TRIGGER note BEFORE INSERT OR UPDATE OR DELETE ON triggered FOR EACH ROW EXECUTE FUNCTION note();
                CREATE TRIGGER after AFTER INSERT OR UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION after();
                SELECT pbp.track('triggered');
                CREATE TABLE counted (id int PRIMARY KEY, n int);
                SELECT pbp.track('counted');
                CREATE TABLE granted (id int PRIMARY KEY, open text, closed text);
                SELECT pbp.track('granted');
                CREATE TABLE secured (id int PRIMARY KEY);
                ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
                SELECT pbp.track('secured');
                CREATE TABLE untracked (id int PRIMARY KEY);
                CREATE ROLE tables_writer;
                GRANT SELECT ON granted, secured, counted TO tables_writer;
                GRANT INSERT (id, open), UPDATE (open) ON granted TO tables_writer;
                GRANT DELETE ON counted TO tables_writer;
                """.formatted(columns));
        node = new FeedNode(database);
        tables = new JdbcTables(node.pool(), node.cursors());
    }

    @AfterAll
    static void stop() throws SQLException {
        node.close();
        Installed.execute(database, "DROP OWNED BY tables_writer; DROP ROLE tables_writer");
    }

    private static RowValues json(String... namesAndValues) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new RowValues(values, true);
    }

    private static RowValues text(String... namesAndValues) {
        return new RowValues(json(namesAndValues).byColumn(), false);
    }

    private static String row(WrittenRow written) {
        return new String(written.json(), StandardCharsets.UTF_8);
    }

    private static String version(WrittenRow written) {
        return Tables.version(written.json());
    }

    private static List<String> rows(String sql) {
        try {
            return Installed.rows(database, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void execute(String sql) {
        try {
            Installed.execute(database, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertInvalid(String field, String message, Runnable write) {
        assertThatThrownBy(write::run)
                .isInstanceOfSatisfying(
                        RepositoryException.InvalidQuery.class,
                        invalid -> assertThat(invalid.field()).isEqualTo(field))
                .hasMessageContaining(message);
    }

    @Test
    @Evidence(
            guarantee = "same-values",
            claim = "A value of each type is stored as PostgreSQL converts its text",
            brokenOnce = "RowWrite.source: every value as text")
    void eachTypeTakesWhatPostgresTakes() {
        for (int i = 0; i < VALUES.length; i++) {
            String column = "c" + i;
            tables.insert("kinds", json("id", String.valueOf(i), column, VALUES[i][1]));
            String literal = "'" + VALUES[i][2].replace("'", "''") + "'";
            assertThat(rows("SELECT format('%s', " + column + ") = format('%s', " + literal + "::" + VALUES[i][0]
                            + "), format('%s', " + column + ") FROM kinds WHERE id = " + i))
                    .as(VALUES[i][0] + " " + VALUES[i][1])
                    .singleElement()
                    .asString()
                    .startsWith("t");
            assertThat(row(tables.update("kinds", List.of(String.valueOf(i)), json(column, "null"), null)))
                    .contains("\"" + column + "\":null");
        }
        execute("TRUNCATE kinds");
    }

    @Test
    void textOfAFormIsPostgresText() {
        for (int i = 0; i < VALUES.length; i++) {
            String literal = "'" + VALUES[i][2].replace("'", "''") + "'";
            tables.insert("kinds", text("id", String.valueOf(i), "c" + i, VALUES[i][2]));
            assertThat(rows("SELECT format('%s', c" + i + ") = format('%s', " + literal + "::" + VALUES[i][0]
                            + ") FROM kinds WHERE id = " + i))
                    .as(VALUES[i][0] + " " + VALUES[i][2])
                    .containsExactly("t");
        }
        execute("TRUNCATE kinds");
    }

    @Test
    void defaultsIdentitiesAndGeneratedColumnsAreThoseOfPostgres() {
        WrittenRow empty = tables.insert("made", json());
        assertThat(row(empty)).matches("\\{\"id\":\\d+,\"item\":\"thing\",\"n\":7,\"twice\":14,\"other\":\\d+,.*}");
        assertThat(empty.txid()).isNotNull();
        List<String> key = empty.key();
        WrittenRow changed = tables.update("made", key, json("item", "\"b\"", "n", "null", "other", "3"), null);
        assertThat(row(changed)).contains("\"item\":\"b\",\"n\":null,\"twice\":null,\"other\":3,");
        WrittenRow replaced =
                tables.replace("made", key, json("id", key.get(0), "item", "\"c\""), Set.of(version(changed)));
        assertThat(row(replaced)).contains("\"item\":\"c\",\"n\":7,\"twice\":14,\"other\":3,");
        assertThat(replaced.key()).isEqualTo(key);
        assertInvalid("twice", "generated always", () -> tables.insert("made", json("twice", "4")));
        assertInvalid("id", "generated always", () -> tables.insert("made", json("id", "4")));
        assertInvalid("id", "generated always", () -> tables.update("made", key, json("id", "99999"), null));
        assertInvalid("secret", "has no column", () -> tables.update("made", key, json("secret", "\"s\""), null));
        assertInvalid("nope", "has no column", () -> tables.insert("made", json("nope", "1")));
        tables.delete("made", key, null);
        assertThat(rows("SELECT id FROM made")).isEmpty();
    }

    @Test
    void aKeyOfAnyTypesAndNamesIsWrittenAndMayChange() {
        String table =
                rows("SELECT name FROM pbp.tracked WHERE name LIKE '%Odd%'").get(0);
        WrittenRow written = tables.insert(
                table, json("a\"b", "\"x/y,'\\\\ ?\"", "when", "\"2026-11-30T12:00Z\"", "select", "\"good\""));
        assertThat(written.key()).containsExactly("2026-11-30 12:00:00+00", "x/y,'\\ ?");
        WrittenRow moved = tables.update(
                table,
                List.of("2026-11-30T13:00+01", "x/y,'\\ ?"),
                json("a\"b", "\"z\"", "note", "{\"k\": 1}"),
                Set.of(version(written)));
        assertThat(moved.key()).containsExactly("2026-11-30 12:00:00+00", "z");
        assertThat(row(moved)).endsWith("\"select\":\"good\",\"note\":{\"k\": 1}}");
        assertThatThrownBy(() -> tables.update(table, written.key(), json("note", "1"), null))
                .isInstanceOf(RepositoryException.NotFound.class)
                .hasMessageContaining("no row with when 2026-11-30 12:00:00+00, a\"b x/y");
        assertInvalid("key", "got 1 value", () -> tables.update(table, List.of("z"), json("note", "1"), null));
        assertInvalid("when", "is not a value", () -> tables.delete(table, List.of("never", "z"), Set.of("version")));
        tables.delete(table, moved.key(), Set.of(version(moved)));

        WrittenRow pair = tables.insert("texts", json("id", "{\"a\":1,\"b\":\"q\"}", "n", "1"));
        assertThat(pair.key()).containsExactly("(1,q)");
        assertThat(tables.find("texts", pair.key()))
                .hasValueSatisfying(found -> assertThat(found).isEqualTo(pair.json()));
        assertThat(row(tables.update("texts", pair.key(), json("n", "2"), Set.of(version(pair)))))
                .contains("\"n\":2");
    }

    @Test
    void aRowOfAPartitionedTableMovesToWhereItBelongs() {
        tables.insert("parts", json("id", "1", "day", "\"2026-02-01\""));
        WrittenRow moved = tables.update("parts", List.of("1", "2026-02-01"), json("day", "\"2026-08-01\""), null);
        assertThat(moved.key()).containsExactly("1", "2026-08-01");
        assertThat(rows("SELECT id FROM parts_2")).containsExactly("1");
        assertThatThrownBy(() -> tables.insert("parts", json("id", "1", "day", "\"2030-01-01\"")))
                .isInstanceOf(RepositoryException.Violated.class);
        tables.delete("parts", moved.key(), Set.of(version(moved)));
        assertThat(rows("SELECT id FROM parts")).isEmpty();
    }

    @Test
    void theFeedHasTheTransactionAndNoneWhereNothingChanged() throws Exception {
        Cursor cursor = node.feed().position();
        WrittenRow inserted = tables.insert("counted", json("id", "50", "n", "1"));
        WrittenRow same = tables.update("counted", List.of("50"), json("n", "1"), null);
        WrittenRow nothing = tables.update("counted", List.of("50"), json(), Set.of(version(inserted)));
        WrittenRow key = tables.update("counted", List.of("50"), json("id", "50"), Set.of(version(inserted)));
        WrittenRow updated = tables.update("counted", List.of("50"), json("n", "2"), null);
        String deleted = tables.delete("counted", List.of("50"), Set.of(version(updated)));
        assertThat(same.txid()).isNull();
        assertThat(same.json()).isEqualTo(inserted.json()).isEqualTo(nothing.json());
        assertThat(nothing.txid()).isNull();
        assertThat(key.txid()).isNull();
        List<String> seen = new ArrayList<>();
        while (!seen.contains(deleted)) {
            var batch =
                    node.feed().next(cursor, Filter.tables("counted")).batch().get(60, TimeUnit.SECONDS);
            batch.changes().stream()
                    .filter(change -> String.valueOf(change.key()).contains("50"))
                    .map(Change::txid)
                    .forEach(seen::add);
            cursor = batch.cursor();
        }
        assertThat(seen).containsExactly(inserted.txid(), updated.txid(), deleted);
    }

    @Test
    @Evidence(
            guarantee = "no-lost-update",
            claim = "Of several writers that have seen one version of a row of any table, one writes it",
            brokenOnce = {
                "TableWrites.update: the row not locked",
                "TableWrites.delete: at READ COMMITTED also with a version"
            })
    void ofWritersThatHaveSeenTheSameVersionOneWins() throws Exception {
        for (int round = 0; round < 20; round++) {
            WrittenRow seen = tables.insert("counted", json("id", "1", "n", "0"));
            Set<String> version = Set.of(version(seen));
            boolean deletes = round % 2 == 1;
            List<Callable<Boolean>> writers = new ArrayList<>();
            for (int writer = 1; writer <= 4; writer++) {
                String n = String.valueOf(writer);
                writers.add(() -> {
                    if (deletes && n.equals("1")) {
                        tables.delete("counted", List.of("1"), version);
                        return true;
                    }
                    return tables.update("counted", List.of("1"), json("n", n), version)
                                    .txid()
                            != null;
                });
            }
            assertThat(together(writers)).isEqualTo(1);
            execute("DELETE FROM counted WHERE id = 1");
        }
    }

    /** How many succeed; the others find another version, or no row. */
    private static int together(List<Callable<Boolean>> writers) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(writers.size());
        CountDownLatch start = new CountDownLatch(1);
        try {
            List<Future<Boolean>> outcomes = new ArrayList<>();
            for (Callable<Boolean> writer : writers) {
                outcomes.add(threads.submit(() -> {
                    start.await();
                    try {
                        return writer.call();
                    } catch (RepositoryException.Stale | RepositoryException.NotFound e) {
                        return false;
                    }
                }));
            }
            start.countDown();
            int won = 0;
            for (Future<Boolean> outcome : outcomes) {
                won += outcome.get(60, TimeUnit.SECONDS) ? 1 : 0;
            }
            return won;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anotherVersionIsStaleAndCarriesTheRow() {
        WrittenRow first = tables.insert("counted", json("id", "2", "n", "0"));
        WrittenRow second = tables.update("counted", List.of("2"), json("n", "1"), Set.of(version(first), "other"));
        for (Runnable late : List.<Runnable>of(
                () -> tables.update("counted", List.of("2"), json("n", "2"), Set.of(version(first))),
                () -> tables.update("counted", List.of("2"), json(), Set.of()),
                () -> tables.replace("counted", List.of("2"), json("n", "2"), Set.of(version(first))),
                () -> tables.delete("counted", List.of("2"), Set.of(version(first))))) {
            assertThatThrownBy(late::run)
                    .isInstanceOfSatisfying(
                            RepositoryException.Stale.class,
                            stale -> assertThat(stale.current()).isEqualTo(second.json()))
                    .hasMessageContaining("counted: the row with id 2 has changed");
        }
        tables.delete("counted", List.of("2"), Set.of(version(second)));
        assertThatThrownBy(() -> tables.delete("counted", List.of("2"), null))
                .isInstanceOf(RepositoryException.NotFound.class)
                .hasMessage("counted: no row with id 2");
        assertThatThrownBy(() -> tables.update("counted", List.of("2"), json(), Set.of(version(second))))
                .isInstanceOf(RepositoryException.NotFound.class);
    }

    @Test
    @Evidence(
            guarantee = "no-lost-update",
            claim = "A value that PostgreSQL does not take is reported with its column, and changes nothing",
            brokenOnce = "TableWrites.explained: the failure thrown as it came")
    void whatDoesNotFitIsNamedByItsColumn() {
        String[][] wrong = {
            {"bool", "\"maybe\""},
            {"int2", "32768"},
            {"int4", "1.5"},
            {"int4", "\"1x\""},
            {"int4", "true"},
            {"numeric", "1e999999"},
            {"float8", "1e400"},
            {"text", "[1]"},
            {"text", "1.5"},
            {"text", "1e999999999"},
            {"text", "{}"},
            {"text", "\"a\\u0000b\""},
            {"text", "\"\\ud800\""},
            {"varchar(3)", "\"abcd\""},
            {"date", "\"2026-02-30\""},
            {"uuid", "\"1\""},
            {"bytea", "\"\\\\xf\""},
            {"jsonb", "\"a\\u0000b\""},
            {"int[]", "{}"},
            {"int[]", "[1,[2]]"},
            {"int[]", "[\"x\"]"},
            {"int[]", "5"},
            {"\"My.mood\"", "\"ugly\""},
            {"pair", "[1]"},
            {"xml", "\"<a>\""},
        };
        for (String[] each : wrong) {
            String column = "";
            for (int i = 0; i < VALUES.length; i++) {
                column = VALUES[i][0].equals(each[0]) ? "c" + i : column;
            }
            String named = column;
            assertInvalid(named, "", () -> tables.insert("kinds", json("id", "1000", "c0", "true", named, each[1])));
        }
        assertInvalid("c1", "NUL character", () -> tables.insert("kinds", text("id", "1000", "c1", "a\0b")));
        assertInvalid("c1", "surrogate", () -> tables.insert("kinds", text("id", "1000", "c1", "a\ud800b")));
        assertInvalid("id", "", () -> tables.update("kinds", List.of("x"), json("c0", "true"), null));
        assertInvalid("id", "", () -> tables.update("kinds", List.of("1\0"), json("c0", "true"), null));
        assertInvalid("id", "", () -> tables.delete("kinds", List.of("99999999999"), null));
        assertThat(rows("SELECT id FROM kinds WHERE id = 1000")).isEmpty();
    }

    @Test
    void aViolatedConstraintIsNamed() {
        assertViolated(Rule.NOT_NULL, null, "item", () -> tables.insert("made", json("item", "null")));
        assertViolated(Rule.CHECK, "low", "n", () -> tables.insert("made", json("n", "100")));
        assertViolated(Rule.CHECK, "above_zero", "p", () -> tables.insert("made", json("p", "0")));
        assertViolated(
                Rule.FOREIGN_KEY, "made_of_made_fkey", "of_made", () -> tables.insert("made", json("of_made", "-1")));
        WrittenRow one = tables.insert("made", json("item", "\"one\""));
        assertViolated(Rule.UNIQUE, "one_item", "item", () -> tables.insert("made", json("item", "\"one\"")));
        WrittenRow child = tables.insert(
                "made", json("item", "\"child\"", "of_made", one.key().get(0)));
        assertViolated(Rule.FOREIGN_KEY, "made_of_made_fkey", "of_made", () -> tables.delete("made", one.key(), null));
        tables.delete("made", child.key(), null);
        tables.delete("made", one.key(), null);
    }

    private static void assertViolated(
            Rule rule, @org.jspecify.annotations.Nullable String constraint, String column, Runnable write) {
        assertThatThrownBy(write::run).isInstanceOfSatisfying(RepositoryException.Violated.class, violated -> {
            assertThat(violated.rule()).isEqualTo(rule);
            assertThat(violated.constraint()).isEqualTo(constraint);
            assertThat(violated.columns()).containsExactly(column);
        });
    }

    @Test
    @Evidence(
            guarantee = "no-lost-update",
            claim = "Triggers run under the session's search path, and the row is what they make of it",
            brokenOnce = "TableAccess.addRendering: the search path set too")
    void triggersDecideWhatTheRowIs() {
        assertThat(row(tables.insert("triggered", json("id", "1", "v", "\"a\""))))
                .isEqualTo("{\"id\":1,\"v\":\"A\"}");
        WrittenRow more = tables.update("triggered", List.of("1"), json("v", "\"more\""), null);
        assertThat(row(more)).isEqualTo("{\"id\":1,\"v\":\"MORE!\"}");
        List<String> notes = rows("SELECT count(*) FROM notes");
        for (Runnable skipped : List.<Runnable>of(
                () -> tables.insert("triggered", json("id", "2", "v", "\"skip\"")),
                () -> tables.insert("triggered", json("id", "2", "v", "\"gone\"")),
                () -> tables.update("triggered", List.of("1"), json("v", "\"skip\""), null),
                () -> tables.replace("triggered", List.of("1"), json("v", "\"gone\""), null))) {
            assertThatThrownBy(skipped::run)
                    .isInstanceOfSatisfying(
                            RepositoryException.Violated.class,
                            violated -> assertThat(violated.rule()).isEqualTo(Rule.TRIGGER))
                    .hasMessageContaining("trigger");
        }
        assertThatThrownBy(() -> tables.insert("triggered", json("id", "2", "v", "\"raise\"")))
                .isInstanceOf(RepositoryException.Refused.class)
                .hasMessageContaining("not raise");
        execute("ALTER TABLE triggered DISABLE TRIGGER note; UPDATE triggered SET v = 'keep';"
                + " ALTER TABLE triggered ENABLE TRIGGER note");
        for (Set<String> versions : new ArrayList<Set<String>>(List.of(
                Set.of(Tables.version(tables.find("triggered", List.of("1")).orElseThrow()))))) {
            assertThatThrownBy(() -> tables.delete("triggered", List.of("1"), versions))
                    .isInstanceOf(RepositoryException.Violated.class);
        }
        assertThatThrownBy(() -> tables.delete("triggered", List.of("1"), null))
                .isInstanceOf(RepositoryException.Violated.class);
        assertThat(rows("SELECT id, v FROM triggered")).containsExactly("1 keep");
        assertThat(rows("SELECT count(*) FROM notes")).isEqualTo(notes);
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            claim = "A role writes the rows and columns that it may, also to any table over HTTP",
            brokenOnce = "TableAccess.takeRole: `role` not taken")
    void aRoleWritesWhatItsGrantsAllow() {
        Tables writer = tables.as("tables_writer");
        WrittenRow row = writer.insert("granted", json("id", "1", "open", "\"a\""));
        assertThat(row(writer.update("granted", List.of("1"), json("open", "\"b\""), Set.of(version(row)))))
                .contains("\"open\":\"b\"");
        assertForbidden(
                "may not INSERT the column \"closed\"",
                () -> writer.insert("granted", json("id", "2", "closed", "\"a\"")));
        assertForbidden(
                "may not UPDATE the column \"closed\"",
                () -> writer.update("granted", List.of("1"), json("open", "\"c\"", "closed", "\"a\""), null));
        assertForbidden(
                "may not UPDATE the column \"closed\"",
                () -> writer.replace("granted", List.of("1"), json("open", "\"c\""), null));
        assertForbidden("permission denied", () -> writer.delete("granted", List.of("1"), null));
        assertForbidden("permission denied", () -> writer.insert("counted", json("id", "9")));
        assertThat(rows("SELECT * FROM granted")).containsExactly("1 b null");

        WrittenRow counted = tables.insert("counted", json("id", "3", "n", "0"));
        assertForbidden("permission denied", () -> writer.update("counted", List.of("3"), json("n", "1"), null));
        assertThat(writer.delete("counted", List.of("3"), Set.of(version(counted))))
                .isNotEmpty();
        assertThatThrownBy(() -> writer.insert("made", json())).isInstanceOf(RepositoryException.NotTracked.class);
        assertThatThrownBy(() -> writer.insert("untracked", json())).isInstanceOf(RepositoryException.NotTracked.class);
        assertThatThrownBy(() -> tables.insert("secured", json("id", "1")))
                .isInstanceOf(RepositoryException.Forbidden.class)
                .hasMessageContaining("row-level security");
        assertThat(writer.describe())
                .filteredOn(table -> table.name().equals("granted"))
                .allMatch(table -> table.writable());
        execute("REVOKE ALL ON granted FROM tables_writer; GRANT SELECT ON granted TO tables_writer;"
                + " REVOKE INSERT (id, open), UPDATE (open) ON granted FROM tables_writer");
        assertThat(writer.describe())
                .filteredOn(table -> table.name().equals("granted"))
                .hasSize(1)
                .noneMatch(table -> table.writable());
    }

    private static void assertForbidden(String message, Runnable write) {
        assertThatThrownBy(write::run)
                .isInstanceOf(RepositoryException.Forbidden.class)
                .hasMessageContaining("tables_writer")
                .hasMessageContaining(message);
    }

    @Test
    void whatTheServerDoesNotDoInTimeIsReportedAsThat() throws SQLException {
        tables.insert("counted", json("id", "4", "n", "0"));
        try (Connection other = database.connect();
                Statement lock = other.createStatement()) {
            other.setAutoCommit(false);
            lock.execute("UPDATE counted SET n = 1 WHERE id = 4");
            assertThatThrownBy(() -> with("-c lock_timeout=50").update("counted", List.of("4"), json("n", "2"), null))
                    .isInstanceOf(RepositoryException.Contended.class);
            assertThatThrownBy(() -> with("-c statement_timeout=300").delete("counted", List.of("4"), null))
                    .isInstanceOf(RepositoryException.Unavailable.class);
            other.rollback();
        }
        assertThatThrownBy(() -> with("-c default_transaction_read_only=on").insert("counted", json("id", "5")))
                .isInstanceOf(RepositoryException.Unavailable.class)
                .hasMessageContaining("read-only");
        tables.delete("counted", List.of("4"), null);
    }

    /** The same tables in sessions with settings of their own. */
    private static Tables with(String options) throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.jdbcUrl());
        source.setOptions(options);
        return new JdbcTables(source, node.cursors());
    }

    @Test
    void aColumnThatIsAlteredMeanwhileIsWrittenAsItIsNow() throws SQLException {
        execute("CREATE TABLE altered (id int PRIMARY KEY, v int); SELECT pbp.track('altered')");
        tables.insert("altered", json("id", "1", "v", "5"));
        execute("ALTER TABLE altered ALTER v TYPE text USING 'n' || v, ADD w date DEFAULT '2026-01-01'");
        assertThat(row(tables.update("altered", List.of("1"), json("v", "\"x\""), null)))
                .isEqualTo("{\"id\":1,\"v\":\"x\",\"w\":\"2026-01-01\"}");
        execute("DROP TABLE altered");
        assertThatThrownBy(() -> tables.insert("altered", json())).isInstanceOf(RepositoryException.NotTracked.class);
    }
}
