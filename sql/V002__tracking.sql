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

-- SQL for the row r as JSON (r.*, since a bare r would be its column r if it had one): all columns, later ones too; but where some are left out, only those that are there now.
CREATE FUNCTION pbp.row_json(rel oid, excluded text[], r text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN excluded = '{}' THEN format('to_json(%I.*)', r)
                ELSE format('(SELECT to_json(v.*) FROM (SELECT %s) v)',
                            string_agg(format('%I.%I', r, attname), ', ' ORDER BY attnum)) END
    FROM pg_attribute
    WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND attname <> ALL (excluded)
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

-- The body of a table's trigger function. Each table has its own, so that PostgreSQL can keep its plans.
CREATE FUNCTION pbp.trigger_body(rel oid, excluded text[]) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
    SELECT format($template$
#variable_conflict use_variable
DECLARE
    stack  text := concat('pbp.at_', TG_RELID, '_', TG_OP);
    places text := CASE TG_WHEN WHEN 'AFTER' THEN current_setting(stack, true) END;
    place  integer;
BEGIN
    IF places <> '' THEN
        place := split_part(places, ' ', 1);
        stack := set_config(stack, substr(places, strpos(places, ' ') + 1), true);
    ELSE
        place := pbp.next_place(); -- someone disabled the BEFORE trigger: after everything so far
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO pbp.log (place, tab, op, key, new)
        SELECT place, %1$L, 'i', %3$s, %5$s FROM pbp_new n;
    ELSIF TG_OP = 'UPDATE' THEN
        -- A row whose key changed has no partner: its old self goes, its new self comes.
        INSERT INTO pbp.log (place, tab, op, key, old, new)
        SELECT place, %1$L,
               CASE WHEN o.%7$I IS NULL THEN 'i' WHEN n.%7$I IS NULL THEN 'd' ELSE 'u' END,
               CASE WHEN n.%7$I IS NULL THEN %2$s ELSE %3$s END,
               CASE WHEN o.%7$I IS NOT NULL THEN %4$s END,
               CASE WHEN n.%7$I IS NOT NULL THEN %5$s END
        FROM pbp_old o FULL JOIN pbp_new n ON %6$s
        WHERE o.%7$I IS NULL OR n.%7$I IS NULL OR o.* *<> n.*;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO pbp.log (place, tab, op, key, old)
        SELECT place, %1$L, 'd', %2$s, %4$s FROM pbp_old o;
    ELSIF TG_RELID = %8$s THEN
        INSERT INTO pbp.log (place, tab, op) VALUES (place, %1$L, 't');
    ELSIF coalesce(current_setting('pbp.at_%8$s_TRUNCATE', true), '') = '' THEN
        -- A partition alone is truncated, and this is its BEFORE trigger. Which rows go cannot be told: TRUNCATE also
        -- removes what a SERIALIZABLE transaction does not see. So the table's readers are told to refetch.
        INSERT INTO pbp.log (place, tab, op) VALUES (place, %1$L, 'r');
    END IF;
    -- Sleeping readers are told that there is something to read; one who is awake finds it by himself, and the writer is
    -- spared NOTIFY's server-wide lock. Why no wake-up is lost: docs/guarantees.md. It rests on looking at the flag after the
    -- log row was inserted, when this transaction has its id.
    IF (FOUND OR TG_OP = 'TRUNCATE')
       AND coalesce(pg_sequence_last_value('pbp.awake'), 0) < date_part('epoch', clock_timestamp()) * 1000
       AND coalesce(current_setting('pbp.wake', true), '') <> 'off'
    THEN
        PERFORM pg_notify('pbp_changes', '');
    END IF;
    RETURN NULL;
END
$template$,
        pbp.table_name(rel), pbp.key_json(rel, 'o'), pbp.key_json(rel, 'n'),
        pbp.row_json(rel, excluded, 'o'), pbp.row_json(rel, excluded, 'n'),
        pbp.same_key(rel), (pbp.key_columns(rel))[1], rel)
$body$;

-- The table and, where it is partitioned, its partitions of every level.
CREATE FUNCTION pbp.members(rel oid) RETURNS SETOF regclass LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT rel::regclass UNION SELECT relid FROM pg_partition_tree(rel)
$$;

-- Whether a table has all of its triggers, and none of them is disabled.
CREATE FUNCTION pbp.has_triggers(rel oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*) = 5 FROM pg_trigger
    WHERE tgrelid = rel AND tgenabled IN ('O', 'A')
      AND tgname IN ('~pbp_begin', 'pbp_insert', 'pbp_update', 'pbp_delete', 'pbp_truncate')
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

-- Makes a table live: every change that is committed from now on is in the log. True if there was something to do.
CREATE FUNCTION pbp.track(rel regclass, excluded text[] DEFAULT '{}') RETURNS boolean LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name    text := pbp.table_name(rel);
    fn      name := 'log_' || rel::oid;
    body    text;
    member  regclass;
    changed boolean := false;
    bad     text;
BEGIN
    IF (SELECT relkind NOT IN ('r', 'p') OR relpersistence = 't' OR relnamespace = 'pbp'::regnamespace
               OR relnamespace = 'pg_catalog'::regnamespace FROM pg_class WHERE oid = rel) THEN
        RAISE EXCEPTION '%: only an ordinary or partitioned user table can be tracked', name USING ERRCODE = 'wrong_object_type';
    END IF;
    IF (SELECT relispartition FROM pg_class WHERE oid = rel) THEN
        RAISE EXCEPTION '%: is a partition; track its root %', name, pbp.table_name(pg_partition_root(rel))
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

    INSERT INTO pbp.tracked AS t (rel, name, excluded) VALUES (rel, name, excluded)
    ON CONFLICT ON CONSTRAINT tracked_pkey DO UPDATE SET name = EXCLUDED.name, excluded = EXCLUDED.excluded
        WHERE t.name <> EXCLUDED.name OR t.excluded <> EXCLUDED.excluded;
    changed := FOUND;

    body := pbp.trigger_body(rel, excluded);
    IF NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pbp'::regnamespace AND proname = fn AND prosrc = body) THEN
        -- What a row looks like as JSON must not depend on the writer's settings.
        EXECUTE format('CREATE OR REPLACE FUNCTION pbp.%I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER '
                       'SET search_path = pg_catalog, pg_temp SET timezone = ''UTC'' SET intervalstyle = iso_8601 '
                       'SET extra_float_digits = 1 SET bytea_output = hex AS %L', fn, body);
        changed := true;
    END IF;

    FOR member IN SELECT pbp.members(rel) LOOP
        CONTINUE WHEN pbp.has_triggers(member);
        PERFORM pbp.drop_triggers(member);
        -- Of several triggers the one whose name sorts last fires last: what other BEFORE triggers write comes before us.
        EXECUTE format('CREATE TRIGGER "~pbp_begin" BEFORE INSERT OR UPDATE OR DELETE %s ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION pbp.begin_statement()',
                       CASE WHEN member = rel THEN 'OR TRUNCATE' END, member);
        EXECUTE format('CREATE TRIGGER pbp_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS pbp_new '
                       'FOR EACH STATEMENT EXECUTE FUNCTION pbp.%I()', member, fn);
        EXECUTE format('CREATE TRIGGER pbp_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS pbp_old NEW TABLE AS pbp_new '
                       'FOR EACH STATEMENT EXECUTE FUNCTION pbp.%I()', member, fn);
        EXECUTE format('CREATE TRIGGER pbp_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS pbp_old '
                       'FOR EACH STATEMENT EXECUTE FUNCTION pbp.%I()', member, fn);
        EXECUTE format('CREATE TRIGGER pbp_truncate %s TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION pbp.%I()',
                       CASE WHEN member = rel THEN 'AFTER' ELSE 'BEFORE' END, member, fn);
        changed := true;
    END LOOP;
    RETURN changed;
END
$$;

-- Takes all of it away again. True if the table was tracked.
CREATE FUNCTION pbp.untrack(rel regclass) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    member regclass;
BEGIN
    FOR member IN SELECT pbp.members(rel) LOOP
        PERFORM pbp.drop_triggers(member);
    END LOOP;
    EXECUTE format('DROP FUNCTION IF EXISTS pbp.%I()', 'log_' || rel::oid);
    DELETE FROM pbp.tracked t WHERE t.rel = untrack.rel;
    RETURN FOUND;
END
$$;
