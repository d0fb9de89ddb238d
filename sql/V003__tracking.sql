-- Which tables are live: pbp.track(table) installs triggers that fill the log, pbp.untrack(table) takes them away. A tracked table
-- is not altered. A partitioned one is tracked at its root. Where nothing follows DDL (V008), run track again after it.
--
-- Who may do what. pbp.track runs with the caller's own rights, which must include the table's ownership. What it may not do itself
-- it asks for by writing to the view pbp.tracking, which accepts tables of the caller's only; triggers of pbp.tracked do it with the
-- rights of its owner. The triggers' functions belong, with the log, to the role pbp_log, which may insert into the log and read
-- the wake-up flag; V007 hands them over. Nobody else may execute them, but for the table's owner within the transaction
-- that creates the triggers.

CREATE TABLE pbp.tracked (
    rel        regclass PRIMARY KEY,
    name       text        NOT NULL UNIQUE,        -- as readers see it
    excluded   text[]      NOT NULL DEFAULT '{}',  -- columns that never reach the log
    included   text[]      NOT NULL DEFAULT '{}',  -- the others that it had when it was tracked
    fn         name        NOT NULL UNIQUE,        -- its triggers' function
    generation integer     NOT NULL,               -- how often the name, the columns or the function have changed
    refetched  timestamptz NOT NULL DEFAULT clock_timestamp(), -- when its readers were last asked to refetch
    opening    boolean     NOT NULL DEFAULT false, -- a request to let the table's owner create triggers, in this transaction
    mtime      boolean     NOT NULL DEFAULT false, -- whether its column mtime is ours, to be removed again
    members    regclass[]  NOT NULL DEFAULT '{}',  -- the table and its partitions when pbp last looked
    marks      text[],                             -- its triggers then, see pbp.trigger_marks
    shape      jsonb       NOT NULL DEFAULT '{}',  -- its columns and their types then, see pbp.shape
    suspended  text,                               -- why its changes are not logged, where DDL made it unfit to be tracked
    following  boolean     NOT NULL DEFAULT false, -- a request to adapt to DDL (V008), in this statement
    rewritten  boolean     NOT NULL DEFAULT false, -- whether a DDL statement that is under way has written its rows anew
    max_statement bigint   DEFAULT 8388608 CHECK (max_statement > 0) -- above it, in bytes, a statement logs a refetch; null: never
);

-- Shapes of tables that differ from those for which their functions were made. Where nothing adapts a function to DDL, it notes the
-- shape that it finds, and asks readers to refetch only if that is new. There is no unique index: a writer would wait for
-- another in it.
CREATE TABLE pbp.reshaped (tab text NOT NULL, shape text NOT NULL);
CREATE INDEX reshaped_tab ON pbp.reshaped (tab);
ALTER TABLE pbp.reshaped REPLICA IDENTITY FULL; -- it has no key, and rows are deleted from it
CREATE TRIGGER pbp_discard BEFORE INSERT OR UPDATE OR DELETE ON pbp.reshaped FOR EACH ROW EXECUTE FUNCTION pbp.discard_replicated();
ALTER TABLE pbp.reshaped ENABLE REPLICA TRIGGER pbp_discard;

-- The columns that a read of the table must not show. Where some are left out, also those that came later, or have another name by
-- now, unless they are part of the key: the triggers do not log them either.
CREATE FUNCTION pbp.hidden(rel oid, excluded text[]) RETURNS text[] LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF excluded = '{}' THEN
        RETURN excluded;
    END IF;
    RETURN excluded || ARRAY(
        SELECT attname::text FROM pg_attribute JOIN pbp.tracked t ON t.rel = attrelid
        WHERE attrelid = hidden.rel AND attnum > 0 AND NOT attisdropped AND attname <> ALL (pbp.key_columns(hidden.rel))
          AND NOT EXISTS (SELECT FROM jsonb_array_elements(t.shape -> 'columns') c WHERE c ->> 0 = attnum::text AND c ->> 1 = attname::text));
END
$$;

-- The table and, where it is partitioned, its partitions of every level. pg_partition_tree() would lock them: it waits for an
-- owner who holds a partition of his locked, and readers ask for the members of every table.
CREATE FUNCTION pbp.members(rel oid) RETURNS SETOF regclass LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE member (oid) AS (
        SELECT rel
        UNION
        SELECT c.oid FROM member m JOIN pg_inherits ON inhparent = m.oid JOIN pg_class c ON c.oid = inhrelid WHERE c.relispartition
    )
    SELECT oid::regclass FROM member
$$;

-- The triggers that a tracked table or a partition of one has, and whether they fire where session_replication_role is origin (O),
-- replica (R) or either (A). One for each row is a table's that holds rows itself: V009. The type is that of pg_trigger.
CREATE FUNCTION pbp.triggers_of(rel oid, OUT name name, OUT enabled "char", OUT type integer, OUT old_table name, OUT new_table name,
                                OUT args bytea) RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.name, t.enabled, CASE WHEN relispartition AND t.name = 'pbp_truncate' THEN 34 ELSE t.type END, t.old_table, t.new_table,
           decode(CASE WHEN relispartition THEN '706172746974696f6e00' WHEN t.name = 'pbp_replica' THEN '726f7700' ELSE '' END, 'hex')
    FROM (VALUES ('pbp_insert'::name, 'O'::"char", 4, NULL::name, 'pbp_new'::name), ('pbp_update', 'O', 16, 'pbp_old', 'pbp_new'),
                 ('pbp_delete', 'O', 8, 'pbp_old', NULL), ('pbp_truncate', 'A', 32, NULL, NULL), ('pbp_replica', 'R', 29, NULL, NULL))
             t (name, enabled, type, old_table, new_table), pg_class
    WHERE oid = rel AND (t.name <> 'pbp_replica' OR relkind = 'r')
$$;

-- Whether a trigger is one that pbp makes, wherever it fires. One without transition tables would take others for them.
CREATE FUNCTION pbp.is_made_trigger(trigger oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pg_trigger t, pbp.triggers_of(t.tgrelid) e
                   WHERE t.oid = trigger AND t.tgname = e.name AND t.tgtype = e.type AND t.tgqual IS NULL AND t.tgattr::text = ''
                     AND t.tgargs = e.args AND t.tgoldtable IS NOT DISTINCT FROM e.old_table AND t.tgnewtable IS NOT DISTINCT FROM e.new_table)
$$;

-- Whether a table has all of its triggers, with this function, and none of them is disabled.
CREATE FUNCTION pbp.has_triggers(rel oid, fn name) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT FROM pbp.triggers_of(rel) e
        WHERE NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = 'pbp'::regnamespace
                          WHERE tgrelid = rel AND tgname = e.name AND tgenabled = e.enabled AND proname = fn AND pbp.is_made_trigger(t.oid)))
$$;

-- The triggers of a table's members, each as its oid and the transaction that wrote it last: a trigger that was disabled for a while
-- differs from what pbp made. Empty if one is missing or disabled.
CREATE FUNCTION pbp.trigger_marks(members regclass[], fn name) RETURNS text[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(concat_ws(':', t.oid, t.xmin) ORDER BY t.oid)
           FILTER (WHERE NOT EXISTS (SELECT FROM unnest(members) m WHERE NOT pbp.has_triggers(m, fn)))
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = 'pbp'::regnamespace
    WHERE tgrelid = ANY (members) AND proname = fn
$$;

-- Whether triggers were without effect between two of these. Those of a restored dump are others: nobody has a cursor there.
CREATE FUNCTION pbp.were_disabled(was text[], now text[]) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT now IS NOT NULL AND (was IS NULL OR EXISTS (
        SELECT FROM unnest(was) a JOIN unnest(now) b ON split_part(a, ':', 1) = split_part(b, ':', 1) AND a <> b))
$$;

-- The types that a table's columns are made of and that users defined: the labels of enumerations and the attributes of composite
-- types, by which their values look different when these are altered.
CREATE FUNCTION pbp.type_shapes(rel oid) RETURNS jsonb LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE used (oid, typrelid) AS (
        SELECT 0::oid, rel
        UNION
        SELECT t.oid, t.typrelid
        FROM used u
        JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass
            AND (d.classid = 'pg_type'::regclass AND d.objid = u.oid
                 OR d.classid = 'pg_class'::regclass AND d.objid = u.typrelid AND d.objsubid > 0)
        JOIN pg_type t ON t.oid = d.refobjid
    )
    SELECT coalesce(jsonb_object_agg(kind || oid, parts), '{}')
    FROM (SELECT 'enum' AS kind, enumtypid AS oid, jsonb_object_agg(e.oid, enumlabel) AS parts
          FROM pg_enum e WHERE enumtypid IN (SELECT oid FROM used) GROUP BY 2
          UNION ALL
          SELECT 'row', attrelid, to_jsonb(string_agg(concat_ws(' ', attnum, atttypid, atttypmod), ',' ORDER BY attnum))
          FROM pg_attribute
          WHERE attrelid IN (SELECT typrelid FROM used WHERE oid <> 0) AND attnum > 0 AND NOT attisdropped GROUP BY 2) parts
$$;

-- What readers see of a table's columns.
CREATE FUNCTION pbp.shape(rel oid, excluded text[]) RETURNS jsonb LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object('key', pbp.key_columns(rel), 'types', pbp.type_shapes(rel), 'columns', (
        SELECT jsonb_agg(jsonb_build_array(a.attnum, a.attname, a.atttypid::bigint, a.atttypmod,
                                           CASE WHEN a.attgenerated = 'v' THEN u.expression END) ORDER BY a.attnum)
        FROM pbp.columns(rel, excluded) k, unnest(k.names, k.expressions) u (name, expression)
        JOIN pg_attribute a ON a.attrelid = rel AND a.attname = u.name))
$$;

-- Whether rows look to readers as they did before; a label that an enumeration got since is no difference.
CREATE FUNCTION pbp.is_alike(was jsonb, now jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT (was -> 'key') IS NOT DISTINCT FROM (now -> 'key') AND (was -> 'columns') IS NOT DISTINCT FROM (now -> 'columns')
       AND (was -> 'types') <@ (now -> 'types')
$$;

-- The tables that have triggers with this function: its own, its partitions, and what was detached.
CREATE FUNCTION pbp.triggered_by(fn name) RETURNS SETOF regclass LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT tgrelid::regclass
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE pronamespace = 'pbp'::regnamespace AND proname = fn
$$;

-- Whether a foreign key's action can update the table's rows while a statement of the table's own is under way. The rows of both
-- are then in the same transition tables, and a row may be there twice.
CREATE FUNCTION pbp.updates_itself(rel oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE
    action AS (SELECT coalesce(pg_partition_root(confrelid), confrelid)::oid AS source,
                      coalesce(pg_partition_root(conrelid), conrelid)::oid AS target
               FROM pg_constraint
               WHERE contype = 'f' AND (confupdtype IN ('c', 'n', 'd') OR confdeltype IN ('c', 'n', 'd'))),
    reached AS (SELECT target FROM action WHERE source = rel
                UNION SELECT a.target FROM reached r JOIN action a ON a.source = r.target)
    SELECT EXISTS (SELECT FROM reached WHERE target = rel)
$$;

-- A query for whether a key is twice among the rows before or after an UPDATE. Rows whose columns have other types are left out:
-- their keys must not be rendered.
CREATE FUNCTION pbp.ask_for_twins(key text[], names text[], types oid[], expressions text[]) RETURNS text LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'SELECT ' || string_agg(format('EXISTS (SELECT FROM %s WHERE pbp_row_is.ok GROUP BY pbp_row_is.k::text HAVING count(*) > 1)',
                                          pbp.rows_of(t, key, names, types, expressions)), ' OR ')
    FROM unnest(ARRAY['pbp_old', 'pbp_new']) t
$$;

-- SQL that holds as long as the key has the columns that it had, and they are called as they were. It needs no query, and so tells the
-- truth in a REPEATABLE READ transaction too. An index that was rebuilt has another oid, and is found by its name.
CREATE FUNCTION pbp.same_key(rel oid) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('(%s OR position(%L IN pg_get_indexdef(to_regclass(%L))) > 0)',
                  string_agg(format('pg_get_indexdef(%s, %s, false) IS NOT DISTINCT FROM %L', indexrelid, n, pg_get_indexdef(indexrelid, n, false)),
                             ' AND ' ORDER BY n),
                  format(' USING %s (%s)', max(amname), string_agg(pg_get_indexdef(indexrelid, n, false), ', ' ORDER BY n)),
                  min(indexrelid::regclass::text))
    FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am m ON m.oid = c.relam, generate_series(1, indnkeyatts) n
    WHERE indrelid = rel AND indisprimary
$$;

-- Whether columns have to be counted in the row (rows_of) to notice one that was added. From PostgreSQL 14 on, a function tells
-- whether a column's number has been used, also by one that was dropped since.
CREATE FUNCTION pbp.counts_columns() RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT current_setting('server_version_num')::int < 140000
$$;

-- SQL that holds as long as nobody has added a column, the key is the same and, where it matters, nobody has put another column in the place of one that is
-- logged: if some columns are left out, or it may be a virtual one that only looks the same. It needs no query either. Where columns
-- are calculated in the trigger, each must still have the expression that it had, which has a new oid when it is altered, and the
-- columns in it their names. The types of columns: rows_of. The shorter it is, the less it costs: expressions are prepared anew in each
-- transaction.
CREATE FUNCTION pbp.same_shape(rel oid, excluded text[]) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT replace(concat_ws(' AND ',
        CASE WHEN excluded = '{}' AND NOT pbp.counts_columns() THEN
            (SELECT format('has_column_privilege({root}, %s::int2, ''SELECT'') IS NOT NULL', max(attnum) FILTER (WHERE NOT attisdropped))
                    || CASE WHEN bool_or(attisdropped) THEN format(' AND pg_describe_object(1259, {root}, %s) IS NOT NULL', max(attnum)) ELSE '' END
                    || format(' AND pg_describe_object(1259, {root}, %s) IS NULL', max(attnum) + 1)
             FROM pg_attribute WHERE attrelid = rel AND attnum > 0) END,
        CASE WHEN excluded <> '{}' OR pbp.counts_columns() THEN
            (SELECT string_agg(format('has_column_privilege({root}, %s::int2, ''SELECT'') IS NOT NULL', attnum), ' AND ' ORDER BY attnum)
             FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND attname <> ALL (excluded)) END,
        CASE WHEN excluded <> '{}' THEN -- a column that is left out may take the name of one that is not
            (SELECT string_agg(format('(pg_identify_object(1259, {root}, %s)).identity IS NOT DISTINCT FROM '
                                      '(pg_identify_object(1259, {root}, 0)).identity || %L', attnum, '.' || quote_ident(attname)), ' AND ' ORDER BY attnum)
             FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND attname <> ALL (excluded)) END,
        (SELECT string_agg(DISTINCT format('(pg_identify_object(%s, %s, %s)).identity IS NOT DISTINCT FROM '
                                           '%L || (pg_identify_object(''pg_class''::regclass, {root}, 0)).identity || %L',
                                           CASE WHEN a.attgenerated = 'v' THEN '''pg_attrdef''::regclass' ELSE '''pg_class''::regclass' END,
                                           CASE WHEN a.attgenerated = 'v' THEN d.oid::text ELSE '{root}' END,
                                           CASE WHEN a.attgenerated = 'v' THEN 0 ELSE a.attnum END,
                                           CASE WHEN a.attgenerated = 'v' THEN 'for ' ELSE '' END, '.' || quote_ident(a.attname)), ' AND ')
         FROM pg_attribute v
         JOIN pg_attrdef x ON x.adrelid = v.attrelid AND x.adnum = v.attnum
         JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = x.oid AND p.refclassid = 'pg_class'::regclass
             AND p.refobjid = rel AND p.refobjsubid > 0
         JOIN pg_attribute a ON a.attrelid = rel AND a.attnum IN (v.attnum, p.refobjsubid)
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE v.attrelid = rel AND v.attgenerated = 'v' AND NOT v.attisdropped AND v.attname <> ALL (excluded)),
        pbp.same_key(rel)), '{root}', (SELECT CASE relkind WHEN 'p' THEN '(CASE WHEN TG_NARGS = 0 THEN TG_RELID ELSE pg_partition_root(TG_RELID) END)' ELSE 'TG_RELID' END
                                          FROM pg_class WHERE oid = rel))
$$;

-- Whether expressions of virtual columns, as queries of the catalog see them, may be older than the table that is written to, which has
-- columns of these names: in a transaction whose snapshot is older. Expressions are the root's.
CREATE FUNCTION pbp.is_behind(rel oid, root oid, names text[]) RETURNS boolean LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT current_setting('transaction_isolation') NOT LIKE 'read%'
        AND EXISTS (SELECT FROM pg_attribute WHERE attrelid IN (rel, root) AND attgenerated = 'v' AND NOT attisdropped)
        AND ((SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
              WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped) IS DISTINCT FROM names
             OR EXISTS (SELECT FROM pg_attribute WHERE attrelid IN (rel, root) AND attnum > 0 AND NOT attisdropped
                                                   AND has_column_privilege(attrelid, attnum, 'SELECT') IS NULL)
             OR EXISTS (SELECT FROM pg_attribute JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
                        WHERE attrelid IN (rel, root) AND attgenerated = 'v'
                          AND (pg_identify_object('pg_attrdef'::regclass, d.oid, 0)).identity IS NULL))
$$;

-- SQL for the expressions of columns of these names, as the catalog has them now.
CREATE FUNCTION pbp.expressions(rel oid, names text[]) RETURNS text[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(coalesce(c.expression, quote_ident(n)) ORDER BY ord)
    FROM unnest(names) WITH ORDINALITY u (n, ord)
    LEFT JOIN (SELECT unnest(k.names), unnest(k.expressions) FROM pbp.columns(rel, '{}') k) c (name, expression) ON c.name = n
$$;

-- What wakes readers, in a trigger's function.
CREATE FUNCTION pbp.wake_readers() RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT $template$
    -- A reader that is awake finds this without a notification, and the writer is spared NOTIFY's server-wide lock. Why no
    -- wake-up is lost: docs/guarantees.md. It rests on looking at the flag after the log row was inserted, when this transaction
    -- has its id. A full queue would fail the writer; from half of it on, sleeping readers find the change by themselves.
    IF coalesce(pg_sequence_last_value('pbp.awake'), 0) < date_part('epoch', clock_timestamp()) * 1000 THEN
        IF (coalesce(current_setting('pbp.wake', true), '') <> 'off' OR current_setting('max_prepared_transactions') = '0')
           AND pg_notification_queue_usage() < 0.5
        THEN
            PERFORM pg_notify('pbp_changes', '');
        END IF;
    END IF;$template$
$body$;

-- What tells the present shape of a table from every other that it had; columns that are added get a new number. Null if rows
-- cannot be logged by it: there is no key, or the catalog, as this transaction sees it, is older than the table.
CREATE FUNCTION pbp.present_shape(rel oid, root oid, key text[], names text[], types oid[]) RETURNS text LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT concat_ws(' ', i.indexrelid, key, (SELECT array_agg((attnum, attname, atttypid)::text ORDER BY attnum)
                                              FROM pg_attribute WHERE attrelid = root AND attnum > 0))
    FROM pg_index i
    WHERE i.indrelid = root AND i.indisprimary AND pg_get_indexdef(i.indexrelid, 1, false) IS NOT NULL AND key <@ names
      AND NOT pbp.is_behind(rel, root, names)
      AND (SELECT array_agg(attname::text ORDER BY attnum) = names AND array_agg(atttypid ORDER BY attnum) = types
           FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped)
$$;

-- PL/pgSQL for what comes before the first condition of a trigger function: only partitions have to be compared with their root, and
-- the trigger for each row (V009) has an argument too.
CREATE FUNCTION pbp.preamble(rel oid, tab text, log_row text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT CASE WHEN relkind = 'r' THEN format($template$IF TG_NARGS > 0 THEN
%2$s
    END IF;
    IF$template$, tab, log_row) ELSE format($template$IF TG_NARGS > 0 THEN
        IF TG_ARGV[0] = 'partition' AND NOT EXISTS (SELECT FROM pg_trigger m JOIN pg_trigger r USING (tgfoid)
                       WHERE m.tgrelid = TG_RELID AND m.tgname = TG_NAME AND r.tgrelid = pg_partition_root(TG_RELID) AND r.tgnargs = 0)
        THEN
            IF pg_partition_root(TG_RELID) IS NULL OR current_setting('transaction_isolation') LIKE 'read%%' THEN
                RETURN NULL; -- it was detached
            END IF;
            pbp_refetch := true; -- or it became a partition after this transaction's snapshot
        END IF;
        IF TG_LEVEL = 'ROW' THEN
%2$s
        END IF;
    END IF;
    IF pbp_refetch THEN
        INSERT INTO pbp.log (tab, op) VALUES (%1$L, 'r');
        pbp_refetch := NULL;
    ELSIF$template$, tab, log_row) END
    FROM pg_class WHERE oid = rel
$body$;

-- PL/pgSQL that logs what the short way has not, since the rows are many or large: a refetch if it must be, and also if a row cannot
-- be JSON, which ends at 1 GB.
CREATE FUNCTION pbp.log_large(tab text, large text, refetch text, statement text) RETURNS text LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp AS $body$
    SELECT format($template$IF %1$s THEN
                IF %2$s THEN
                    INSERT INTO pbp.log (tab, op) VALUES (%4$L, 'r');
                ELSE
                    BEGIN
                        %3$s;
                    EXCEPTION WHEN data_exception OR program_limit_exceeded OR out_of_memory OR internal_error THEN
                        INSERT INTO pbp.log (tab, op) VALUES (%4$L, 'r');
                    END;
                END IF;
            END IF$template$, large, refetch, statement, tab)
$body$;

-- SQL that holds if no temporary object could be taken for a transition table, in a trigger that has none.
CREATE FUNCTION pbp.own_transition_tables() RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT '(pg_my_temp_schema() = 0 OR to_regclass(''pg_temp.pbp_new'') IS NULL AND to_regclass(''pg_temp.pbp_old'') IS NULL)'
$$;

-- SQL that holds for the row of pg_trigger of a trigger that has the transition tables of its operation.
CREATE FUNCTION pbp.has_transition_tables() RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'tgoldtable IS NOT DISTINCT FROM CASE WHEN TG_OP IN (''UPDATE'', ''DELETE'') THEN ''pbp_old'' END'
           ' AND tgnewtable IS NOT DISTINCT FROM CASE WHEN TG_OP IN (''INSERT'', ''UPDATE'') THEN ''pbp_new'' END'
$$;

-- The body of a table's trigger function. Each table has its own, so that PostgreSQL can keep its plans. The triggers of
-- partitions have an argument.
--
-- Where the table has another shape than when it was tracked, its readers refetch once. From then on the statement that logs is made
-- anew each time: slower, and just as exact. If that cannot be done, they refetch each time (pbp.present_shape). No writer fails.
CREATE FUNCTION pbp.trigger_body(rel oid, excluded text[], max_statement bigint) RETURNS text LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $body$
DECLARE
    tab      text    := pbp.table_name(rel);
    key      text[]  := pbp.key_columns(rel);
    cols     record  := pbp.columns(rel, excluded);
    complete boolean := excluded = '{}' AND pbp.counts_columns();
    listed   text[]  := ARRAY(SELECT concat(attnum, ' ', attname) FROM pg_attribute WHERE attrelid = rel AND attname = ANY (cols.names) ORDER BY attnum);
    before   text    := pbp.rows_of('pbp_old', key, cols.names, cols.types, cols.expressions, complete);
    after    text    := pbp.rows_of('pbp_new', key, cols.names, cols.types, cols.expressions, complete);
    twins    text    := CASE WHEN pbp.updates_itself(rel)
                             THEN pbp.ask_for_twins(key, cols.names, cols.types, cols.expressions) END;
    short    text[]; -- what logs an INSERT, an UPDATE and a DELETE
    long     text[]; -- and what does where their rows are many or large
    virtual  boolean := EXISTS (SELECT FROM pg_attribute WHERE attrelid = rel AND attgenerated = 'v' AND NOT attisdropped AND attname = ANY (cols.names));
BEGIN
    SELECT array_agg(CASE WHEN twins IS NOT NULL AND op = 'UPDATE'
                          THEN format('IF NOT %s AND (%s) THEN INSERT INTO pbp.log (tab, op) VALUES (%L, ''r''); ELSE %s AND NOT %1$s; END IF',
                                      large, twins, tab, statement)
                          WHEN virtual -- its expression may fail, as in a division by zero
                          THEN format('BEGIN %s AND NOT %s; EXCEPTION WHEN data_exception THEN INSERT INTO pbp.log (tab, op) VALUES (%L, ''r''); END',
                                      statement, large, tab)
                          ELSE format('%s AND NOT %s', statement, large) END ORDER BY ord),
           array_agg(pbp.log_large(tab, large, concat_ws(' OR ', excess, CASE op WHEN 'UPDATE' THEN '(' || twins || ')' END),
                                   statement) ORDER BY ord)
    INTO short, long
    FROM unnest('{INSERT,UPDATE,DELETE}'::text[]) WITH ORDINALITY u (op, ord),
         pbp.log_statement(tab, op, key, cols.names, cols.types, cols.expressions, complete) statement,
         -- What it lets pass is so small that its JSON cannot become too large, however well it was compressed.
         pbp.ask_for_large(op, cols.names, cols.types, cols.expressions, least(max_statement, 524288)) large,
         pbp.ask_for_excess(op, cols.names, cols.types, cols.expressions, max_statement) excess;
    RETURN format($template$
#variable_conflict use_column
DECLARE
    pbp_root    oid;
    pbp_table   text;
    pbp_refetch boolean;
    pbp_names   text[];
    pbp_types   oid[];
    pbp_key     text[];
    pbp_shape   text;
BEGIN
    -- What runs for every statement consists of few expressions, none of which is a query: each costs a microsecond or more.
    %16$s TG_OP = 'INSERT' AND %6$s THEN
        %3$s;
    ELSIF TG_OP = 'UPDATE' AND %6$s THEN
        %4$s;
    ELSIF TG_OP = 'DELETE' AND %6$s THEN
        %5$s;
    ELSIF TG_OP = 'TRUNCATE' THEN
        -- Which rows go with a partition is not known: TRUNCATE also removes what a SERIALIZABLE transaction does not see. Where
        -- the whole table is truncated, its own trigger comes later, and what it logs supersedes this.
        INSERT INTO pbp.log (tab, op) VALUES (%1$L, CASE WHEN TG_NARGS = 0 THEN 't' ELSE 'r' END);
    ELSE
        pbp_refetch := false; -- the table has another shape
    END IF;
    -- Expressions with a query cost most: where rows were logged, none is evaluated.
    IF NOT FOUND THEN
        IF pbp_refetch IS NULL THEN
            -- There was nothing to log, the rows are many or large, or columns have other names or types by now.
            IF TG_OP = 'INSERT' THEN
                %12$s;
            ELSIF TG_OP = 'UPDATE' THEN
                %13$s;
            ELSE
                %14$s;
            END IF;
            IF NOT FOUND THEN
                IF TG_OP = 'DELETE' THEN
                    pbp_refetch := (SELECT false FROM %7$s WHERE NOT pbp_row_is.ok LIMIT 1);
                ELSE
                    pbp_refetch := (SELECT false FROM %8$s WHERE NOT pbp_row_is.ok LIMIT 1);
                END IF;
                IF pbp_refetch IS NULL THEN
                    RETURN NULL;
                END IF;
            END IF;
        END IF;
        IF pbp_refetch IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = TG_RELID AND tgname = TG_NAME AND %17$s) THEN
            INSERT INTO pbp.log (tab, op) VALUES (%1$L, 'r'); -- pbp_old or pbp_new is not a transition table, or nobody knows
        ELSIF pbp_refetch IS NOT NULL THEN
            -- Names and types as this statement has them. A row of nulls calls no cast.
            pbp_root := CASE WHEN TG_NARGS = 0 THEN TG_RELID ELSE pg_partition_root(TG_RELID) END;
            pbp_table := CASE TG_OP WHEN 'DELETE' THEN 'pbp_old' ELSE 'pbp_new' END;
            EXECUTE format('SELECT array_agg(k ORDER BY ord) FROM (SELECT to_json(x.*) AS j FROM (SELECT r.* FROM (SELECT) AS one'
                           ' LEFT JOIN %%I AS r ON false) AS x) AS y, json_object_keys(j) WITH ORDINALITY AS u (k, ord)', pbp_table)
                INTO pbp_names;
            EXECUTE format('SELECT ARRAY[%%s]::oid[] FROM (SELECT r.* FROM (SELECT) AS one LEFT JOIN %%I AS r ON false) AS x',
                           (SELECT string_agg(format('pg_typeof(%%I)', k), ', ' ORDER BY ord)
                            FROM unnest(pbp_names) WITH ORDINALITY AS u (k, ord)), pbp_table)
                INTO pbp_types;
            pbp_key := pbp.key_columns(pbp_root);
            pbp_shape := pbp.present_shape(TG_RELID, pbp_root, pbp_key, pbp_names, pbp_types);
            IF %10$L::text[] <> '{}' THEN
                SELECT array_agg(k ORDER BY ord), array_agg(t ORDER BY ord) INTO pbp_names, pbp_types
                FROM unnest(pbp_names, pbp_types) WITH ORDINALITY AS u (k, t, ord) WHERE k = ANY (pbp_key) AND k <> ALL (%10$L::text[])
                   OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = pbp_root AND attname = k AND NOT attisdropped
                                                         AND concat(attnum, ' ', attname) = ANY (%18$L::text[]));
            END IF;
            pbp_refetch := pbp_shape IS NULL OR NOT pbp_key <@ pbp_names;
            IF NOT pbp_refetch AND NOT (%19$s AND pbp_names = %2$L::text[] AND pbp_types = %20$L::oid[])
               AND NOT EXISTS (SELECT FROM pbp.reshaped WHERE tab = %1$L AND shape = pbp_shape)
            THEN
                INSERT INTO pbp.reshaped (tab, shape) VALUES (%1$L, pbp_shape);
                pbp_refetch := true;
            END IF;
            IF NOT pbp_refetch THEN
                BEGIN
                    EXECUTE 'SELECT ' || pbp.ask_for_excess(TG_OP, pbp_names, pbp_types, pbp.expressions(pbp_root, pbp_names), %15$L)
                        INTO pbp_refetch;
                    IF NOT pbp_refetch AND TG_OP = 'UPDATE' THEN
                        EXECUTE pbp.ask_for_twins(pbp_key, pbp_names, pbp_types, pbp.expressions(pbp_root, pbp_names)) INTO pbp_refetch;
                    END IF;
                    IF NOT pbp_refetch THEN
                        EXECUTE pbp.log_statement(%1$L, TG_OP, pbp_key, pbp_names, pbp_types, pbp.expressions(pbp_root, pbp_names));
                    END IF;
                EXCEPTION WHEN syntax_error_or_access_rule_violation OR data_exception OR program_limit_exceeded OR out_of_memory OR internal_error THEN
                    -- A type or a virtual column is younger than the snapshot, so how to render it is not known; or a row is too large.
                    pbp_refetch := true;
                END;
            END IF;
            IF pbp_refetch THEN
                INSERT INTO pbp.log (tab, op) VALUES (%1$L, 'r');
            END IF;
        END IF;
    END IF;
%11$s
    RETURN NULL;
END
$template$,
        tab, cols.names, short[1], short[2], short[3], concat_ws(' AND ', pbp.own_transition_tables(), pbp.same_shape(rel, excluded)), before, after, key, excluded, pbp.wake_readers(),
        long[1], long[2], long[3], max_statement, pbp.preamble(rel, tab, pbp.log_row(rel, excluded, tab, key)),
        pbp.has_transition_tables(), listed, pbp.same_shape(rel, excluded), cols.types);
END
$body$;

-- What a row looks like as JSON must not depend on the writer's settings (docs/decisions/0009-settings-that-do-not-show.md). Those
-- that matter to few tables are set for these alone. What money looks like is up to the session that tracks the table.
CREATE FUNCTION pbp.function_settings(rel oid, body text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT concat_ws(' ',
        'SET search_path = pg_catalog, pg_temp SET timezone = ''UTC'' SET datestyle = ''ISO, MDY'' SET intervalstyle = iso_8601',
        'SET extra_float_digits = 1 SET bytea_output = hex SET quote_all_identifiers = off SET array_nulls = on',
        'SET standard_conforming_strings = on',
        CASE WHEN EXISTS (SELECT FROM pg_attribute
                          WHERE attrelid = rel AND pbp.base_type(atttypid) IN ('money'::regtype, 'money[]'::regtype))
             THEN format('SET lc_monetary = %L', current_setting('lc_monetary')) END)
$$;

-- What belongs to the log's owner. Nobody but pbp.tracked's triggers calls these three.

-- A dump that was restored without grants lets everybody call everything: these three would then give away their owner's rights.
CREATE FUNCTION pbp.require_secured() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pbp'::regnamespace AND has_function_privilege('public', oid, 'EXECUTE')
                                     AND proname IN ('create_function', 'open_function', 'drop_function')) THEN
        RAISE EXCEPTION 'pbp: its functions are open to everybody, as after a dump was restored without grants'
            USING ERRCODE = 'insufficient_privilege', HINT = 'As the owner of schema pbp: SELECT pbp.secure()';
    END IF;
END
$$;

CREATE FUNCTION pbp.create_function(fn name, body text, settings text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pbp.require_secured();
    EXECUTE format('CREATE OR REPLACE FUNCTION pbp.%I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER %s AS %L', fn, settings, body);
    EXECUTE format('REVOKE ALL ON FUNCTION pbp.%I() FROM PUBLIC', fn);
END
$$;

-- Lets a role create triggers with a function, or nobody any more.
CREATE FUNCTION pbp.grant_function(fn name, role oid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    other oid;
BEGIN
    PERFORM pbp.require_secured();
    FOR other IN SELECT a.grantee FROM pg_proc p, aclexplode(p.proacl) a
                 WHERE p.pronamespace = 'pbp'::regnamespace AND p.proname = fn AND a.grantee <> p.proowner LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION pbp.%I() FROM %s', fn, CASE other WHEN 0 THEN 'PUBLIC' ELSE other::regrole::text END);
    END LOOP;
    IF role IS NOT NULL THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION pbp.%I() TO %s', fn, role::regrole);
    END IF;
END
$$;

-- The same for an installing role that is not a superuser. A superuser calls nothing that belongs to the log's owner.
CREATE FUNCTION pbp.open_function(fn name, role oid) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT pbp.grant_function(fn, role)
$$;

CREATE FUNCTION pbp.is_superuser() RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT rolsuper FROM pg_roles WHERE rolname = current_user
$$;

-- Makes a function in the name of the log's owner. A superuser needs no right of that role's on the schema, which one transaction at a
-- time could grant and revoke.
CREATE FUNCTION pbp.make_function(fn name, body text, settings text) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    owner name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'pbp.log'::regclass);
BEGIN
    IF owner = current_user THEN
        PERFORM pbp.create_function(fn, body, settings);
    ELSIF pbp.is_superuser() THEN
        PERFORM pbp.require_secured();
        EXECUTE format('CREATE OR REPLACE FUNCTION pbp.%I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER %s AS %L', fn, settings, body);
        EXECUTE format('ALTER FUNCTION pbp.%I() OWNER TO %I', fn, owner);
        EXECUTE format('REVOKE ALL ON FUNCTION pbp.%I() FROM PUBLIC', fn);
    ELSE
        EXECUTE format('GRANT CREATE ON SCHEMA pbp TO %I', owner);
        PERFORM pbp.create_function(fn, body, settings);
        EXECUTE format('REVOKE CREATE ON SCHEMA pbp FROM %I', owner);
    END IF;
END
$$;

CREATE FUNCTION pbp.drop_function(fn name) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pbp.require_secured();
    EXECUTE format('DROP FUNCTION IF EXISTS pbp.%I() CASCADE', fn); -- with triggers that partitions kept, which were detached
END
$$;

-- Readers of a table must refetch: a trigger was missing for a while, or rows look different from now on.
CREATE FUNCTION pbp.log_refetch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO pbp.log (tab, op) VALUES (OLD.name, 'r');
    -- DDL may be prepared, which fails after a NOTIFY. Where that is allowed, sleeping readers look once a second.
    IF pg_notification_queue_usage() < 0.5 AND current_setting('max_prepared_transactions') = '0' THEN
        PERFORM pg_notify('pbp_changes', '');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER log_refetch AFTER UPDATE ON pbp.tracked FOR EACH ROW
    WHEN (NEW.refetched <> OLD.refetched) EXECUTE FUNCTION pbp.log_refetch();
CREATE TRIGGER log_untracked AFTER DELETE ON pbp.tracked FOR EACH ROW EXECUTE FUNCTION pbp.log_refetch();

-- Fails, saying why, if a table cannot be tracked like this.
CREATE FUNCTION pbp.require_trackable(rel regclass, excluded text[]) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := pbp.table_name(rel);
    bad  text;
BEGIN
    IF name IS NULL THEN
        RAISE EXCEPTION '%: no such table', rel USING ERRCODE = 'undefined_table';
    END IF;
    IF (SELECT relkind NOT IN ('r', 'p') OR relpersistence = 't' OR relnamespace = 'pbp'::regnamespace
               OR relnamespace = 'pg_catalog'::regnamespace FROM pg_class WHERE oid = rel) THEN
        RAISE EXCEPTION '%: only an ordinary or partitioned user table can be tracked', name USING ERRCODE = 'wrong_object_type';
    END IF;
    SELECT a.attname INTO bad FROM pg_attribute a WHERE attrelid = rel AND attnum > 0 AND NOT pbp.is_readable(concat(name, ' ', attname)) LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: its name or that of its column % is not text in UTF-8, so no reader could name it', pbp.visible(name), pbp.visible(bad)
            USING ERRCODE = 'invalid_name';
    END IF;
    IF (SELECT relispartition FROM pg_class WHERE oid = rel) THEN
        RAISE EXCEPTION '%: is a partition; track its root %', name, pbp.table_name(pg_partition_root(rel))
            USING ERRCODE = 'wrong_object_type';
    END IF;
    SELECT c.oid::regclass INTO bad FROM pg_class c JOIN pbp.members(rel) m ON m = c.oid WHERE relpersistence = 'u' LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: % is unlogged: a crash of the server empties it, and no reader would hear of that', name, bad
            USING ERRCODE = 'wrong_object_type', HINT = format('ALTER TABLE %s SET LOGGED', bad);
    END IF;
    SELECT c.oid::regclass INTO bad FROM pg_class c JOIN pbp.members(rel) m ON m = c.oid WHERE relkind = 'f' LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: its partition % is a foreign table, which cannot have the triggers', name, bad
            USING ERRCODE = 'wrong_object_type';
    END IF;
    SELECT inhrelid::regclass INTO bad FROM pg_inherits JOIN pg_class c ON c.oid = inhparent
    WHERE inhparent = rel AND relkind = 'r' LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: % inherits from it: what is written there would be read here, and never reported', name, bad
            USING ERRCODE = 'wrong_object_type';
    END IF;
    SELECT inhparent::regclass INTO bad FROM pg_inherits WHERE inhrelid = rel LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: inherits from %: what is written to it there would never be reported', name, bad
            USING ERRCODE = 'wrong_object_type';
    END IF;
    -- pbp would drop them, or they it.
    SELECT t.tgrelid::regclass || '.' || t.tgname INTO bad FROM pg_trigger t JOIN pbp.members(rel) m ON m = t.tgrelid
    WHERE tgname IN ('pbp_insert', 'pbp_update', 'pbp_delete', 'pbp_truncate', 'pbp_replica')
      AND NOT EXISTS (SELECT FROM pg_proc WHERE oid = tgfoid AND pronamespace = 'pbp'::regnamespace) LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: the trigger % has a name of pbp''s', name, bad USING ERRCODE = 'duplicate_object', HINT = 'Rename it: ALTER TRIGGER';
    END IF;
    IF pbp.key_columns(rel) IS NULL THEN
        RAISE EXCEPTION '%: has no primary key; without one a change cannot say which row it is about', name
            USING ERRCODE = 'invalid_table_definition', HINT = format('ALTER TABLE %s ADD PRIMARY KEY (...)', rel);
    END IF;
    -- It could change hands in the middle of a transaction, and the order of its changes could not be found.
    IF EXISTS (SELECT FROM pg_index WHERE indrelid = rel AND indisprimary AND NOT indimmediate) THEN
        RAISE EXCEPTION '%: its primary key is deferrable: two rows may have the same key for a while', name
            USING ERRCODE = 'invalid_table_definition';
    END IF;
    IF array_position(excluded, NULL) IS NOT NULL THEN
        RAISE EXCEPTION '%: cannot leave out null: name columns', name USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT string_agg(e, ', ') INTO bad FROM unnest(excluded) e
    WHERE e = ANY (pbp.key_columns(rel))
       OR NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = rel AND attname = e AND attnum > 0 AND NOT attisdropped);
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: cannot leave out %: not a column of it, or part of its key', name, bad USING ERRCODE = 'undefined_column';
    END IF;
    -- The triggers would calculate it with the rights of the log's owner.
    SELECT string_agg(a.attname, ', ') INTO bad
    FROM pg_attribute a
    JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refobjid >= 16384
        AND p.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
    WHERE a.attrelid = rel AND a.attgenerated = 'v' AND a.attname <> ALL (excluded);
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: the virtual column % calls a user''s function; leave it out', name, bad USING ERRCODE = 'feature_not_supported';
    END IF;
END
$$;

-- Those of the names that are columns of a table.
CREATE FUNCTION pbp.present_columns(rel oid, names text[]) RETURNS text[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ARRAY(SELECT attname::text FROM pg_attribute
                 WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND attname = ANY (names))
$$;

-- Why a table that is tracked like this could not be any more; null if it could.
CREATE FUNCTION pbp.why_untrackable(rel regclass, excluded text[]) RETURNS text LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pbp.require_trackable(rel, pbp.present_columns(rel, excluded));
    RETURN NULL;
EXCEPTION WHEN undefined_table OR undefined_column OR wrong_object_type OR invalid_table_definition OR feature_not_supported
    OR duplicate_object THEN
    RETURN replace('^' || SQLERRM, '^' || pbp.table_name(rel) || ': ', '');
END
$$;

-- Whether a trigger function has this body and the settings that keep it safe.
CREATE FUNCTION pbp.is_made(fn name, body text) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pbp'::regnamespace AND proname = fn AND prosrc = body AND prosecdef
                   AND 'search_path=pg_catalog, pg_temp' = ANY (proconfig))
$$;

-- Keeps a row of pbp.tracked, and the function that belongs to it, true to the table.
CREATE FUNCTION pbp.keep_tracked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    body    text;
    is_same boolean;
    other   pbp.tracked;
    schema  text := 'pbp';
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.rewritten AND NOT OLD.rewritten THEN
        RETURN NEW; -- the end of the statement tells more
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.rel <> OLD.rel THEN
        RAISE EXCEPTION '%: a tracked table is not replaced by another', OLD.name USING ERRCODE = 'feature_not_supported';
    END IF;
    IF NEW.following THEN
        IF NEW.excluded <> '{}' THEN
            NEW.excluded := ARRAY(SELECT DISTINCT e FROM unnest(pbp.hidden(NEW.rel, NEW.excluded)) e ORDER BY e);
        END IF;
        NEW.suspended := pbp.why_untrackable(NEW.rel, NEW.excluded);
    ELSE
        IF TG_OP = 'UPDATE' AND NEW.excluded @> OLD.excluded AND NEW.excluded <@ OLD.excluded THEN
            PERFORM pbp.require_trackable(NEW.rel, pbp.present_columns(NEW.rel, NEW.excluded)); -- some may have been dropped since
        ELSE
            PERFORM pbp.require_trackable(NEW.rel, NEW.excluded);
        END IF;
        NEW.suspended := NULL;
    END IF;
    NEW.name := pbp.table_name(NEW.rel);
    NEW.included := (pbp.columns(NEW.rel, NEW.excluded)).names;
    NEW.shape := pbp.shape(NEW.rel, NEW.excluded);
    SELECT * INTO other FROM pbp.tracked t WHERE t.name = NEW.name AND t.rel <> NEW.rel LIMIT 1;
    IF EXISTS (SELECT FROM pg_class WHERE oid = other.rel) THEN
        RAISE EXCEPTION '%: is still what readers call %, which was renamed', NEW.name, other.rel
            USING ERRCODE = 'duplicate_object', HINT = format('SELECT pbp.track(%1$L), or pbp.untrack(%1$L), first', other.rel);
    ELSIF other.rel IS NOT NULL THEN
        DELETE FROM pbp.tracked t WHERE t.rel = other.rel; -- it was dropped
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.fn := 'log_' || NEW.rel::oid;
        WHILE EXISTS (SELECT FROM pg_proc WHERE pronamespace = schema::regnamespace AND proname = NEW.fn) LOOP
            NEW.fn := NEW.fn || '_'; -- in a restored dump that name may be another table's
        END LOOP;
        NEW.generation := 0;
    ELSE
        NEW.fn := OLD.fn;
        NEW.generation := OLD.generation;
    END IF;
    body := CASE WHEN NEW.suspended IS NULL THEN pbp.trigger_body(NEW.rel, NEW.excluded, NEW.max_statement)
                 ELSE 'BEGIN RETURN NULL; END' END;
    IF NOT pbp.is_made(NEW.fn, body) THEN
        -- Readers see nothing of another limit.
        is_same := TG_OP = 'UPDATE' AND NEW.suspended IS NULL AND NEW.max_statement IS DISTINCT FROM OLD.max_statement
                   AND pbp.is_made(NEW.fn, pbp.trigger_body(NEW.rel, NEW.excluded, OLD.max_statement));
        PERFORM pbp.make_function(NEW.fn, body, pbp.function_settings(NEW.rel, body));
        NEW.generation := NEW.generation + CASE WHEN is_same THEN 0 ELSE 1 END;
    ELSIF NEW.name <> OLD.name OR NEW.excluded <> OLD.excluded
          OR EXISTS (SELECT FROM pbp.reshaped WHERE tab = NEW.name) THEN -- its triggers may have taken one shape for another meanwhile
        NEW.generation := NEW.generation + 1;
    END IF;
    DELETE FROM pbp.reshaped WHERE tab = NEW.name;
    IF NEW.following THEN
        NEW.following := false;
        IF NEW.name <> OLD.name OR NEW.suspended IS DISTINCT FROM OLD.suspended AND (NEW.suspended IS NULL OR OLD.suspended IS NULL)
           OR NEW.suspended IS NULL AND NOT pbp.is_alike(OLD.shape, NEW.shape) THEN
            NEW.refetched := clock_timestamp();
        END IF;
    ELSE
        NEW.members := ARRAY(SELECT m FROM pbp.members(NEW.rel) m ORDER BY m::oid);
        NEW.marks := pbp.trigger_marks(NEW.members, NEW.fn);
        IF NEW.generation <> OLD.generation OR NEW.rewritten THEN
            NEW.refetched := clock_timestamp();
            NEW.rewritten := false;
        END IF;
    END IF;
    IF NEW.opening THEN
        NEW.opening := false;
        PERFORM CASE WHEN pbp.is_superuser() THEN pbp.grant_function(f, relowner) ELSE pbp.open_function(f, relowner) END
        FROM unnest(ARRAY[NEW.fn, 'keep_mtime']) f, pg_class WHERE oid = NEW.rel;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_tracked BEFORE INSERT OR UPDATE ON pbp.tracked FOR EACH ROW EXECUTE FUNCTION pbp.keep_tracked();

CREATE FUNCTION pbp.drop_tracked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pbp.is_superuser() THEN
        EXECUTE format('DROP FUNCTION IF EXISTS pbp.%I() CASCADE', OLD.fn);
    ELSE
        PERFORM pbp.drop_function(OLD.fn);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER drop_tracked AFTER DELETE ON pbp.tracked FOR EACH ROW EXECUTE FUNCTION pbp.drop_tracked();

-- At the end of the transaction, whoever wrote the row: the function can be attached to nothing any more, and was attached to
-- nothing but the tracked table.
CREATE FUNCTION pbp.seal_tracked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    foreign_table regclass;
BEGIN
    IF EXISTS (SELECT FROM pg_proc p, aclexplode(p.proacl) a
               WHERE p.pronamespace = 'pbp'::regnamespace AND p.proname IN (NEW.fn, 'keep_mtime') AND a.grantee <> p.proowner) THEN
        PERFORM CASE WHEN pbp.is_superuser() THEN pbp.grant_function(f, NULL) ELSE pbp.open_function(f, NULL) END
        FROM unnest(ARRAY[NEW.fn, 'keep_mtime']) f;
        SELECT t.tgrelid INTO foreign_table
        FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE p.pronamespace = 'pbp'::regnamespace
          AND (p.proname = NEW.fn AND (t.tgrelid NOT IN (SELECT pbp.members(NEW.rel)) OR NOT pbp.is_made_trigger(t.oid))
               OR p.proname = 'keep_mtime' AND t.tgrelid NOT IN (SELECT pbp.members(x.rel) FROM pbp.tracked x WHERE x.mtime))
        LIMIT 1;
        IF foreign_table IS NOT NULL THEN
            RAISE EXCEPTION '%: a trigger of pbp''s was attached to it that pbp does not make', foreign_table
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER seal_tracked AFTER INSERT OR UPDATE ON pbp.tracked DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION pbp.seal_tracked();

-- Whether the caller owns a table, or it is there no more.
CREATE FUNCTION pbp.is_own(rel oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM pg_class WHERE oid = rel AND NOT pg_has_role(relowner, 'USAGE'))
$$;

-- What a role may track. A function in a view runs with the rights of the view's user.
CREATE VIEW pbp.tracking WITH (security_barrier) AS
    SELECT rel, name, excluded, fn, generation, refetched, opening, mtime, members, marks, shape, suspended, max_statement
    FROM pbp.tracked WHERE pbp.is_own(rel)
    WITH CHECK OPTION;

CREATE FUNCTION pbp.drop_triggers(rel oid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    trigger name;
BEGIN
    FOR trigger IN
        SELECT tgname FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid
        WHERE tgrelid = rel AND tgname IN ('pbp_insert', 'pbp_update', 'pbp_delete', 'pbp_truncate', 'pbp_replica')
          AND pronamespace = 'pbp'::regnamespace
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', trigger, rel::regclass);
    END LOOP;
END
$$;

CREATE FUNCTION pbp.create_triggers(rel oid, is_partition boolean, fn name) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    call text := format('FOR EACH STATEMENT EXECUTE FUNCTION pbp.%I(%s)', fn, CASE WHEN is_partition THEN '''partition''' END);
BEGIN
    EXECUTE format('CREATE TRIGGER pbp_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS pbp_new %s', rel::regclass, call);
    EXECUTE format('CREATE TRIGGER pbp_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS pbp_old NEW TABLE AS pbp_new %s',
                   rel::regclass, call);
    EXECUTE format('CREATE TRIGGER pbp_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS pbp_old %s', rel::regclass, call);
    EXECUTE format('CREATE TRIGGER pbp_truncate %s TRUNCATE ON %s %s',
                   CASE WHEN is_partition THEN 'BEFORE' ELSE 'AFTER' END, rel::regclass, call);
    EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER pbp_truncate', rel::regclass);
    PERFORM pbp.create_replica_trigger(rel, is_partition, fn);
END
$$;

-- CREATE TRIGGER waits for those who write to the table, and holds up all who come after it: ten seconds at most, or as long as
-- the caller's own lock_timeout says if that is shorter. Returns the setting that was there, to be put back.
CREATE FUNCTION pbp.limit_lock_timeout() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    was    text     := pg_catalog.current_setting('lock_timeout');
    millis interval := was::pg_catalog.interval;
BEGIN
    IF millis OPERATOR(pg_catalog.=) '0' OR millis OPERATOR(pg_catalog.>) '10s' THEN
        PERFORM pg_catalog.set_config('lock_timeout', '10s', true);
    END IF;
    RETURN was;
END
$$;

-- Locks a table and its partitions against DDL, as it does itself, before the list of tracked tables is locked: in the other order it and
-- a session that alters the table would wait for each other.
CREATE FUNCTION pbp.lock_members(rel regclass, mode text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relkind IN ('r', 'p') AND has_table_privilege(oid, 'UPDATE') FROM pg_class WHERE oid = rel) AND pbp.is_own(rel) THEN
        EXECUTE format('LOCK TABLE %s IN %s MODE', rel, mode);
    END IF;
END
$$;

-- Takes all of it away again, also of a table that is there no more. True if the table was tracked. Its readers must refetch, and
-- then find that it is not tracked.
CREATE FUNCTION pbp.untrack(rel regclass) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was     pbp.tracking;
    member  regclass;
    timeout text := pbp.limit_lock_timeout();
BEGIN
    SELECT * INTO was FROM pbp.tracking t WHERE t.rel = untrack.rel LIMIT 1;
    IF NOT FOUND THEN
        PERFORM pbp.require_owner(rel), set_config('lock_timeout', timeout, true);
        RETURN false;
    END IF;
    PERFORM pbp.lock_members(rel, 'ACCESS EXCLUSIVE');
    IF was.mtime AND EXISTS (SELECT FROM pg_class WHERE oid = untrack.rel) THEN
        EXECUTE format('DROP TRIGGER IF EXISTS "~pbp_mtime" ON %s', rel);
        EXECUTE format('ALTER TABLE %s DROP COLUMN IF EXISTS mtime', rel);
    END IF;
    FOR member IN SELECT pbp.triggered_by(was.fn) UNION SELECT untrack.rel LOOP
        PERFORM pbp.drop_triggers(member);
    END LOOP;
    DELETE FROM pbp.tracking t WHERE t.rel = untrack.rel;
    PERFORM set_config('lock_timeout', timeout, true);
    RETURN true;
END
$$;

-- Fails if the caller does not own the table.
CREATE FUNCTION pbp.require_owner(rel regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT pbp.is_own(rel) THEN
        RAISE EXCEPTION '%: only its owner can track or untrack it, which is %; this is %', pbp.table_name(rel),
            (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = rel), current_user USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;

-- Asks all readers of a table (named as readers see it) to read it again: for changes that no trigger sees.
CREATE FUNCTION pbp.refetch(tab text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE pbp.tracking SET refetched = clock_timestamp() WHERE name = tab;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%: not a tracked table of %', tab, current_user USING ERRCODE = 'undefined_table';
    END IF;
END
$$;

-- A limit in bytes from a size as PostgreSQL writes it, such as 8MB; null for none.
CREATE FUNCTION pbp.max_statement(size text) RETURNS bigint LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bytes bigint := pg_size_bytes(nullif(lower(size), 'none'));
BEGIN
    IF bytes < 1 THEN
        RAISE EXCEPTION 'max_statement: expected at least 1 byte, or none, got %', size USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN bytes;
END
$$;

-- Makes a table live: every change that is committed from now on is in the log. With mtime, it gets a column of that name, which
-- the database's clock keeps (V006). Where max_statement is null, the table keeps its limit. True if there was something to do.
CREATE FUNCTION pbp.track(rel regclass, excluded text[] DEFAULT '{}', mtime boolean DEFAULT false, max_statement text DEFAULT NULL)
    RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was     pbp.tracking;
    now     pbp.tracking;
    member  regclass;
    changed boolean := false;
    timeout text    := pbp.limit_lock_timeout();
BEGIN
    PERFORM pbp.require_owner(rel);
    PERFORM pbp.lock_members(rel, 'SHARE UPDATE EXCLUSIVE');
    LOCK TABLE pbp.tracking IN SHARE UPDATE EXCLUSIVE MODE; -- one at a time; DDL that is followed goes on
    SELECT * INTO was FROM pbp.tracking t WHERE t.rel = track.rel LIMIT 1;
    IF was.rel IS NULL THEN
        INSERT INTO pbp.tracking (rel, excluded) VALUES (rel, excluded);
        IF NOT pbp.is_lossless() THEN
            RAISE WARNING '%: the encoding % of this database accepts bytes that are not text in UTF-8; a change of a row that holds such'
                ' bytes makes the readers refetch, and the row cannot be read', pbp.visible(pbp.table_name(rel)), getdatabaseencoding();
        END IF;
    ELSE
        UPDATE pbp.tracking t SET excluded = track.excluded WHERE t.rel = track.rel;
    END IF;
    IF max_statement IS NOT NULL THEN
        UPDATE pbp.tracking t SET max_statement = pbp.max_statement(track.max_statement) WHERE t.rel = track.rel;
    END IF;
    IF mtime AND pbp.add_mtime(rel) THEN
        UPDATE pbp.tracking t SET mtime = true WHERE t.rel = track.rel;
        changed := true;
    END IF;
    SELECT * INTO now FROM pbp.tracking t WHERE t.rel = track.rel LIMIT 1;
    changed := changed OR was.rel IS NULL OR now.generation <> was.generation OR pbp.were_disabled(was.marks, now.marks)
        OR was.members <> now.members OR NOT pbp.is_alike(was.shape, now.shape);

    FOR member IN SELECT pbp.triggered_by(now.fn) EXCEPT SELECT pbp.members(rel) LOOP
        PERFORM pbp.drop_triggers(member); -- it was detached
        changed := true;
    END LOOP;
    FOR member IN SELECT m FROM pbp.members(rel) m WHERE NOT pbp.has_triggers(m, now.fn) LOOP
        UPDATE pbp.tracking t SET opening = true WHERE t.rel = track.rel;
        PERFORM pbp.drop_triggers(member), pbp.create_triggers(member, member <> rel, now.fn);
        changed := true;
    END LOOP;
    IF changed AND was.generation = now.generation THEN
        PERFORM pbp.refetch(now.name); -- what no trigger has seen
    ELSIF changed THEN
        UPDATE pbp.tracking t SET opening = false WHERE t.rel = track.rel; -- with its triggers as they are now
    END IF;
    changed := changed OR now.max_statement IS DISTINCT FROM was.max_statement;
    PERFORM set_config('lock_timeout', timeout, true);
    RETURN changed;
END
$$;
