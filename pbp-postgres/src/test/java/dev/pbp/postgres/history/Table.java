package dev.pbp.postgres.history;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * A tracked table of the histories.
 *
 * @param name the name in the feed, also in SQL
 * @param key SQL for the key of a row as JSON
 * @param nested whether a statement can write a row again while it runs
 */
record Table(String name, String key, boolean nested) {
    static final Table TESTTYPE = new Table("testtype", "json_build_object('id', id)", false);
    static final Table PAIRS = new Table("pairs", "json_build_object('a', a, 'B b', \"B b\")", false);
    static final Table PARTS = new Table("\"Sch.ema\".parts", "json_build_object('id', id)", false);
    static final Table JOURNAL = new Table("journal", "json_build_object('xid', xid)", false);
    static final Table NESTED = new Table("nested", "json_build_object('id', id)", true);
    static final Table TREE = new Table("tree", "json_build_object('id', id)", true);

    static final List<Table> ALL = List.of(TESTTYPE, PAIRS, PARTS, JOURNAL, NESTED, TREE);

    /** The tables for which a refetch needs an excuse. */
    static final List<Table> PLAIN = ALL.stream().filter(table -> !table.nested).toList();

    /** The settings under which rows look as in the feed. */
    static final String SETTINGS =
            "SET timezone = 'UTC'; SET intervalstyle = iso_8601; SET search_path = pg_catalog, pg_temp";

    /** SQL that makes all tables but testtype. */
    static String schema() {
        try (InputStream sql = Table.class.getResourceAsStream("tables.sql")) {
            return new String(Objects.requireNonNull(sql, "tables.sql").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name in SQL, whatever the search path. */
    String sqlName() {
        return name.startsWith("\"") ? name : "public." + name;
    }

    /** SQL for the keys and rows. */
    String select() {
        return "SELECT " + key + ", to_json(t.*) FROM " + sqlName() + " t";
    }
}
