-- A column mtime for a tracked table, kept by the database's clock: on request, since it alters the table.

-- Sets mtime only if the row changes, and never twice to the same. The argument has a null for each stored generated column: in NEW
-- they are null still, so they must be null in what it is compared with. Not for one whose type is a domain, which may refuse nulls:
-- there every UPDATE counts as a change.
CREATE FUNCTION pbp.keep_mtime() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.mtime := clock_timestamp();
        RETURN NEW;
    END IF;
    NEW.mtime := OLD.mtime;
    OLD.mtime := OLD.mtime; -- a row that is older than one of its columns gets that column's value by this
    IF NEW *<> (CASE WHEN TG_NARGS = 0 THEN OLD ELSE jsonb_populate_record(OLD, TG_ARGV[0]::jsonb) END) THEN
        NEW.mtime := greatest(clock_timestamp(), OLD.mtime + interval '1 microsecond');
    END IF;
    RETURN NEW;
END
$$;

-- True if there was something to do. The rows that are there get one mtime, without the table being rewritten.
CREATE FUNCTION pbp.add_mtime(rel regclass) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ours  boolean := (SELECT t.mtime FROM pbp.tracking t WHERE t.rel = add_mtime.rel);
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
    END IF;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = rel AND tgname = '~pbp_mtime') THEN
        EXECUTE format('DROP TRIGGER "~pbp_mtime" ON %s', rel);
    END IF;
    UPDATE pbp.tracking t SET opening = true WHERE t.rel = add_mtime.rel;
    -- Of several triggers the one whose name sorts last fires last, and sees what the others made of the row.
    EXECUTE format('CREATE TRIGGER "~pbp_mtime" BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION pbp.keep_mtime(%s)',
                   rel, (SELECT quote_literal(json_object_agg(attname, NULL)) FROM pg_attribute
                         WHERE attrelid = rel AND attgenerated = 's' AND NOT attisdropped
                           AND NOT EXISTS (SELECT FROM pg_type t WHERE t.oid = atttypid AND typtype = 'd') HAVING count(*) > 0));
    RETURN true;
END
$$;
