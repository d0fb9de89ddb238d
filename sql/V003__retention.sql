-- How much of the log is kept. Whole transactions are removed, oldest id first; a cursor that has not seen all that was
-- removed is told to refetch (LogReader). DELETE takes no lock that a writer could wait for.

-- Removes what is older than keep, and what is more than keep_rows back; at most so many transactions at once. Returns how
-- many rows went; 0 also while another node is at it.
CREATE FUNCTION pbp.trim(keep interval, keep_rows bigint, transactions integer DEFAULT 5000) RETURNS bigint LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    oldest_time timestamptz := clock_timestamp() - keep;
    -- Ids of rolled back rows count too, so this keeps rather less than more.
    oldest_id   bigint      := (SELECT last_value FROM pbp.log_id) - keep_rows;
    victims     xid8[];
    gone        bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('pbp.trim', 0)) THEN
        RETURN 0;
    END IF;
    -- In the order of the index; the few at its front that may not go yet, since they were open for long, are passed over.
    SELECT array_agg(xid) INTO victims
    FROM (SELECT xid, max(at) AS newest, max(id) AS last FROM pbp.log GROUP BY xid ORDER BY xid LIMIT transactions) t
    WHERE newest < oldest_time OR last <= oldest_id;
    IF victims IS NULL THEN
        RETURN 0;
    END IF;
    DELETE FROM pbp.log WHERE xid = ANY (victims);
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE pbp.feed SET removed = greatest(removed, (SELECT max(v::text::bigint)::text::xid8 FROM unnest(victims) v));
    RETURN gone;
END
$$;
