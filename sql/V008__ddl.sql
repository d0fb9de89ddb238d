-- What DDL does to tracked tables (docs/reference/ddl.md). Event triggers adapt the tracking in the transaction of the DDL, which they
-- never fail. They exist only where the installing role may create them; elsewhere the triggers of the tables notice what they can,
-- and pbp-cli doctor the rest.
--
-- The functions run with the rights of the installing role, during DDL of other roles. So they call nothing but pg_catalog and functions
-- of the schema pbp, and evaluate nothing that a table's owner defined. DDL of pbp's own, and of another event trigger that this fires, is
-- known by the call stack: no setting switches them off.

-- Whether the DDL is that of another function of pbp's.
CREATE FUNCTION pbp.is_own_ddl(stack text) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT stack ~ replace('@[^"@]*[^a-z0-9_$."@]pbp[.][a-z0-9_]+[(][^"()@]*[)][^"()@]* [0-9]+ [^"@]*(@|$)', '@', chr(10))
$$;

-- Warns, but for what could not be sent: a message that holds bytes of no character, in itself or in its context, would end the statement.
CREATE FUNCTION pbp.warn(message text, hint text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stack text;
BEGIN
    GET DIAGNOSTICS stack = PG_CONTEXT;
    IF pbp.is_readable(stack) THEN
        RAISE WARNING 'pbp: %', pbp.visible(message) USING HINT = pbp.visible(hint);
    END IF;
END
$$;

-- Takes a lock only if that is possible at once; true if so. DDL holds the locks of what it alters; to wait for others could end
-- in a deadlock with writers.
CREATE FUNCTION pbp.try_lock(rel regclass, mode text DEFAULT 'ACCESS EXCLUSIVE') RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('LOCK TABLE ONLY %s IN %s MODE NOWAIT', rel, mode);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;

-- ENABLE TRIGGER ALL lets the trigger for each row fire as well where those for statements do. Each fires where it should again, unless
-- one of them is still disabled.
CREATE FUNCTION pbp.restore_trigger_states(rel regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    alter_table text;
BEGIN
    FOR alter_table IN
        SELECT format('ALTER TABLE ONLY %s ENABLE %s TRIGGER %I', rel, CASE e.enabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' END, e.name)
        FROM pbp.triggers_of(rel) e JOIN pg_trigger t ON tgrelid = rel AND tgname = e.name
        WHERE tgenabled <> e.enabled
          AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = rel AND tgenabled = 'D' AND tgname IN (SELECT name FROM pbp.triggers_of(rel)))
    LOOP
        EXECUTE alter_table;
    END LOOP;
END
$$;

-- Adapts the tracking of a table, or of one that was dropped, to what it is now. Readers refetch once if they see a difference. Where
-- another session keeps it waiting, it fails before that session could be taken for the one that is to end a deadlock.
CREATE FUNCTION pbp.follow(rel regclass) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    was     pbp.tracked;
    root    oid     := pg_partition_root(rel);
    name    text    := pbp.table_name(rel);
    refetch boolean;
    reason  text;
    present regclass[];
    kept    regclass[];
    member  regclass;
    seen    text[];
BEGIN
    SELECT * INTO was FROM pbp.tracked t WHERE t.rel = follow.rel LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF name IS NULL OR root <> rel AND EXISTS (SELECT FROM pbp.tracked t WHERE t.rel = root AND t.suspended IS NULL) THEN
        DELETE FROM pbp.tracked t WHERE t.rel = follow.rel; -- dropped, or a partition of another tracked table by now
        PERFORM pbp.follow(root);
        RETURN;
    END IF;

    reason := pbp.why_untrackable(rel, was.excluded);
    refetch := was.rewritten;
    IF name <> was.name OR NOT (was.shape -> 'types') <@ pbp.type_shapes(rel) THEN
        -- The statement may have let a writer go on, who has logged rows as they were. They must be committed before readers refetch.
        -- A role that may alter a type, but not the table, must not hold up the table's writers.
        IF pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = rel), 'USAGE') THEN
            EXECUTE format('LOCK TABLE %s IN SHARE MODE', rel);
        ELSE
            PERFORM pbp.warn(format('table %s: transactions that write to it now may log rows as they looked before', name),
                             format('When they have ended, as its owner: SELECT pbp.refetch(%L)', name));
        END IF;
    END IF;
    present := ARRAY(SELECT m FROM pbp.members(rel) m);
    kept := ARRAY(SELECT m FROM unnest(was.members) m WHERE m = ANY (present));
    FOR member IN SELECT m FROM unnest(was.members) m WHERE m <> ALL (present) LOOP -- detached or dropped
        refetch := refetch OR coalesce(pg_relation_size(member), 1) > 0;
    END LOOP;
    FOR member IN SELECT m FROM pbp.triggered_by(was.fn) m WHERE m <> ALL (present) LOOP
        IF pbp.try_lock(member) THEN -- else its triggers stay for now, and see that it was detached
            PERFORM pbp.drop_triggers(member);
        END IF;
    END LOOP;
    FOR member IN SELECT m FROM unnest(present) m WHERE m <> ALL (kept) AND reason IS NULL LOOP -- attached or created
        IF pbp.try_lock(member) THEN
            DELETE FROM pbp.tracked t WHERE t.rel = member;
            PERFORM pbp.drop_triggers(member), pbp.create_triggers(member, true, was.fn);
            kept := kept || member;
            refetch := refetch OR pg_relation_size(member) > 0;
        ELSE
            refetch := true;
            PERFORM pbp.warn(format('table %s: its partition %s is in use, so what is written to it by its own name is not logged', name, member),
                             format('SELECT pbp.track(%L)', rel::text));
        END IF;
    END LOOP;
    FOR member IN SELECT m FROM unnest(kept) m WHERE NOT pbp.has_triggers(m, was.fn) LOOP
        IF pbp.try_lock(member, 'SHARE ROW EXCLUSIVE') THEN -- as the DDL itself takes
            PERFORM pbp.restore_trigger_states(member);
        ELSE
            refetch := true; -- they may have been enabled
        END IF;
    END LOOP;
    IF was.mtime AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = rel AND attname = 'mtime' AND NOT attisdropped) THEN
        EXECUTE format('DROP TRIGGER IF EXISTS "~pbp_mtime" ON %s', rel); -- it would fail writers
        was.mtime := false;
    END IF;
    seen := pbp.trigger_marks(kept, was.fn);
    refetch := refetch OR pbp.were_disabled(was.marks, seen);
    UPDATE pbp.tracked t
    SET following = true, rewritten = false, mtime = was.mtime, members = ARRAY(SELECT m FROM unnest(kept) m ORDER BY m::oid), marks = seen,
        refetched = CASE WHEN refetch AND reason IS NULL THEN clock_timestamp() ELSE refetched END
    WHERE t.rel = follow.rel;

    IF reason IS NOT NULL AND was.suspended IS NULL THEN
        PERFORM pbp.warn(format('table %s is not live any more: %s', name, reason),
                         format('Mend that, or give it up: SELECT pbp.untrack(%L)', rel::text));
    ELSIF reason IS NULL AND seen IS NULL AND was.marks IS NOT NULL THEN
        PERFORM pbp.warn(format('table %s: triggers of pbp''s are disabled or gone; until they are enabled, its changes are not logged', name),
                         format('To have them again: SELECT pbp.track(%1$L). To do without: SELECT pbp.untrack(%1$L)', rel::text));
    END IF;
END
$$;

-- The same, but a failure becomes a warning, and readers refetch.
CREATE FUNCTION pbp.try_to_follow(rel regclass) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    reason text;
BEGIN
    PERFORM pbp.follow(rel);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS reason = MESSAGE_TEXT;
    PERFORM pbp.warn(format('table %s: its tracking could not be adapted to this statement: %s', rel, reason), format('SELECT pbp.track(%L)', rel::text));
    INSERT INTO pbp.log (tab, op) SELECT t.name, 'r' FROM pbp.tracked t WHERE t.rel = try_to_follow.rel;
END
$$;

-- The tables that a statement concerns: those that it alters, with all above and below them, and those with columns of a type that it
-- alters, or within a new cycle of foreign keys.
CREATE FUNCTION pbp.concerned(relations oid[], types oid[], schemas oid[]) RETURNS SETOF regclass LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE
    above (oid) AS (SELECT unnest(relations) UNION SELECT inhparent FROM above JOIN pg_inherits ON inhrelid = oid),
    below (oid) AS (SELECT unnest(relations) UNION SELECT inhrelid FROM below JOIN pg_inherits ON inhparent = oid),
    acting (oid) AS (SELECT conrelid FROM pg_constraint WHERE conrelid = ANY (relations) AND contype = 'f'
                                                          AND (confupdtype IN ('c', 'n', 'd') OR confdeltype IN ('c', 'n', 'd')))
    SELECT DISTINCT t.rel -- a row of the catalog may be there twice: before another's DDL, and after this
    FROM pbp.tracked t LEFT JOIN pg_class c ON c.oid = t.rel
    WHERE t.rel IN (SELECT oid FROM above UNION SELECT oid FROM below)
       OR t.members && relations::regclass[]
       OR t.suspended IS NOT NULL AND t.suspended IS DISTINCT FROM pbp.why_untrackable(t.rel, t.excluded) -- this has removed the reason
       OR c.reloftype = ANY (types) OR c.reloftype IN (SELECT reltype FROM pg_class WHERE oid = ANY (relations) AND reltype <> 0)
       OR c.relnamespace = ANY (schemas)
       OR EXISTS (SELECT FROM unnest(types) o WHERE (t.shape -> 'types') ? ('enum' || o))
       OR EXISTS (SELECT FROM unnest(relations) o WHERE (t.shape -> 'types') ? ('row' || o))
       OR EXISTS (SELECT FROM acting) AND pbp.updates_itself(t.rel)
          AND EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pbp'::regnamespace AND proname = t.fn
                                            AND position('HAVING count(*) > 1' IN prosrc) = 0)
$$;

CREATE FUNCTION pbp.on_ddl_command_end() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    stack     text;
    relations oid[];
    types     oid[];
    schemas   oid[];
    rel       regclass;
BEGIN
    GET DIAGNOSTICS stack = PG_CONTEXT;
    IF pbp.is_own_ddl(stack) THEN
        RETURN;
    END IF;
    SELECT array_agg(coalesce(tgrelid, objid)) FILTER (WHERE c.classid IN ('pg_class'::regclass, 'pg_trigger'::regclass)),
           array_agg(objid) FILTER (WHERE c.classid = 'pg_type'::regclass),
           array_agg(objid) FILTER (WHERE c.classid = 'pg_namespace'::regclass)
        INTO relations, types, schemas
    FROM pg_event_trigger_ddl_commands() c LEFT JOIN pg_trigger g ON c.classid = 'pg_trigger'::regclass AND g.oid = c.objid
    WHERE c.schema_name IS DISTINCT FROM 'pg_temp';
    IF relations IS NULL AND types IS NULL AND schemas IS NULL THEN
        RETURN;
    END IF;
    FOR rel IN SELECT pbp.concerned(relations, types, schemas) LOOP
        PERFORM pbp.try_to_follow(rel);
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    PERFORM pbp.warn('this statement could not be followed: ' || SQLERRM, 'pbp-cli doctor names the tables that need attention');
END
$$;

CREATE FUNCTION pbp.on_sql_drop() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    stack     text;
    relations oid[];
    rel       regclass;
BEGIN
    GET DIAGNOSTICS stack = PG_CONTEXT;
    IF pbp.is_own_ddl(stack) THEN
        RETURN;
    END IF;
    SELECT array_agg(CASE WHEN classid = 'pg_class'::regclass THEN objid
                          ELSE to_regclass(format('%I.%I', address_names[1], address_names[2])) END)
        INTO relations
    FROM pg_event_trigger_dropped_objects()
    WHERE NOT is_temporary AND (classid = 'pg_class'::regclass OR classid = 'pg_trigger'::regclass AND starts_with(address_names[3], 'pbp_'));
    IF relations IS NULL THEN
        RETURN;
    END IF;
    FOR rel IN SELECT pbp.concerned(array_remove(relations, NULL), NULL, NULL) LOOP
        PERFORM pbp.try_to_follow(rel);
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    PERFORM pbp.warn('this statement could not be followed: ' || SQLERRM, 'pbp-cli doctor names the tables that need attention');
END
$$;

-- Values may change where no name and no type does: ALTER TABLE ... ALTER COLUMN ... TYPE ... USING.
CREATE FUNCTION pbp.on_table_rewrite() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
BEGIN
    IF pg_event_trigger_table_rewrite_reason() & 6 <> 0 THEN -- a default or generated value, or a type
        UPDATE pbp.tracked t SET rewritten = true WHERE t.rel = (SELECT coalesce(pg_partition_root(o), o) FROM pg_event_trigger_table_rewrite_oid() o)
                                               AND NOT t.rewritten;
    END IF;
EXCEPTION WHEN OTHERS THEN
    PERFORM pbp.warn('this statement could not be followed: ' || SQLERRM, 'pbp-cli doctor names the tables that need attention');
END
$$;

-- Creates the event triggers, if the caller owns all of pbp and may create them; true if they are there.
CREATE FUNCTION pbp.create_event_triggers() RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event text;
BEGIN
    FOREACH event IN ARRAY '{ddl_command_end,sql_drop,table_rewrite}'::text[] LOOP
        IF NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'pbp_' || event) THEN
            -- The functions call others of the schema, with the rights of their owner.
            IF EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pbp'::regnamespace AND NOT pg_has_role(current_user, proowner, 'USAGE'))
               OR (SELECT nspowner <> current_user::regrole FROM pg_namespace WHERE nspname = 'pbp') THEN
                RETURN false;
            END IF;
            BEGIN
                EXECUTE format('CREATE EVENT TRIGGER %I ON %s %s EXECUTE FUNCTION pbp.%I()', 'pbp_' || event, event,
                    CASE event WHEN 'ddl_command_end' THEN 'WHEN TAG IN (''ALTER TABLE'', ''CREATE TABLE'', ''CREATE SCHEMA'', '
                        '''ALTER SCHEMA'', ''ALTER TYPE'', ''CREATE TRIGGER'', ''ALTER TRIGGER'', ''CREATE FOREIGN TABLE'', '
                        '''ALTER FOREIGN TABLE'')' END, 'on_' || event);
                EXECUTE format('ALTER EVENT TRIGGER %I ENABLE ALWAYS', 'pbp_' || event);
                -- The triggers of pbp.tracked fire then whatever the session's own setting is.
                EXECUTE format('ALTER FUNCTION pbp.%I() SET session_replication_role = origin', 'on_' || event);
            EXCEPTION WHEN insufficient_privilege THEN
                RETURN false;
            END;
        END IF;
    END LOOP;
    RETURN true;
END
$$;

SELECT pbp.secure();
SELECT pbp.create_event_triggers();
