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
    excluded text[] NOT NULL,        -- columns that never reach the log
    fn       name   NOT NULL UNIQUE  -- its triggers' function
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

-- A transaction that is to be prepared may not NOTIFY: SET LOCAL pbp.wake = off.

-- A statement's place in its transaction is where it began. A row trigger that writes to its own table ends, and is
-- logged, before the statement that fired it; so a BEFORE trigger draws the place and leaves it for the AFTER trigger of
-- the same table and event, on a stack, since such statements nest. A rolled back savepoint takes its places with it.
--
-- pbp.place holds the place that was drawn last, for which table and at which depth of triggers, and the name of its stack.
--
-- These two run once for every statement of every writer, so they consist of expressions that need no query. They run as
-- the writer, and name every schema: nothing is to be gained from a search_path that leads elsewhere.
CREATE FUNCTION pbp.next_place() RETURNS pg_catalog.int4 LANGUAGE plpgsql AS $$
DECLARE
    last  pg_catalog.text := pg_catalog.current_setting('pbp.place', true);
    place pg_catalog.text := '1';
BEGIN
    -- Null where it was never set; empty where a transaction that set it is over.
    IF last OPERATOR(pg_catalog.<>) '' THEN
        place := (pg_catalog.split_part(last, ' ', 1)::pg_catalog.int4 OPERATOR(pg_catalog.+) 1)::pg_catalog.text;
    END IF;
    RETURN pg_catalog.set_config('pbp.place', place, true);
END
$$;

-- MERGE, ON CONFLICT DO UPDATE and a WITH that writes begin several events of a table at once, in one order, and end them
-- in another: the one in which a key that one of them gives up is free for the next. So they share a place, and are told in
-- the order in which they are logged. They are known by the event before, of the same table and depth, not having ended.
CREATE FUNCTION pbp.begin_statement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stack pg_catalog.text := pg_catalog.concat('pbp.at_', TG_RELID, '_', TG_OP);
    here  pg_catalog.text := pg_catalog.concat(TG_RELID, '/', pg_catalog.pg_trigger_depth());
    last  pg_catalog.text := pg_catalog.current_setting('pbp.place', true);
    place pg_catalog.text := '1';
BEGIN
    -- As in next_place, which could not be called: the writer need not have the right to use this schema.
    IF last OPERATOR(pg_catalog.<>) '' THEN
        place := pg_catalog.split_part(last, ' ', 1);
        IF pg_catalog.split_part(last, ' ', 2) OPERATOR(pg_catalog.<>) here
           OR pg_catalog.split_part(last, ' ', 3) OPERATOR(pg_catalog.=) stack
           OR pg_catalog.split_part(pg_catalog.current_setting(pg_catalog.split_part(last, ' ', 3), true), ' ', 1)
              OPERATOR(pg_catalog.<>) place
        THEN
            place := (place::pg_catalog.int4 OPERATOR(pg_catalog.+) 1)::pg_catalog.text;
        END IF;
    END IF;
    last := pg_catalog.set_config('pbp.place', pg_catalog.concat(place, ' ', here, ' ', stack), true);
    stack := pg_catalog.set_config(stack,
        pg_catalog.concat(place, ' ', pg_catalog.current_setting(stack, true)), true);
    RETURN NULL;
END
$$;
