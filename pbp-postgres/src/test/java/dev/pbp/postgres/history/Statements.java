package dev.pbp.postgres.history;

import java.util.List;
import java.util.Random;

/** Random SQL of a writer. */
final class Statements {
    /**
     * Settings that might change what a trigger logs. Those that a lost commit, a missing trigger or the driver's own
     * protocol depends on are not among them.
     */
    private static final List<String> SETTINGS = List.of(
            "set_config('pbp.place', '1', false)",
            "set_config('pbp.place', 'nonsense', true)",
            "set_config('pbp.wake', 'off', false)",
            "set_config('pbp.wake', 'nonsense', true)",
            "set_config('quote_all_identifiers', 'on', false)",
            "set_config('array_nulls', 'off', false)",
            "set_config('standard_conforming_strings', 'off', false)",
            "set_config('escape_string_warning', 'off', false)",
            "set_config('timezone', 'Asia/Kolkata', false)",
            "set_config('timezone', 'America/St_Johns', true)",
            "set_config('datestyle', 'ISO, DMY', false)",
            "set_config('intervalstyle', 'sql_standard', false)",
            "set_config('intervalstyle', 'postgres_verbose', true)",
            "set_config('extra_float_digits', '-15', false)",
            "set_config('bytea_output', 'escape', false)",
            "set_config('xmloption', 'document', false)",
            "set_config('lc_monetary', 'C', false)",
            "set_config('search_path', 'public, pg_catalog', false)",
            "set_config('transform_null_equals', 'on', false)",
            "set_config('plpgsql.variable_conflict', 'use_variable', false)",
            "set_config('plpgsql.extra_errors', 'all', false)",
            "set_config('plan_cache_mode', 'force_generic_plan', false)",
            "set_config('plan_cache_mode', 'force_custom_plan', true)",
            "set_config('enable_hashjoin', 'off', false)",
            "set_config('enable_mergejoin', 'off', true)",
            "set_config('enable_sort', 'off', false)",
            "set_config('work_mem', '64kB', false)",
            "set_config('jit_above_cost', '0', true)",
            "set_config('row_security', 'off', false)");

    private static final List<String> RESETS = List.of(
            "RESET ALL",
            "RESET ALL; SET LOCAL lock_timeout = '500ms'",
            "DISCARD PLANS",
            "DISCARD TEMP",
            "DISCARD SEQUENCES",
            "DEALLOCATE ALL",
            "RESET pbp.wake",
            "SET LOCAL pbp.wake = DEFAULT",
            "SET SESSION AUTHORIZATION DEFAULT",
            "RESET ROLE",
            "SET CONSTRAINTS ALL IMMEDIATE");

    private final Random random;
    private final int serverVersion;

    /**
     * Keeps the source of choices.
     *
     * @param serverVersion the server's major version
     */
    Statements(Random random, int serverVersion) {
        this.random = random;
        this.serverVersion = serverVersion;
    }

    /** One statement of a transaction, or several to be sent at once. */
    String next() {
        return switch (random.nextInt(20)) {
            case 0 -> settings();
            case 1 -> RESETS.get(random.nextInt(RESETS.size()));
            case 2 -> underHostileSettings(write());
            case 3 -> function();
            default -> write();
        };
    }

    private String setting() {
        return SETTINGS.get(random.nextInt(SETTINGS.size()));
    }

    private String settings() {
        return "SELECT " + setting() + ", " + setting();
    }

    /** Settings that the driver does not bear at the end of a message, nor before PostgreSQL 14 within one. */
    private String underHostileSettings(String write) {
        if (serverVersion < 14) {
            return write;
        }
        String style = random.nextBoolean() ? "German" : "SQL, DMY";
        return "DO $do$ BEGIN PERFORM set_config('datestyle', '" + style + "', true), " + setting() + "; "
                + (random.nextInt(4) == 0 ? "RESET ALL; " : "")
                + write + "; PERFORM set_config('datestyle', 'ISO', true); END $do$";
    }

    private int id() {
        return random.nextInt(40);
    }

    /** The first column of the key of pairs. */
    private int a() {
        return random.nextInt(5);
    }

    private String text() {
        return "'" + Integer.toHexString(random.nextInt(100)) + "'";
    }

    /** A call of a function that writes: alone, or in an expression of a statement that writes other keys. */
    private String function() {
        return switch (random.nextInt(8)) {
            case 0 -> "SELECT raise_and_lower(" + a() + ")";
            case 1 -> "SELECT replace_equal(" + a() + ")";
            case 2 -> "SELECT up_and_down(n) FROM generate_series(" + id() + ", 40, 7) n";
            case 3 -> "SELECT raise_and_lower(" + a() + "), replace_equal(" + a() + "), up_and_down(" + id() + ")";
            case 4 ->
                "UPDATE pairs SET v = write_others(a, " + text() + ") WHERE a = " + a()
                        + " AND \"B b\" > 'g' RETURNING v";
            case 5 ->
                "UPDATE pairs SET v = " + text() + " WHERE a = " + a()
                        + " AND \"B b\" > 'g' AND write_others(a, v) IS NOT NULL";
            case 6 ->
                "INSERT INTO pairs (a, \"B b\", v) SELECT " + a() + ", 'k' || n, write_others(" + a() + ", " + text()
                        + ") FROM generate_series(0, 2) n ON CONFLICT DO NOTHING";
            default ->
                "UPDATE testtype SET val = write_others(id::int % 5, " + text() + ") WHERE id = " + id()
                        + " RETURNING raise_and_lower(" + a() + ")";
        };
    }

    private String write() {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> testtype();
            case 4, 5, 6, 7 -> pairs();
            case 8, 9 -> andBack();
            case 10, 11, 12 -> parts();
            case 13, 14, 15 -> nested();
            case 16, 17 -> tree();
            case 18 -> random.nextInt(10) == 0 ? truncate() : testtype();
            default -> serverVersion < 15 ? pairs() : merge();
        };
    }

    private String testtype() {
        int id = id();
        return switch (random.nextInt(7)) {
            case 0, 1 ->
                "INSERT INTO testtype (id, val) VALUES (" + id + ", " + text()
                        + ") ON CONFLICT (id) DO UPDATE SET val = excluded.val";
            case 2 -> "UPDATE testtype SET val = " + text() + " WHERE id BETWEEN " + id + " AND " + (id + 3);
            case 3 -> "DELETE FROM testtype WHERE id = " + id;
            case 4 -> "UPDATE testtype SET id = " + id() + " WHERE id = " + id;
            case 5 ->
                "INSERT INTO testtype (id, val) SELECT n, repeat(" + text()
                        + ", 3000) FROM generate_series(40, 60) n ON CONFLICT DO NOTHING";
            default -> "DELETE FROM testtype WHERE id > 40";
        };
    }

    private String pairs() {
        int a = a();
        return switch (random.nextInt(9)) {
            case 0, 1, 2 ->
                "INSERT INTO pairs (a, \"B b\", v) VALUES (" + a + ", 'k" + a() + "', " + text()
                        + ") ON CONFLICT DO NOTHING";
            case 3 -> "UPDATE pairs SET v = " + text() + ", ratio = random(), took = took * 1.1 WHERE a = " + a;
            case 4 -> "UPDATE pairs SET a = " + a() + " WHERE a = " + a + " AND \"B b\" = 'k1'";
            case 5 -> "DELETE FROM pairs WHERE a = " + a;
            case 6 ->
                "WITH gone AS (DELETE FROM pairs WHERE a = " + a
                        + " RETURNING *) INSERT INTO pairs (a, \"B b\", v) SELECT a, \"B b\", " + text() + " FROM gone";
            case 7 ->
                "DO $kept$ BEGIN IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'pairs'::regclass AND attname = 'kept')"
                        + " THEN UPDATE pairs SET kept = " + text() + " WHERE a = " + a + "; END IF; END $kept$";
            default ->
                "INSERT INTO pairs (a, \"B b\", v) VALUES (" + a + ", 'k1', " + text() + "), (" + a + ", 'k1', "
                        + text() + ") ON CONFLICT (a, \"B b\") DO UPDATE SET a = pairs.a + " + (1 + a());
        };
    }

    /** Writes after which some rows are again as they were. */
    private String andBack() {
        int a = a();
        int id = id();
        return switch (random.nextInt(8)) {
            case 0 -> "UPDATE pairs SET flag = true WHERE a = " + a + "; UPDATE pairs SET flag = false WHERE a = " + a;
            case 1 ->
                "UPDATE pairs SET a = a + 10 WHERE a = " + a + "; UPDATE pairs SET a = a - 10 WHERE a = " + (a + 10);
            case 2 ->
                "WITH gone AS (DELETE FROM pairs WHERE a = " + a + " RETURNING *) INSERT INTO pairs SELECT * FROM gone";
            case 3 ->
                "WITH gone AS (DELETE FROM \"Sch.ema\".parts WHERE id > " + id
                        + " RETURNING *) INSERT INTO \"Sch.ema\".parts SELECT * FROM gone";
            case 4 ->
                "INSERT INTO pairs (a, \"B b\", v) VALUES (" + a + ", 'passing', " + text()
                        + "); DELETE FROM pairs WHERE \"B b\" = 'passing'";
            case 5 -> "UPDATE parts_low SET v = v + 1; UPDATE \"Sch.ema\".parts SET v = v - 1 WHERE id < 20";
            case 6 ->
                "UPDATE \"Sch.ema\".parts SET id = id + 100 WHERE id = " + id
                        + "; UPDATE \"Sch.ema\".parts SET id = id - 100 WHERE id = " + (id + 100);
            default ->
                "INSERT INTO \"Sch.ema\".parts VALUES (" + (60 + id) + ", 1); DELETE FROM parts_high WHERE id = "
                        + (60 + id);
        };
    }

    private String parts() {
        int id = id();
        return switch (random.nextInt(4)) {
            case 0 -> "INSERT INTO \"Sch.ema\".parts VALUES (" + id + ", " + id() + ".50) ON CONFLICT DO NOTHING";
            case 1 -> "UPDATE \"Sch.ema\".parts SET id = " + id() + " WHERE id = " + id;
            case 2 -> "UPDATE parts_low SET v = v + 0.1 WHERE id < " + id;
            default -> "DELETE FROM parts_high WHERE id = " + id;
        };
    }

    private String nested() {
        int id = random.nextInt(10);
        String[] kinds = {"same", "deep", "flag", "swap", "gone", "back", "undo", "replace", "late"};
        // Plain values for the most part: a reader that always refetches verifies little.
        String kind = random.nextInt(3) == 0 ? kinds[random.nextInt(kinds.length)] : "plain";
        String value = "'" + kind + " " + random.nextInt(100) + "'";
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> "INSERT INTO nested VALUES (" + id + ", " + value + ") ON CONFLICT DO NOTHING";
            case 3, 4 -> "UPDATE nested SET v = " + value + " WHERE id = " + id;
            case 5 -> "UPDATE nested SET v = " + value + " WHERE id BETWEEN " + id + " AND " + (id + 2);
            case 6 ->
                "INSERT INTO nested VALUES (" + id + ", " + value
                        + ") ON CONFLICT (id) DO UPDATE SET v = excluded.v, flag = NOT nested.flag";
            default -> "DELETE FROM nested WHERE id = " + id;
        };
    }

    private String tree() {
        int id = random.nextInt(20);
        return switch (random.nextInt(9)) {
            case 0, 1, 2, 3 ->
                "INSERT INTO tree VALUES (" + id + ", (SELECT max(id) FROM tree WHERE id < " + random.nextInt(20)
                        + "), " + text() + ") ON CONFLICT DO NOTHING";
            case 4 -> "UPDATE tree SET v = " + text() + " WHERE id > " + id;
            case 5 -> "UPDATE tree SET id = " + (20 + id) + " WHERE id = " + id;
            case 6 -> "UPDATE tree SET id = id - 20, v = " + text() + " WHERE id >= 20";
            case 7 -> "UPDATE tree SET parent = id WHERE id = " + id;
            default -> "DELETE FROM tree WHERE id = " + id;
        };
    }

    private String merge() {
        return "MERGE INTO pairs USING (SELECT " + a() + " AS a, 'k' || n AS b FROM generate_series(0, 4) n) s"
                + " ON pairs.a = s.a AND \"B b\" = s.b WHEN MATCHED AND v < " + text() + " THEN DELETE"
                + " WHEN MATCHED AND flag THEN DO NOTHING WHEN MATCHED THEN UPDATE SET v = " + text()
                + " WHEN NOT MATCHED AND b <> 'k" + a() + "' THEN INSERT (a, \"B b\", v) VALUES (s.a, s.b, " + text()
                + ")";
    }

    private String truncate() {
        return switch (random.nextInt(5)) {
            case 0 -> "TRUNCATE testtype";
            case 1 -> "TRUNCATE pairs";
            case 2 -> "TRUNCATE \"Sch.ema\".parts";
            case 3 -> random.nextBoolean() ? "TRUNCATE nested" : "TRUNCATE tree";
            default ->
                "TRUNCATE parts_high; INSERT INTO excused VALUES (pg_current_xact_id()::text, '\"Sch.ema\".parts',"
                        + " 'TRUNCATE of a partition') ON CONFLICT DO NOTHING";
        };
    }
}
