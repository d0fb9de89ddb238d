package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Filter;
import dev.pbp.core.model.Row;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a value of each kind of type looks like in the log, and in a read of the same row. */
@PostgresTest
@Evidence(
        guarantee = "no-foreign-code",
        claim = "Values of user-defined types are logged through their output functions, as a read shows them",
        brokenOnce = "V002__rendering.sql, rendered: the value itself for every type")
class RenderingIT {
    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
        Cursors.of(database.dataSource()); // the first of all empties the log
        Installed.execute(database, """
                CREATE TYPE mood AS ENUM ('so so', 'bad');
                CREATE TYPE pair AS (a int, b text);
                CREATE TYPE moody AS (m mood, l int[], p pair);
                CREATE TYPE moods AS RANGE (subtype = mood);
                CREATE DOMAIN count AS int CHECK (value >= 0);
                CREATE DOMAIN counter AS count;
                CREATE DOMAIN counts AS int[];
                CREATE DOMAIN day AS date;
                CREATE DOMAIN moment AS timestamptz;
                CREATE DOMAIN doc AS json;
                CREATE DOMAIN word AS text;
                CREATE DOMAIN code AS varchar(3);
                CREATE DOMAIN switch AS bool;
                CREATE DOMAIN mood_d AS mood;
                CREATE DOMAIN pair_d AS pair;
                CREATE DOMAIN moods_d AS mood[];
                CREATE DOMAIN corner AS box;
                CREATE DOMAIN rel AS regclass;
                CREATE DOMAIN raw AS bytea;
                CREATE DOMAIN bits AS bit(3)""");
    }

    /** Of a type: a value in SQL, and as JSON. */
    private static Map<String, List<String>> kinds() {
        Map<String, List<String>> kinds = new LinkedHashMap<>();
        kinds.put("mood", List.of("so so", "\"so so\""));
        kinds.put("pair", List.of("(1,x)", "\"(1,x)\""));
        kinds.put("moody", List.of("(bad,\"{1,2}\",\"(1,x)\")", "\"(bad,\\\"{1,2}\\\",\\\"(1,x)\\\")\""));
        kinds.put("moods", List.of("[so so,bad)", "\"[\\\"so so\\\",bad)\""));
        kinds.put("count", List.of("7", "7"));
        kinds.put("counter", List.of("7", "7"));
        kinds.put("counts", List.of("{1,NULL}", "[1,null]"));
        kinds.put("day", List.of("2026-01-02", "\"2026-01-02\""));
        kinds.put("moment", List.of("2026-01-02 03:04:05+01", "\"2026-01-02T02:04:05+00:00\""));
        kinds.put("doc", List.of("{\"a\":[1, 2]}", "{\"a\":[1, 2]}"));
        kinds.put("word", List.of("null", "\"null\""));
        kinds.put("code", List.of("abc", "\"abc\""));
        kinds.put("switch", List.of("t", "true"));
        kinds.put("mood_d", List.of("bad", "\"bad\""));
        kinds.put("pair_d", List.of("(1,\"x y\")", "\"(1,\\\"x y\\\")\""));
        kinds.put("moods_d", List.of("{so so,NULL}", "[\"so so\",null]"));
        kinds.put("corner", List.of("(1,1),(0,0)", "\"(1,1),(0,0)\""));
        kinds.put("rel", List.of("public.testtype", "\"public.testtype\""));
        kinds.put("raw", List.of("\\x00ff", "\"\\\\x00ff\""));
        kinds.put("bits", List.of("101", "\"101\""));
        kinds.put("mood[]", List.of("{so so,NULL}", "[\"so so\",null]"));
        kinds.put("mood[] ", List.of("[0:1]={bad,bad}", "[\"bad\",\"bad\"]"));
        kinds.put("mood[]  ", List.of("{{bad},{so so}}", "[[\"bad\"],[\"so so\"]]"));
        kinds.put("pair[]", List.of("{\"(1,x)\"}", "[\"(1,x)\"]"));
        kinds.put("moods[]", List.of("{\"[bad,bad]\"}", "[\"[bad,bad]\"]"));
        kinds.put("count[]", List.of("{1,NULL}", "[1,null]"));
        kinds.put("counter[]", List.of("{{1},{2}}", "[[1],[2]]"));
        kinds.put("counts[]", List.of("{\"{1,2}\",NULL}", "[\"{1,2}\",null]"));
        kinds.put("day[]", List.of("{2026-01-02,infinity}", "[\"2026-01-02\",\"infinity\"]"));
        kinds.put("doc[]", List.of("{\"{\\\"a\\\":1}\"}", "[{\"a\":1}]"));
        kinds.put("switch[]", List.of("{t,f}", "[true,false]"));
        kinds.put("word[]", List.of("{a,\"NULL\",NULL,\"\"}", "[\"a\",\"NULL\",null,\"\"]"));
        kinds.put("rel[]", List.of("{public.testtype}", "[\"public.testtype\"]"));
        kinds.put("corner[]", List.of("{(1,1),(0,0)}", "\"{(1,1),(0,0)}\""));
        kinds.put("moody[]", List.of("{\"(bad,,)\"}", "[\"(bad,,)\"]"));
        kinds.put("int[]", List.of("{1,NULL}", "[1,null]"));
        kinds.put("box[]", List.of("{(1,1),(0,0)}", "[\"(1,1),(0,0)\"]"));
        kinds.put("numeric", List.of("1.50", "1.50"));
        kinds.put("jsonb", List.of("{\"b\": 1,\"a\":2}", "{\"a\": 2, \"b\": 1}"));
        kinds.put("tstzrange", List.of("[2026-01-02 00:00+01,)", "\"[\\\"2026-01-01 23:00:00+00\\\",)\""));
        kinds.put("tsvector", List.of("a:1 b", "\"'a':1 'b'\""));
        return kinds;
    }

    @Test
    void aValueLooksTheSameInTheLogAndInARead(TestDatabase database) throws SQLException {
        List<String> expected = new ArrayList<>();
        List<String> nulls = new ArrayList<>();
        StringBuilder columns = new StringBuilder();
        StringBuilder values = new StringBuilder();
        for (Map.Entry<String, List<String>> kind : kinds().entrySet()) {
            String name = "c" + expected.size();
            columns.append(", ").append(name).append(' ').append(kind.getKey());
            values.append(", '").append(kind.getValue().get(0)).append('\'');
            expected.add("\"" + name + "\":" + kind.getValue().get(1));
            nulls.add("\"" + name + "\":null");
        }
        Installed.execute(
                database,
                "CREATE TABLE kinds (id int PRIMARY KEY" + columns + "); SELECT pbp.track('kinds');"
                        + "INSERT INTO kinds VALUES (1" + values
                        + "); INSERT INTO kinds VALUES (2); ALTER TABLE kinds ADD z int; INSERT INTO kinds VALUES (3"
                        + values + ")");
        List<Row> rows = new ArrayList<>();
        new JdbcTableReader(database.dataSource(), Cursors.of(database.dataSource()))
                .read("kinds", Filter.tables("kinds"), rows::add);
        List<String> logged =
                Installed.rows(database, "SELECT new FROM pbp.log WHERE tab = 'kinds' AND op = 'i' ORDER BY lsn");
        String row = "{\"id\":%d," + String.join(",", expected) + "%s}";
        assertThat(logged)
                .containsExactly(
                        row.formatted(1, ""),
                        "{\"id\":2," + String.join(",", nulls) + "}",
                        row.formatted(3, ",\"z\":null"));
        assertThat(rows)
                .extracting(Row::row)
                .containsExactly(
                        row.formatted(1, ",\"z\":null"),
                        "{\"id\":2," + String.join(",", nulls) + ",\"z\":null}",
                        row.formatted(3, ",\"z\":null"));
    }

    @Test
    void aKeyLooksTheSameInTheLogAndInARead(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE TABLE keyed (m mood, p pair, c counter, d day, l mood[], PRIMARY KEY (d, m, p, c, l));
                SELECT pbp.track('keyed');
                INSERT INTO keyed VALUES ('bad', '(1,x)', 7, '2026-01-02', '{bad}')""");
        List<Row> rows = new ArrayList<>();
        new JdbcTableReader(database.dataSource(), Cursors.of(database.dataSource()))
                .read("keyed", Filter.tables("keyed"), rows::add);
        String key = "{\"d\" : \"2026-01-02\", \"m\" : \"bad\", \"p\" : \"(1,x)\", \"c\" : 7, \"l\" : [\"bad\"]}";
        assertThat(Installed.rows(database, "SELECT key FROM pbp.log WHERE tab = 'keyed'"))
                .containsExactly(key);
        assertThat(rows).as("read").extracting(Row::key).containsExactly(key);
    }
}
