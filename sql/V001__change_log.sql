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
-- What a cursor has not seen is xid >= its xmax, or one of the few that were running then: two scans of this index. With lsn in
-- it a large transaction is read in its order without a sort.
CREATE INDEX log_order ON pbp.log (xid, lsn);
-- In a publication FOR ALL TABLES a row without identity could not be deleted. It costs WAL where wal_level is logical.
ALTER TABLE pbp.log REPLICA IDENTITY FULL;

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

-- A subscriber discards what the publisher's pbp keeps about the publisher. The triggers fire where session_replication_role is
-- replica, which costs others nothing; a dump may be restored in that role too, so the function asks whether it runs in a worker of a
-- subscription. Rows of pbp.log are not found when they are to be deleted, since no two are alike, so that retention is spared the
-- row locks of a BEFORE DELETE trigger. From PostgreSQL 16 on the worker looks for them as the table's owner, pbp_log, who may not read
-- the log elsewhere.
CREATE FUNCTION pbp.discard_replicated() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_stat_get_subscription(NULL) WHERE pid = pg_backend_pid()) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_RELID = 'pbp.log'::regclass AND NOT has_table_privilege(TG_RELID, 'SELECT') THEN
        GRANT SELECT ON pbp.log TO CURRENT_USER;
    END IF;
    RETURN NULL;
END
$$;
-- What a subscriber's own triggers log comes from a trigger.
CREATE TRIGGER pbp_discard BEFORE INSERT OR UPDATE ON pbp.log FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION pbp.discard_replicated();
ALTER TABLE pbp.log ENABLE REPLICA TRIGGER pbp_discard;

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
