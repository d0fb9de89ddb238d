-- How much of the log is kept. Whole transactions are removed, oldest id first; a cursor that has not seen all that was
-- removed must refetch (LogReader). DELETE takes no lock that a writer could wait for.

-- Removes what is older than keep, and all but about the newest keep_rows rows; at most so many transactions at once. Returns how
-- many rows were removed; 0 also while another node is at it. That is known by the lock of the one row of pbp.feed, which nobody can
-- hold who may not update it.
CREATE FUNCTION pbp.trim(keep interval, keep_rows bigint, transactions integer DEFAULT 5000) RETURNS bigint LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    oldest_time timestamptz := clock_timestamp() - keep;
    oldest_id   xid8;
    victims     xid8[];
    gone        bigint;
BEGIN
    -- They would run with the rights of whoever trims. Ours fires neither here nor for DELETE.
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'pbp.log'::regclass
                                        AND NOT (tgfoid = 'pbp.discard_replicated()'::regprocedure AND tgenabled = 'R' AND tgtype & 8 = 0))
       OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = 'pbp.log'::regclass)
    THEN
        RAISE EXCEPTION 'pbp.log: somebody has put a trigger or a rule on it; it is not trimmed' USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Find out who did, then remove it';
    END IF;
    PERFORM FROM pbp.feed FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    -- No row takes less than 60 bytes: while the table is too small to hold more, they need not be counted.
    IF pg_relation_size('pbp.log') / 60 > keep_rows THEN
        oldest_id := (SELECT xid FROM pbp.log ORDER BY xid DESC OFFSET keep_rows LIMIT 1);
    END IF;
    -- In the order of the index; the few at its front that may not go yet, since they were open for long, are passed over.
    SELECT array_agg(xid) INTO victims
    FROM (SELECT xid, max(at) AS newest FROM pbp.log GROUP BY xid ORDER BY xid LIMIT transactions) t
    WHERE newest < oldest_time OR xid <= oldest_id;
    IF victims IS NULL THEN
        RETURN 0;
    END IF;
    DELETE FROM pbp.log WHERE xid = ANY (victims);
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE pbp.feed SET removed = greatest(removed, (SELECT max(v::text::bigint)::text::xid8 FROM unnest(victims) v));
    DELETE FROM pbp.waypoint WHERE ends <= (SELECT removed FROM pbp.feed);
    RETURN gone;
END
$$;
