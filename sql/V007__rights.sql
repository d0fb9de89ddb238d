-- Who owns what. The log and the triggers' functions belong to the role pbp_log, which cannot log in, has no members, and has no
-- rights on anything else. So an expression that were to run with its rights could spoil the log, and read or change no other table.
-- Whole statements of an attacker's could do more, since an owner can alter what is its own: SECURITY.md. Where the installing role
-- may not make that role its objects' owner, they stay its own; pbp-cli doctor says so.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pbp_log')
       AND (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) THEN
        BEGIN
            CREATE ROLE pbp_log NOLOGIN NOINHERIT;
            COMMENT ON ROLE pbp_log IS 'pbp: owns the change log and the functions that fill it; nobody is to be a member';
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database of this server was quicker
        END;
    END IF;
END
$$;

-- Hands the log and the triggers' functions to pbp_log and sets all rights, as this installation needs them; also after a dump was
-- restored without owners or grants. Returns the role that owns them now.
CREATE FUNCTION pbp.secure() RETURNS name LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    installer name    := (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'pbp');
    joined    boolean := false;
    owner     name    := installer;
    object    record;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pbp_log' AND (rolcanlogin OR rolsuper OR rolcreaterole OR rolbypassrls)) THEN
        RAISE EXCEPTION 'role pbp_log: may log in or has rights of an administrator, so the change log would not be safe in its name'
            USING ERRCODE = 'invalid_role_specification',
                  HINT = 'ALTER ROLE pbp_log NOLOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS';
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pbp_log') THEN
        IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            owner := 'pbp_log';
        ELSIF pg_has_role('pbp_log', 'USAGE') THEN
            owner := 'pbp_log';
        ELSE
            BEGIN
                EXECUTE format('GRANT pbp_log TO %I', current_user);
                joined := true;
                owner := 'pbp_log';
            EXCEPTION WHEN insufficient_privilege THEN
                owner := installer;
            END;
        END IF;
    END IF;
    IF owner <> installer THEN
        GRANT CREATE ON SCHEMA pbp TO pbp_log; -- an owner needs it at this moment
    END IF;
    FOR object IN
        SELECT 'TABLE' AS kind, 'pbp.log' AS name, relowner AS has FROM pg_class WHERE oid = 'pbp.log'::regclass
        UNION ALL
        SELECT 'TABLE', 'pbp.reshaped', relowner FROM pg_class WHERE oid = 'pbp.reshaped'::regclass
        UNION ALL
        SELECT 'SEQUENCE', 'pbp.awake', relowner FROM pg_class WHERE oid = 'pbp.awake'::regclass
        UNION ALL
        SELECT 'FUNCTION', p.oid::regprocedure::text, proowner FROM pg_proc p
        WHERE pronamespace = 'pbp'::regnamespace
          AND (proname IN ('create_function', 'open_function', 'drop_function', 'keep_mtime')
               OR proname IN (SELECT fn FROM pbp.tracked))
    LOOP
        IF pg_get_userbyid(object.has) <> owner THEN
            EXECUTE format('ALTER %s %s OWNER TO %I', object.kind, object.name, owner);
        END IF;
    END LOOP;
    IF owner <> installer THEN
        REVOKE CREATE ON SCHEMA pbp FROM pbp_log;
        GRANT USAGE ON SCHEMA pbp TO pbp_log;
        REVOKE ALL ON TABLE pbp.log FROM pbp_log;
        GRANT INSERT ON TABLE pbp.log TO pbp_log;
        REVOKE ALL ON TABLE pbp.reshaped FROM pbp_log;
        GRANT SELECT, INSERT ON TABLE pbp.reshaped TO pbp_log;
        EXECUTE format('GRANT SELECT, DELETE ON pbp.reshaped TO %I', installer);
        REVOKE ALL ON SEQUENCE pbp.awake FROM pbp_log;
        GRANT SELECT ON SEQUENCE pbp.awake TO pbp_log;
        EXECUTE format('GRANT SELECT, INSERT, DELETE, TRUNCATE ON pbp.log TO %I', installer);
        EXECUTE format('GRANT SELECT, UPDATE ON SEQUENCE pbp.awake TO %I', installer);
    END IF;
    FOR object IN
        SELECT p.oid::regprocedure AS fn, proname FROM pg_proc p
        WHERE pronamespace = 'pbp'::regnamespace AND (prosecdef OR prorettype = 'trigger'::regtype)
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', object.fn);
        IF owner <> installer AND object.proname IN ('create_function', 'open_function', 'drop_function') THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', object.fn, installer);
        END IF;
    END LOOP;
    -- What all may call, where a database's default privileges say that they may not.
    FOR object IN
        SELECT p.oid::regprocedure AS fn FROM pg_proc p
        WHERE pronamespace = 'pbp'::regnamespace AND NOT prosecdef AND prorettype <> 'trigger'::regtype
          AND NOT has_function_privilege('public', p.oid, 'EXECUTE')
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', object.fn);
    END LOOP;
    IF joined THEN
        EXECUTE format('REVOKE pbp_log FROM %I', current_user);
    END IF;
    RETURN owner;
END
$$;

SELECT pbp.secure();
