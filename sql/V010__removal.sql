-- Taking all of it away again, and nothing else. A role called pbp has this schema first in its search_path, so that its own tables
-- may be here.

-- Objects in the schema pbp that pbp has not installed: their kind and name. Those of pbp's functions that may be attacked have a fixed
-- search_path; all others are named here.
CREATE FUNCTION pbp.foreign_objects(OUT kind text, OUT identity text) RETURNS SETOF record LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT i.type, i.identity
    FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) i
    WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'pbp'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_class WHERE d.classid = 'pg_class'::regclass AND oid = d.objid
                      AND relname IN ('migration', 'log', 'feed', 'waypoint', 'awake', 'node', 'tracked', 'tracking', 'reshaped'))
      AND NOT EXISTS (SELECT FROM pg_proc WHERE d.classid = 'pg_proc'::regclass AND oid = d.objid
                      AND ('search_path=pg_catalog, pg_temp' = ANY (proconfig) OR proname IN ('origin', 'limit_lock_timeout')))
    ORDER BY 1, 2
$$;

-- Untracks all tables and drops what pbp has installed: the schema, and the role pbp_log unless another database needs it. Refuses,
-- and changes nothing, if the schema holds anything else or something elsewhere depends on it. Returns what it did.
CREATE FUNCTION pbp.remove() RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    schema  text := 'pbp';
    others  text := (SELECT string_agg(kind || ' ' || identity, ', ') FROM pbp.foreign_objects());
    tables  regclass[];
    names   text;
    member  regclass;
BEGIN
    IF others IS NOT NULL THEN
        RAISE EXCEPTION 'schema pbp: holds what pbp has not installed: %', others USING ERRCODE = 'dependent_objects_still_exist',
            HINT = 'Move it, as with ALTER TABLE pbp.name SET SCHEMA public, or drop it';
    END IF;
    tables := ARRAY(SELECT rel FROM pbp.tracked);
    FOREACH member IN ARRAY tables LOOP
        PERFORM pbp.untrack(member);
    END LOOP;
    FOR names IN SELECT quote_ident(evtname) FROM pg_event_trigger JOIN pg_proc p ON p.oid = evtfoid WHERE p.pronamespace = schema::regnamespace LOOP
        EXECUTE 'DROP EVENT TRIGGER ' || names;
    END LOOP;
    DROP VIEW pbp.tracking;
    SELECT string_agg(oid::regclass::text, ', ') INTO names FROM pg_class WHERE relnamespace = schema::regnamespace AND relkind = 'r';
    EXECUTE 'DROP TABLE ' || names;
    SELECT string_agg(oid::regclass::text, ', ') INTO names FROM pg_class WHERE relnamespace = schema::regnamespace AND relkind = 'S';
    EXECUTE 'DROP SEQUENCE ' || names;
    SELECT string_agg(oid::regprocedure::text, ', ') INTO names FROM pg_proc WHERE pronamespace = schema::regnamespace;
    EXECUTE 'DROP FUNCTION ' || names;
    DROP SCHEMA pbp;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pbp_log') THEN
        RETURN format('removed; tables untracked: %s', cardinality(tables));
    END IF;
    BEGIN
        DROP ROLE pbp_log;
    EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN
        RETURN format('removed; tables untracked: %s; the role pbp_log stays: %s', cardinality(tables), SQLERRM);
    END;
    RETURN format('removed, with the role pbp_log; tables untracked: %s', cardinality(tables));
END
$$;
