-- The change log: what happened to which row, in which transaction. Statement-level triggers fill it; the feed reads it
-- by comparing snapshots (docs/guarantees.md). Everything that pbp keeps in a database is in the schema pbp.

-- Order: each row carries the position of the write-ahead log at which it was written, read while the lock of the changed row
-- is held. So it rises for each changed row, and no setting or call of a writer can change it. It draws no sequence: lastval()
-- stays the writer's. Positions are compared within one origin only (docs/decisions/0010-order-by-log-position.md).
CREATE TABLE pbp.log (
    lsn   pg_lsn      NOT NULL DEFAULT pg_current_wal_insert_lsn(),
    depth integer     NOT NULL DEFAULT pg_trigger_depth(), -- 1 for a statement of the client's, more below other triggers
    xid   xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    tab   text        NOT NULL,
    op    "char"      NOT NULL,                            -- insert, update, delete, truncate, refetch
    key   json,
    old   json,
    new   json
);
-- What a cursor has not seen is xid >= its xmax, or one of the few that were running then: two scans of this index.
CREATE INDEX log_xid ON pbp.log (xid);

-- One row: the secret that signs cursors, and the highest xid that retention has removed. A cursor is also bound to the
-- cluster, its timeline, the database and this table's oid, so that it is worth nothing in a restored copy.
CREATE TABLE pbp.feed (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    secret  bytea   NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
    removed xid8    NOT NULL DEFAULT '0',
    origin  text    NOT NULL DEFAULT ''
);
INSERT INTO pbp.feed DEFAULT VALUES;

-- Snapshots that a feed has passed, some megabytes of changes apart: a reader that is far behind goes from one to the next.
CREATE TABLE pbp.waypoint (
    ends     xid8 PRIMARY KEY, -- its xmax
    snapshot text NOT NULL
);

-- Which cluster, timeline, database and installation this is.
CREATE FUNCTION pbp.origin() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
                     substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
                     (SELECT oid FROM pg_database WHERE datname = current_database()),
                     'pbp.log'::regclass::oid)
$$;

-- Until when, in milliseconds since the epoch by this server's clock, some node has promised to look at the log without being
-- notified. A sequence, because it is outside transactions and snapshots: everyone sees a new value at once, without a lock.
CREATE SEQUENCE pbp.awake MINVALUE 0 START 0;

-- A transaction that is to be prepared may not NOTIFY: SET LOCAL pbp.wake = off. This setting suppresses the NOTIFY and
-- nothing else.
