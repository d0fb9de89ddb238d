-- Logical replication, on both of its sides. A publication may hold pbp's tables, and a subscriber may follow tables of its own.
-- What the publisher logs about itself is discarded by a subscriber: V001 and V003 do that for the log's owner's tables.

CREATE TRIGGER pbp_discard BEFORE INSERT OR UPDATE OR DELETE ON pbp.feed FOR EACH ROW EXECUTE FUNCTION pbp.discard_replicated();
CREATE TRIGGER pbp_discard BEFORE INSERT OR UPDATE OR DELETE ON pbp.waypoint FOR EACH ROW EXECUTE FUNCTION pbp.discard_replicated();
CREATE TRIGGER pbp_discard BEFORE INSERT OR UPDATE OR DELETE ON pbp.tracked FOR EACH ROW EXECUTE FUNCTION pbp.discard_replicated();
CREATE TRIGGER pbp_discard BEFORE INSERT OR UPDATE OR DELETE ON pbp.migration FOR EACH ROW EXECUTE FUNCTION pbp.discard_replicated();
ALTER TABLE pbp.feed ENABLE REPLICA TRIGGER pbp_discard;
ALTER TABLE pbp.waypoint ENABLE REPLICA TRIGGER pbp_discard;
ALTER TABLE pbp.tracked ENABLE REPLICA TRIGGER pbp_discard;
ALTER TABLE pbp.migration ENABLE REPLICA TRIGGER pbp_discard;

-- A tracked table that a subscription writes to. Its workers have session_replication_role = replica, and fire triggers for each
-- row, but none for statements, except for TRUNCATE. So a trigger for each row fires in that role alone, where those for statements do not:
-- no change is logged twice, the initial copy of a table neither, and other writers have nothing of it.
CREATE FUNCTION pbp.create_replica_trigger(rel oid, is_partition boolean, fn name) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT relkind FROM pg_class WHERE oid = rel) = 'r' THEN
        EXECUTE format('CREATE TRIGGER pbp_replica AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION pbp.%I(%L)',
                       rel::regclass, fn, CASE WHEN is_partition THEN 'partition' ELSE 'row' END);
        EXECUTE format('ALTER TABLE ONLY %s ENABLE REPLICA TRIGGER pbp_replica', rel::regclass);
    END IF;
END
$$;

-- The part of a trigger's function that logs one row, from NEW and OLD. PL/pgSQL looks their columns up by name, and fails where one is
-- gone or has another type than it had. So the catalog is asked first: the table is locked, and what a new snapshot sees holds. In a
-- transaction that keeps an older one, and where the table has another shape than it was tracked with, readers must refetch.
CREATE FUNCTION pbp.log_row(rel oid, excluded text[], tab text, key text[]) RETURNS text LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    cols   record  := pbp.columns(rel, excluded);
    used   record  := pbp.columns(rel, CASE WHEN EXISTS (SELECT FROM pg_attribute WHERE attrelid = rel AND attgenerated = 'v') THEN '{}' ELSE excluded END);
    before text    := (SELECT format('(SELECT %s)', string_agg(format('OLD.%1$I AS %1$I', name), ', ')) FROM unnest(used.names) name);
    after  text    := (SELECT format('(SELECT %s)', string_agg(format('NEW.%1$I AS %1$I', name), ', ')) FROM unnest(used.names) name);
BEGIN
    RETURN format($template$
            IF current_setting('session_replication_role') <> 'replica' THEN
                RETURN NULL; -- it was enabled for all roles, as by ENABLE TRIGGER ALL
            END IF;
            IF pbp_refetch OR current_setting('transaction_isolation') NOT LIKE 'read%%' OR NOT (%2$s)
               OR (SELECT count(*) FILTER (WHERE (attname, atttypid) IN (%3$s)) <> %4$s OR %5$L AND count(*) <> %4$s
                   FROM pg_attribute WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped)
            THEN
                INSERT INTO pbp.log (tab, op) VALUES (%1$L, 'r');
            ELSIF TG_OP = 'INSERT' THEN
                BEGIN %6$s; EXCEPTION WHEN data_exception OR program_limit_exceeded OR out_of_memory OR internal_error THEN
                    INSERT INTO pbp.log (tab, op) VALUES (%1$L, 'r');
                END;
            ELSIF TG_OP = 'UPDATE' THEN
                BEGIN %7$s; EXCEPTION WHEN data_exception OR program_limit_exceeded OR out_of_memory OR internal_error THEN
                    INSERT INTO pbp.log (tab, op) VALUES (%1$L, 'r');
                END;
            ELSE
                BEGIN %8$s; EXCEPTION WHEN data_exception OR program_limit_exceeded OR out_of_memory OR internal_error THEN
                    INSERT INTO pbp.log (tab, op) VALUES (%1$L, 'r');
                END;
            END IF;
%9$s
            RETURN NULL;$template$,
        tab, pbp.same_shape(rel, excluded),
        (SELECT string_agg(format('(%L, %s)', name, typ), ', ' ORDER BY ord) FROM unnest(used.names, used.types) WITH ORDINALITY u (name, typ, ord)),
        cardinality(used.names), excluded = '{}',
        pbp.log_statement(tab, 'INSERT', key, cols.names, cols.types, cols.expressions, before => before, after => after),
        pbp.log_statement(tab, 'UPDATE', key, cols.names, cols.types, cols.expressions, before => before, after => after),
        pbp.log_statement(tab, 'DELETE', key, cols.names, cols.types, cols.expressions, before => before, after => after),
        pbp.wake_readers());
END
$body$;

SELECT pbp.secure();
