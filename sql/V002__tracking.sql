-- Which tables are live: pbp.track(table) installs triggers that fill the log, pbp.untrack(table) takes them away.
-- A tracked table is not altered. A partitioned one is tracked at its root; run track again after adding a partition.

-- The table as readers see it: without the schema where that is public; a part that holds a dot or a quote, in quotes.
CREATE FUNCTION pbp.table_name(rel oid) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(CASE WHEN part ~ '[."]' THEN '"' || replace(part, '"', '""') || '"' ELSE part END, '.' ORDER BY ord)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace,
    unnest(ARRAY[n.nspname, c.relname]::text[]) WITH ORDINALITY parts (part, ord)
    WHERE c.oid = rel AND NOT (ord = 1 AND part = 'public')
$$;

-- The columns of the primary key, in the key's order; null if there is none.
CREATE FUNCTION pbp.key_columns(rel oid) RETURNS text[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(a.attname::text ORDER BY k.ord)
    FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, ord), pg_attribute a
    WHERE i.indrelid = rel AND i.indisprimary AND a.attrelid = rel AND a.attnum = k.attnum
$$;

-- SQL for the key of the row r as JSON.
CREATE FUNCTION pbp.key_json(rel oid, r text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('json_build_object(%s)', string_agg(format('%L, %I.%I', k, r, k), ', ' ORDER BY ord))
    FROM unnest(pbp.key_columns(rel)) WITH ORDINALITY u (k, ord)
$$;

-- The columns that readers see, where they have to be listed: some are left out, or have to be calculated. Else null.
CREATE FUNCTION pbp.listed_columns(rel oid, excluded text[]) RETURNS name[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN excluded <> '{}' OR bool_or(attgenerated = 'v') THEN array_agg(attname ORDER BY attnum) END
    FROM pg_attribute
    WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND attname <> ALL (excluded)
$$;

-- SQL for the row r as JSON (r.*, since a bare r would be its column r if it had one): all columns, later ones too; but where
-- they are listed, only those that are there now. A virtual generated column is null in what triggers see of the row, so it
-- is calculated.
CREATE FUNCTION pbp.row_json(rel oid, excluded text[], r text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN pbp.listed_columns(rel, excluded) IS NULL THEN format('to_json(%I.*)', r)
                ELSE format('(SELECT to_json(v.*) FROM (SELECT %s FROM (SELECT %I.*) r) v)',
                            string_agg(CASE WHEN attgenerated = 'v'
                                            THEN format('%s AS %I', pg_get_expr(adbin, adrelid), attname)
                                            ELSE format('r.%I', attname) END, ', ' ORDER BY attnum), r) END
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND attname <> ALL (excluded)
$$;

-- SQL that holds if a column of the key, or a listed one, is called otherwise by now, or is gone. For the key these are
-- functions: they need no query, and tell the truth also in a REPEATABLE READ transaction, whose queries see an old catalog.
CREATE FUNCTION pbp.was_altered(rel oid, excluded text[]) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(format('pg_get_indexdef(to_regclass(%L), %s, false) IS DISTINCT FROM %L',
                             indexrelid::regclass, n, pg_get_indexdef(indexrelid, n, false)), ' OR ' ORDER BY n)
           || coalesce(' OR (SELECT count(*) FROM pg_attribute WHERE attrelid = TG_RELID AND NOT attisdropped AND attname = ANY ('
                       || quote_literal(pbp.listed_columns(rel, excluded)) || ')) <> ' || cardinality(pbp.listed_columns(rel, excluded)), '')
    FROM pg_index, generate_series(1, indnkeyatts) n
    WHERE indrelid = rel AND indisprimary
$$;

-- SQL that pairs an UPDATE's old row o with its new row n: they belong together if a reader cannot tell their keys apart.
-- For the types listed that is what = says (and what can be hashed fast); others have values that are equal and yet look
-- different, such as numeric 1.0 and 1.00, so what the reader sees is compared.
CREATE FUNCTION pbp.same_key(rel oid) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN bool_and(atttypid = ANY ('{int2,int4,int8,uuid,bool,date,timestamptz}'::regtype[])
                              OR atttypid = ANY ('{text,varchar}'::regtype[]) AND collisdeterministic)
                THEN string_agg(format('o.%1$I = n.%1$I', attname), ' AND ')
                ELSE format('%s::text = %s::text', pbp.key_json(rel, 'o'), pbp.key_json(rel, 'n')) END
    FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation
    WHERE attrelid = rel AND attname = ANY (pbp.key_columns(rel))
$$;

-- The body of a table's trigger function. Each table has its own, so that PostgreSQL can keep its plans. It holds no oid, which
-- would be another in a restored dump. The triggers of partitions have an argument.
CREATE FUNCTION pbp.trigger_body(rel oid, excluded text[]) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT format($template$
#variable_conflict use_column
DECLARE
    pbp_stack  text := concat('pbp.at_', TG_RELID, '_', TG_OP);
    pbp_places text := CASE TG_WHEN WHEN 'AFTER' THEN current_setting(pbp_stack, true) END;
    pbp_place  integer;
BEGIN
    IF pbp_places <> '' THEN
        pbp_place := split_part(pbp_places, ' ', 1);
        pbp_stack := set_config(pbp_stack, substr(pbp_places, strpos(pbp_places, ' ') + 1), true);
    ELSE
        pbp_place := pbp.next_place(); -- someone disabled the BEFORE trigger: after everything so far
    END IF;
    IF TG_NARGS > 0 THEN
        IF NOT EXISTS (SELECT FROM pg_trigger m JOIN pg_trigger r USING (tgfoid)
                       WHERE m.tgrelid = TG_RELID AND m.tgname = TG_NAME AND r.tgrelid = pg_partition_root(TG_RELID))
        THEN
            RETURN NULL; -- it was detached
        END IF;
    END IF;
    IF TG_OP <> 'TRUNCATE' AND (%8$s) THEN
        -- A row can no longer be told as before. No writer fails for that: readers refetch until the table is tracked again.
        INSERT INTO pbp.log (place, tab, op) VALUES (pbp_place, %1$L, 'r');
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO pbp.log (place, tab, op, key, new)
        SELECT pbp_place, %1$L, 'i', %3$s, %5$s FROM pbp_new n;
    ELSIF TG_OP = 'UPDATE' THEN
        -- A row whose key changed has no partner: its old self goes, its new self comes.
        INSERT INTO pbp.log (place, tab, op, key, old, new)
        SELECT pbp_place, %1$L,
               CASE WHEN o.%7$I IS NOT DISTINCT FROM NULL THEN 'i' WHEN n.%7$I IS NOT DISTINCT FROM NULL THEN 'd' ELSE 'u' END,
               CASE WHEN n.%7$I IS NOT DISTINCT FROM NULL THEN %2$s ELSE %3$s END,
               CASE WHEN o.%7$I IS DISTINCT FROM NULL THEN %4$s END,
               CASE WHEN n.%7$I IS DISTINCT FROM NULL THEN %5$s END
        FROM pbp_old o FULL JOIN pbp_new n ON %6$s
        WHERE o.%7$I IS NOT DISTINCT FROM NULL OR n.%7$I IS NOT DISTINCT FROM NULL OR o.* *<> n.*;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO pbp.log (place, tab, op, key, old)
        SELECT pbp_place, %1$L, 'd', %2$s, %4$s FROM pbp_old o;
    ELSIF TG_NARGS = 0 THEN
        INSERT INTO pbp.log (place, tab, op) VALUES (pbp_place, %1$L, 't');
    ELSIF coalesce(current_setting(concat('pbp.at_', pg_partition_root(TG_RELID)::oid, '_TRUNCATE'), true), '') = '' THEN
        -- A partition alone is truncated, and this is its BEFORE trigger. Which rows go cannot be told: TRUNCATE also
        -- removes what a SERIALIZABLE transaction does not see. So the table's readers are told to refetch.
        INSERT INTO pbp.log (place, tab, op) VALUES (pbp_place, %1$L, 'r');
    END IF;
    -- Sleeping readers are told that there is something to read; one who is awake finds it by himself, and the writer is
    -- spared NOTIFY's server-wide lock. Why no wake-up is lost: docs/guarantees.md. It rests on looking at the flag after the
    -- log row was inserted, when this transaction has its id. Who may PREPARE TRANSACTION may switch it off.
    IF (FOUND OR TG_OP = 'TRUNCATE')
       AND coalesce(pg_sequence_last_value('pbp.awake'), 0) < date_part('epoch', clock_timestamp()) * 1000
       AND (coalesce(current_setting('pbp.wake', true), '') <> 'off' OR current_setting('max_prepared_transactions') = '0')
    THEN
        PERFORM pg_notify('pbp_changes', '');
    END IF;
    RETURN NULL;
END
$template$,
        pbp.table_name(rel), pbp.key_json(rel, 'o'), pbp.key_json(rel, 'n'),
        pbp.row_json(rel, excluded, 'o'), pbp.row_json(rel, excluded, 'n'),
        pbp.same_key(rel), (pbp.key_columns(rel))[1], pbp.was_altered(rel, excluded))
$body$;

-- The table and, where it is partitioned, its partitions of every level.
CREATE FUNCTION pbp.members(rel oid) RETURNS SETOF regclass LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT rel::regclass UNION SELECT relid FROM pg_partition_tree(rel)
$$;

-- Whether a table has all of its triggers, with this function, and none of them is disabled.
CREATE FUNCTION pbp.has_triggers(rel oid, fn name) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*) = 5
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = 'pbp'::regnamespace
    WHERE tgrelid = rel AND tgenabled IN ('O', 'A')
      AND (tgname = '~pbp_begin' AND proname = 'begin_statement'
           OR tgname IN ('pbp_insert', 'pbp_update', 'pbp_delete', 'pbp_truncate') AND proname = fn)
$$;

-- The tables that have triggers with this function: its own, its partitions, and what was detached.
CREATE FUNCTION pbp.triggered_by(fn name) RETURNS SETOF regclass LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT tgrelid::regclass
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE pronamespace = 'pbp'::regnamespace AND proname = fn
$$;

CREATE FUNCTION pbp.drop_triggers(rel oid) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    trigger name;
BEGIN
    FOR trigger IN
        SELECT tgname FROM pg_trigger
        WHERE tgrelid = rel AND tgname IN ('~pbp_begin', 'pbp_insert', 'pbp_update', 'pbp_delete', 'pbp_truncate')
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
    -- Of several triggers the one whose name sorts last fires last: what other BEFORE triggers write comes before us.
    EXECUTE format('CREATE TRIGGER "~pbp_begin" BEFORE INSERT OR UPDATE OR DELETE %s ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION pbp.begin_statement()',
                   CASE WHEN NOT is_partition THEN 'OR TRUNCATE' END, rel::regclass);
    EXECUTE format('CREATE TRIGGER pbp_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS pbp_new %s', rel::regclass, call);
    EXECUTE format('CREATE TRIGGER pbp_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS pbp_old NEW TABLE AS pbp_new %s',
                   rel::regclass, call);
    EXECUTE format('CREATE TRIGGER pbp_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS pbp_old %s', rel::regclass, call);
    EXECUTE format('CREATE TRIGGER pbp_truncate %s TRUNCATE ON %s %s',
                   CASE WHEN is_partition THEN 'BEFORE' ELSE 'AFTER' END, rel::regclass, call);
END
$$;

-- Tells all who follow a table (named as readers see it) to read it again: for changes that no trigger hears of.
CREATE FUNCTION pbp.refetch(tab text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO pbp.log (place, tab, op) VALUES (pbp.next_place(), tab, 'r');
    PERFORM pg_notify('pbp_changes', '');
END
$$;

-- Fails, saying why, if a table cannot be tracked like this.
CREATE FUNCTION pbp.require_trackable(rel regclass, excluded text[]) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := pbp.table_name(rel);
    bad  text;
BEGIN
    IF (SELECT relkind NOT IN ('r', 'p') OR relpersistence = 't' OR relnamespace = 'pbp'::regnamespace
               OR relnamespace = 'pg_catalog'::regnamespace FROM pg_class WHERE oid = rel) THEN
        RAISE EXCEPTION '%: only an ordinary or partitioned user table can be tracked', name USING ERRCODE = 'wrong_object_type';
    END IF;
    IF (SELECT relispartition FROM pg_class WHERE oid = rel) THEN
        RAISE EXCEPTION '%: is a partition; track its root %', name, pbp.table_name(pg_partition_root(rel))
            USING ERRCODE = 'wrong_object_type';
    END IF;
    SELECT c.oid::regclass INTO bad FROM pg_class c JOIN pbp.members(rel) m ON m = c.oid WHERE relpersistence = 'u' LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: % is unlogged: a crash of the server empties it, and no reader would be told', name, bad
            USING ERRCODE = 'wrong_object_type', HINT = format('ALTER TABLE %s SET LOGGED', bad);
    END IF;
    SELECT inhrelid::regclass INTO bad FROM pg_inherits JOIN pg_class c ON c.oid = inhparent
    WHERE inhparent = rel AND relkind = 'r' LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: % inherits from it: what is written there would be read here, and never told', name, bad
            USING ERRCODE = 'wrong_object_type';
    END IF;
    IF pbp.key_columns(rel) IS NULL THEN
        RAISE EXCEPTION '%: has no primary key; without one a change cannot say which row it is about', name
            USING ERRCODE = 'invalid_table_definition', HINT = format('ALTER TABLE %s ADD PRIMARY KEY (...)', rel);
    END IF;
    SELECT string_agg(e, ', ') INTO bad FROM unnest(excluded) e
    WHERE e = ANY (pbp.key_columns(rel))
       OR NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = rel AND attname = e AND attnum > 0 AND NOT attisdropped);
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%: cannot leave out %: not a column of it, or part of its key', name, bad USING ERRCODE = 'undefined_column';
    END IF;
END
$$;

-- Takes all of it away again, also of a table that is there no more. True if the table was tracked. Whoever follows it is told:
-- what is written from now on will not be.
CREATE FUNCTION pbp.untrack(rel regclass) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was    pbp.tracked;
    member regclass;
BEGIN
    DELETE FROM pbp.tracked t WHERE t.rel = $1 RETURNING * INTO was;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    FOR member IN SELECT pbp.triggered_by(was.fn) UNION SELECT $1 LOOP
        PERFORM pbp.drop_triggers(member);
    END LOOP;
    EXECUTE format('DROP FUNCTION IF EXISTS pbp.%I()', was.fn);
    PERFORM pbp.refetch(was.name);
    RETURN true;
END
$$;

-- Sees to it that no other table has this one's name, as readers see it.
CREATE FUNCTION pbp.free_name(rel regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    other regclass := (SELECT t.rel FROM pbp.tracked t WHERE t.name = pbp.table_name(free_name.rel) AND t.rel <> free_name.rel);
BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE oid = other) THEN
        RAISE EXCEPTION '%: is still what readers call %, which was renamed', pbp.table_name(rel), other
            USING ERRCODE = 'duplicate_object', HINT = format('SELECT pbp.track(%1$L), or pbp.untrack(%1$L), first', other);
    ELSIF other IS NOT NULL THEN
        PERFORM pbp.untrack(other); -- it was dropped
    END IF;
END
$$;

-- Makes a table live: every change that is committed from now on is in the log. True if there was something to do.
CREATE FUNCTION pbp.track(rel regclass, excluded text[] DEFAULT '{}') RETURNS boolean LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name    text := pbp.table_name(rel);
    was     pbp.tracked;
    fn      name;
    body    text;
    member  regclass;
    changed boolean;
BEGIN
    PERFORM pbp.require_trackable(rel, excluded), pbp.free_name(rel);
    SELECT * INTO was FROM pbp.tracked t WHERE t.rel = track.rel;
    fn := coalesce(was.fn, 'log_' || rel::oid);
    WHILE was.fn IS NULL AND EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pbp'::regnamespace AND proname = fn) LOOP
        fn := fn || '_'; -- in a restored dump that name may be another table's
    END LOOP;
    INSERT INTO pbp.tracked AS t (rel, name, excluded, fn) VALUES (rel, name, excluded, fn)
    ON CONFLICT ON CONSTRAINT tracked_pkey DO UPDATE SET name = EXCLUDED.name, excluded = EXCLUDED.excluded
        WHERE t.name <> EXCLUDED.name OR t.excluded <> EXCLUDED.excluded;
    changed := FOUND;

    body := pbp.trigger_body(rel, excluded);
    IF NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pbp'::regnamespace AND proname = fn AND prosrc = body) THEN
        -- What a row looks like as JSON must not depend on the writer's settings.
        EXECUTE format('CREATE OR REPLACE FUNCTION pbp.%I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
                       'SET search_path = pg_catalog, pg_temp SET timezone = ''UTC'' SET datestyle = ''ISO'' '
                       'SET intervalstyle = iso_8601 SET extra_float_digits = 1 SET bytea_output = hex AS %L', fn, body);
        changed := true;
    END IF;

    FOR member IN SELECT pbp.triggered_by(fn) EXCEPT SELECT pbp.members(rel) LOOP
        PERFORM pbp.drop_triggers(member); -- it was detached
    END LOOP;
    FOR member IN SELECT pbp.members(rel) LOOP
        CONTINUE WHEN pbp.has_triggers(member, fn);
        PERFORM pbp.drop_triggers(member), pbp.create_triggers(member, member <> rel, fn);
        changed := true;
    END LOOP;
    IF changed AND was.rel IS NOT NULL THEN
        PERFORM pbp.refetch(was.name); -- what no trigger heard of, or how rows look from now on
    END IF;
    RETURN changed;
END
$$;
