-- A column mtime for a tracked table, kept by the database's clock: for those who ask for it, since it alters the table.

ALTER TABLE pbp.tracked ADD COLUMN mtime boolean NOT NULL DEFAULT false; -- whether it is ours, to be removed again

-- Sets mtime only if the row changes, and never twice to the same. The arguments are the stored generated columns: in NEW
-- they are null still, so where there are any, the others are compared one by one, as readers see them.
CREATE FUNCTION pbp.keep_mtime() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.mtime := clock_timestamp();
        RETURN NEW;
    END IF;
    NEW.mtime := OLD.mtime;
    IF NEW *<> OLD
       AND (TG_NARGS = 0
            OR EXISTS (SELECT FROM json_each(to_json(NEW)) n JOIN json_each(to_json(OLD)) o USING (key)
                       WHERE n.value::text <> o.value::text AND key <> ALL (TG_ARGV)))
    THEN
        NEW.mtime := greatest(clock_timestamp(), OLD.mtime + interval '1 microsecond');
    END IF;
    RETURN NEW;
END
$$;

-- True if there was something to do. The rows that are there get one mtime, without the table being written anew.
CREATE FUNCTION pbp.add_mtime(rel regclass) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ours  boolean := (SELECT t.mtime FROM pbp.tracked t WHERE t.rel = add_mtime.rel);
    there boolean := EXISTS (SELECT FROM pg_attribute WHERE attrelid = rel AND attname = 'mtime' AND NOT attisdropped);
BEGIN
    IF there AND NOT ours THEN
        RAISE EXCEPTION '%: has a column mtime already, which is its owner''s to keep', pbp.table_name(rel)
            USING ERRCODE = 'duplicate_column';
    END IF;
    IF there AND EXISTS (SELECT FROM pg_trigger
                         WHERE tgrelid = rel AND tgname = '~pbp_mtime' AND tgenabled IN ('O', 'A') AND tgqual IS NULL
                           AND tgattr::text = '' AND tgfoid = 'pbp.keep_mtime()'::regprocedure) THEN
        RETURN false;
    END IF;
    IF NOT there THEN
        EXECUTE format('ALTER TABLE %s ADD COLUMN mtime timestamptz NOT NULL DEFAULT now()', rel);
        EXECUTE format('ALTER TABLE %s ALTER COLUMN mtime SET DEFAULT clock_timestamp()', rel);
        PERFORM pbp.refetch(pbp.table_name(rel)); -- whoever follows the table already has its rows without the column
    END IF;
    EXECUTE format('DROP TRIGGER IF EXISTS "~pbp_mtime" ON %s', rel);
    -- Of several triggers the one whose name sorts last fires last, and sees what the others made of the row.
    EXECUTE format('CREATE TRIGGER "~pbp_mtime" BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION pbp.keep_mtime(%s)',
                   rel, (SELECT string_agg(quote_literal(attname), ', ') FROM pg_attribute
                         WHERE attrelid = rel AND attgenerated = 's' AND NOT attisdropped));
    UPDATE pbp.tracked t SET mtime = true WHERE t.rel = add_mtime.rel;
    RETURN true;
END
$$;

-- pbp.track, and mtime besides.
CREATE FUNCTION pbp.track(rel regclass, excluded text[], mtime boolean) RETURNS boolean LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed boolean := pbp.track(rel, excluded);
BEGIN
    IF mtime AND pbp.add_mtime(rel) THEN
        PERFORM pbp.track(rel, excluded); -- where columns are left out, the trigger names those that are not
        changed := true;
    END IF;
    RETURN changed;
END
$$;

-- The trigger and the column go before the rest.
ALTER FUNCTION pbp.untrack(regclass) RENAME TO untrack_rest;
CREATE FUNCTION pbp.untrack(rel regclass) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pbp.tracked t JOIN pg_class c ON c.oid = t.rel WHERE t.rel = untrack.rel AND t.mtime) THEN
        EXECUTE format('DROP TRIGGER IF EXISTS "~pbp_mtime" ON %s', rel);
        EXECUTE format('ALTER TABLE %s DROP COLUMN IF EXISTS mtime', rel);
    END IF;
    RETURN pbp.untrack_rest(rel);
END
$$;
