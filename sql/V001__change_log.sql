-- The change log: what happened to which row, in which transaction. Statement-level triggers fill it; the feed reads it
-- by comparing snapshots (docs/guarantees.md). Everything that pbp keeps in a database is in the schema pbp.

CREATE SEQUENCE pbp.log_id;

CREATE TABLE pbp.log (
    id    bigint      NOT NULL DEFAULT nextval('pbp.log_id'), -- drawn while the row's lock is held: per row it rises
    place integer     NOT NULL,                               -- the statement's place in its transaction
    xid   xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    tab   text        NOT NULL,
    op    "char"      NOT NULL,                               -- insert, update, delete, truncate, refetch
    key   json,
    old   json,
    new   json
);
-- What a cursor has not seen is xid >= its xmax, or one of the few that were running then: two scans of this index.
CREATE INDEX log_xid ON pbp.log (xid);

CREATE TABLE pbp.tracked (
    rel      regclass PRIMARY KEY,
    name     text   NOT NULL UNIQUE, -- as readers see it
    excluded text[] NOT NULL         -- columns that never reach the log
);

-- One row: the secret that signs cursors, and the highest xid that retention has removed. A cursor is also bound to the
-- cluster, its timeline, the database and this table's oid, so that it is worth nothing in a restored copy.
CREATE TABLE pbp.feed (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    secret  bytea   NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
    removed xid8    NOT NULL DEFAULT '0',
    origin  text    NOT NULL DEFAULT ''
);
INSERT INTO pbp.feed DEFAULT VALUES;

-- Which cluster, timeline, database and installation this is.
CREATE FUNCTION pbp.origin() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
                     substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
                     (SELECT oid FROM pg_database WHERE datname = current_database()),
                     'pbp.log'::regclass::oid)
$$;

-- Until when, in milliseconds since the epoch by this server's clock, some node has promised to look without being told.
-- A sequence, because it is outside transactions and snapshots: everyone sees at once what one has set, without a lock.
CREATE SEQUENCE pbp.awake MINVALUE 0 START 0;

-- Tells sleeping readers that there is something to read; if a reader is awake, it finds it by itself, and the writer is
-- spared NOTIFY's server-wide lock. Why no wake-up is lost: docs/guarantees.md. It rests on being called after the log row
-- was inserted, so that this transaction has its id before it looks.
CREATE FUNCTION pbp.wake() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A transaction that is to be prepared may not NOTIFY: SET LOCAL pbp.wake = off.
    IF coalesce(current_setting('pbp.wake', true), '') <> 'off'
       AND (SELECT last_value FROM pbp.awake) < extract(epoch FROM clock_timestamp()) * 1000
    THEN
        PERFORM pg_notify('pbp_changes', '');
    END IF;
END
$$;

-- A statement's place in its transaction is where it began. A row trigger that writes to its own table ends, and is
-- logged, before the statement that fired it; so a BEFORE trigger draws the place and leaves it for the AFTER trigger of
-- the same table and event, on a stack, since such statements nest. A rolled back savepoint takes its places with it.
CREATE FUNCTION pbp.next_place() RETURNS integer LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT set_config('pbp.place', (coalesce(nullif(current_setting('pbp.place', true), ''), '0')::integer + 1)::text, true)::integer
$$;

CREATE FUNCTION pbp.begin_statement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stack text := 'pbp.at_' || TG_RELID || '_' || TG_OP;
BEGIN
    PERFORM set_config(stack, pbp.next_place() || ' ' || coalesce(current_setting(stack, true), ''), true);
    RETURN NULL;
END
$$;

-- The place that begin_statement left; after everything so far where there is none (someone disabled that trigger).
CREATE FUNCTION pbp.end_statement(rel oid, op text) RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stack  text := 'pbp.at_' || rel || '_' || op;
    places text := coalesce(current_setting(stack, true), '');
BEGIN
    IF places = '' THEN
        RETURN pbp.next_place();
    END IF;
    PERFORM set_config(stack, substr(places, strpos(places, ' ') + 1), true);
    RETURN split_part(places, ' ', 1)::integer;
END
$$;
