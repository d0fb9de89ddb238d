-- How a row is rendered as JSON, by the triggers and by reads. The triggers run with rights that the owner of a tracked table
-- does not have, so nothing here may call code that somebody other than a superuser can define. to_json() of a row calls
-- casts of user-defined types; so it sees values of pg_catalog's types alone. Any other value is rendered by its type's
-- output function, through format(), which looks up no cast.
--
-- The functions are in PL/pgSQL where reads call them, since that keeps their plans.

-- The table as readers see it: without the schema where that is public; a part that holds a dot or a quote, in quotes.
CREATE FUNCTION pbp.table_name(rel oid) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(CASE WHEN part ~ '[."]' THEN '"' || replace(part, '"', '""') || '"' ELSE part END, '.' ORDER BY ord)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace,
    unnest(ARRAY[n.nspname, c.relname]::text[]) WITH ORDINALITY parts (part, ord)
    WHERE c.oid = rel AND NOT (ord = 1 AND part = 'public')
$$;

-- The columns of the primary key, in the key's order; null if there is none.
CREATE FUNCTION pbp.key_columns(rel oid) RETURNS text[] LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT array_agg(a.attname::text ORDER BY k.ord)
    FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, ord), pg_attribute a
    WHERE i.indrelid = rel AND i.indisprimary AND k.ord <= i.indnkeyatts AND a.attrelid = rel AND a.attnum = k.attnum
    );
END
$$;

-- A domain's base type; any other type itself.
CREATE FUNCTION pbp.base_type(typ oid) RETURNS oid LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    WITH RECURSIVE up (oid, depth) AS (
        SELECT typ, 0
        UNION ALL
        SELECT t.typbasetype, depth + 1 FROM up JOIN pg_type t ON t.oid = up.oid WHERE t.typtype = 'd'
    )
    SELECT oid FROM up ORDER BY depth DESC LIMIT 1
    );
END
$$;

-- Whether a type came with PostgreSQL; a user cannot define what its values look like.
CREATE FUNCTION pbp.is_built_in(typ oid) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT EXISTS (SELECT FROM pg_type WHERE oid = typ AND oid < 16384 AND typnamespace = 'pg_catalog'::regnamespace)
    );
END
$$;

-- SQL that casts text to a built-in type, where its JSON is more than that text as a string. A cast that is not needed could fail:
-- regclass looks its text up, with the rights of whoever renders.
CREATE FUNCTION pbp.as_built_in(typ oid) RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT CASE WHEN coalesce(e.oid, t.oid) = ANY ('{bool,int2,int4,int8,float4,float8,numeric,date,timestamp,timestamptz,json,jsonb,int2vector,oidvector}'::regtype[])
                THEN format('::pg_catalog.%I', t.typname)
                WHEN e.oid IS NULL THEN ''
                WHEN e.typdelim = ',' THEN '::pg_catalog._text'
                ELSE format('::pg_catalog.%I', t.typname) END
    FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typinput = 'array_in'::regproc
    WHERE t.oid = typ
    );
END
$$;

-- SQL for a value of a type such that to_json() of it calls no cast of a user's: a built-in type's as it is; a domain's as its
-- base type; an array's as an array; any other's as the text that the output function of its type gives.
CREATE FUNCTION pbp.rendered(typ oid, value text) RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pbp.is_built_in(typ) THEN
        RETURN value;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_type WHERE oid = typ) THEN
        RAISE EXCEPTION 'type %: younger than the snapshot of this transaction', typ USING ERRCODE = 'undefined_object';
    END IF;
    RETURN (
    SELECT format('CASE WHEN %1$s IS DISTINCT FROM NULL THEN pg_catalog.format(''%%s'', %1$s)%2$s END', value,
                  CASE WHEN pbp.is_built_in(b.oid) THEN pbp.as_built_in(b.oid)
                       WHEN e.oid IS NULL OR e.typdelim <> ',' THEN ''
                       WHEN pbp.is_built_in(e.base) AND a.typinput <> 'array_in'::regproc THEN pbp.as_built_in(a.typarray)
                       ELSE '::pg_catalog._text' END)
    FROM (SELECT pbp.base_type(typ) AS oid) k
    LEFT JOIN pg_type b ON b.oid = k.oid
    LEFT JOIN LATERAL (SELECT t.oid, t.typdelim, pbp.base_type(t.oid) AS base FROM pg_type t
                       WHERE t.oid = b.typelem AND b.typinput = 'array_in'::regproc) e ON true
    LEFT JOIN pg_type a ON a.oid = e.base
    );
END
$$;

-- The columns that readers see: name, type, and SQL for the value. A virtual generated column is null in what a trigger sees of
-- the row, so it is calculated there, by an expression that is written and read under the same settings.
CREATE FUNCTION pbp.columns(rel oid, excluded text[], OUT names text[], OUT types oid[], OUT expressions text[])
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, MDY' SET intervalstyle = iso_8601
    SET extra_float_digits = 1 SET bytea_output = hex SET quote_all_identifiers = off SET standard_conforming_strings = on AS $$
    SELECT array_agg(attname::text ORDER BY attnum), array_agg(atttypid ORDER BY attnum),
           array_agg(CASE WHEN attgenerated = 'v' THEN format('(%s)', pg_get_expr(adbin, adrelid))
                          ELSE quote_ident(attname) END ORDER BY attnum)
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND attname <> ALL (excluded)
$$;

-- SQL for the FROM clause that gives, for each row of a relation, pbp_json (its columns, rendered) and pbp_row_is (ok: whether
-- the columns have the types that they are rendered for; k: the key as JSON).
--
-- Where complete is set, ok is also false if the relation has further columns. ROW() of nulls as text, (,,), has a character more
-- than columns; it is asked once for each statement, and calls no output function. has_column_privilege would not do: a column that was
-- added and dropped looks to it as if it had never been, and one that was added after it is not looked for.
--
-- It means the same under any search path. No name in it can fail: one that is not in the row any more is found one level further out, in pbp_gone, with a type that
-- makes ok false. And every expression can be understood whatever type a column has by now. So no writer fails.
CREATE FUNCTION pbp.rows_of(relation text, key text[], names text[], types oid[], expressions text[], complete boolean DEFAULT false)
    RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT format('%1$s AS pbp_row, '
                  'LATERAL (SELECT x.* FROM (SELECT %2$s) AS pbp_gone, '
                  'LATERAL (SELECT %3$s AS ok, pg_catalog.json_build_object(%4$s) AS k FROM (SELECT pbp_row.*) AS c) AS x) AS pbp_row_is, '
                  'LATERAL (SELECT x.* FROM (SELECT %2$s) AS pbp_gone, '
                  'LATERAL (SELECT %5$s FROM (SELECT pbp_row.*) AS c) AS x) AS pbp_json',
                  relation,
                  string_agg(format('NULL::pg_catalog.regdictionary AS %I', name), ', ' ORDER BY ord),
                  -- What is calculated is not in a transition table; same_shape watches over it.
                  -- Of many columns in one comparison: each function costs time in every statement.
                  CASE WHEN count(*) > 4
                       THEN format('ARRAY[%s]::pg_catalog._oid OPERATOR(pg_catalog.=) %L::pg_catalog._oid',
                                   string_agg(format('pg_catalog.pg_typeof(%I)', name), ', ' ORDER BY ord) FILTER (WHERE expression = quote_ident(name)),
                                   array_agg(typ ORDER BY ord) FILTER (WHERE expression = quote_ident(name)))
                       ELSE string_agg(format('pg_catalog.pg_typeof(%I) OPERATOR(pg_catalog.=) %s::pg_catalog.oid', name, typ), ' AND ' ORDER BY ord) FILTER (WHERE expression = quote_ident(name))
                       END || CASE WHEN complete THEN format(' AND (SELECT pg_catalog.length(ROW(pbp_all.*)::pg_catalog.text) OPERATOR(pg_catalog.=) %s FROM (SELECT) AS pbp_one '
                                                        'LEFT JOIN %s AS pbp_all ON false)', count(*) + 1, relation) ELSE '' END,
                  (SELECT string_agg(format('%L, %s', k, pbp.rendered(types[array_position(names, k)], quote_ident(k))), ', '
                                     ORDER BY place)
                   FROM unnest(key) WITH ORDINALITY u (k, place)),
                  string_agg(format('%s AS %I', pbp.rendered(typ, expression), name), ', ' ORDER BY ord))
    FROM unnest(names, types, expressions) WITH ORDINALITY c (name, typ, expression, ord)
    );
END
$$;

-- The statement that logs what an INSERT, UPDATE or DELETE did, from the transition tables pbp_old and pbp_new or other relations. Where the
-- columns are no longer of these types or, where complete is set, there are others, it logs nothing.
CREATE FUNCTION pbp.log_statement(tab text, op text, key text[], names text[], types oid[], expressions text[],
                                  complete boolean DEFAULT false, before text DEFAULT 'pbp_old', after text DEFAULT 'pbp_new') RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT CASE op
        WHEN 'INSERT' THEN format(
            'INSERT INTO pbp.log (tab, op, key, new) SELECT %L, ''i'', pbp_row_is.k, to_json(pbp_json.*) FROM %s WHERE pbp_row_is.ok',
            tab, pbp.rows_of(after, key, names, types, expressions, complete))
        WHEN 'DELETE' THEN format(
            'INSERT INTO pbp.log (tab, op, key, old) SELECT %L, ''d'', pbp_row_is.k, to_json(pbp_json.*) FROM %s WHERE pbp_row_is.ok',
            tab, pbp.rows_of(before, key, names, types, expressions, complete))
        -- Old and new row belong together if a reader cannot tell their keys apart. A row whose key changed has no partner: its
        -- old self goes, its new self comes. What readers see no change of is not logged.
        ELSE format(
            'INSERT INTO pbp.log (tab, op, key, old, new) '
            'SELECT %1$L, CASE WHEN o.t IS NULL THEN ''i'' WHEN n.t IS NULL THEN ''d'' ELSE ''u'' END, coalesce(n.k, o.k), o.j, n.j '
            'FROM (SELECT pbp_row_is.k, pbp_row_is.k::text COLLATE "C" AS t, to_json(pbp_json.*) AS j FROM %2$s WHERE pbp_row_is.ok) o '
            'FULL JOIN (SELECT pbp_row_is.k, pbp_row_is.k::text COLLATE "C" AS t, to_json(pbp_json.*) AS j FROM %3$s WHERE pbp_row_is.ok) n '
            'ON o.t = n.t WHERE o.j::text IS DISTINCT FROM n.j::text',
            tab, pbp.rows_of(before, key, names, types, expressions, complete),
            pbp.rows_of(after, key, names, types, expressions, complete))
        END
    );
END
$$;

-- A query for the size of each row before and after a statement: 24 bytes, the length of each logged column of fixed length, and
-- of each other one what its value takes in the row: compressed where it is, and without a look at values stored apart. Virtual
-- columns take nothing. pg_column_size() runs no code of the type's, and no name can fail (rows_of). Where rough is set, every value
-- of a row counts as its largest, which is cheaper to ask for. OFFSET 0: no node but the scan has all columns to describe.
CREATE FUNCTION pbp.row_sizes(op text, names text[], types oid[], expressions text[], rough boolean) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT string_agg(format('(SELECT pbp_size.bytes FROM %s AS pbp_row, LATERAL (SELECT x.* FROM (SELECT %s) AS pbp_gone, '
                             'LATERAL (SELECT %s::bigint%s AS bytes FROM (SELECT pbp_row.*) AS c) AS x) AS pbp_size OFFSET 0)',
                             t, k.gone, 24 + coalesce(k.fixed, 0),
                             CASE WHEN rough AND k.n > 2 THEN format(' + %s::bigint * coalesce(greatest(%s), 0)', k.n, array_to_string(k.sizes, ', '))
                                  ELSE (SELECT string_agg(format(' + coalesce(%s, 0)', size), '') FROM unnest(k.sizes) size) END), ' UNION ALL ')
    FROM unnest(CASE op WHEN 'INSERT' THEN '{pbp_new}' WHEN 'DELETE' THEN '{pbp_old}' ELSE '{pbp_old,pbp_new}' END::text[]) t,
         (SELECT sum(typlen) FILTER (WHERE typlen > 0) AS fixed, count(*) FILTER (WHERE typlen < 0) AS n,
                 string_agg(format('NULL::regdictionary AS %I', name), ', ' ORDER BY ord) FILTER (WHERE typlen < 0) AS gone,
                 array_agg(format('pg_column_size(%I)', name) ORDER BY ord) FILTER (WHERE typlen < 0) AS sizes
          FROM (SELECT name, ord, coalesce(typlen, -1) AS typlen
                FROM unnest(names, types, expressions) WITH ORDINALITY u (name, typ, expression, ord)
                LEFT JOIN pg_type y ON y.oid = u.typ
                WHERE expression = quote_ident(name)) u) k
    );
END
$$;

-- SQL for whether the rows of a statement are too many or too large to be logged without a closer look. It looks at 64 rows at most,
-- and every row counts once, and once more for each 64th of most bytes. So where it is false, all of them are smaller than that
-- together. It is part of the statement that logs, and cheaper there than an aggregate.
CREATE FUNCTION pbp.ask_for_large(op text, names text[], types oid[], expressions text[], most bigint) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('EXISTS (SELECT generate_series(0, bytes / %s) FROM (%s) AS pbp_sizes OFFSET %s)',
                  greatest(most / 64, 1), pbp.row_sizes(op, names, types, expressions, true), least(most, 64) - 1)
$$;

-- SQL for whether the rows of a statement are larger than a limit, if there is one. It reads no further than that.
CREATE FUNCTION pbp.ask_for_excess(op text, names text[], types oid[], expressions text[], max_statement bigint) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN max_statement IS NULL THEN 'false' ELSE
               format('EXISTS (SELECT FROM (SELECT sum(bytes::float8) OVER (ROWS UNBOUNDED PRECEDING) AS total FROM (%s) AS pbp_sizes) AS pbp_sum'
                      ' WHERE total > %s)', pbp.row_sizes(op, names, types, expressions, false), max_statement) END
$$;

-- The same FROM clause for the table itself, where a virtual generated column has its value.
CREATE FUNCTION pbp.read_from(rel oid, excluded text[]) RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT pbp.rows_of(format('%I.%I', n.nspname, c.relname), pbp.key_columns(rel), k.names, k.types,
                       (SELECT array_agg(quote_ident(name) ORDER BY ord) FROM unnest(k.names) WITH ORDINALITY u (name, ord)))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pbp.columns(rel, pbp.hidden(rel, excluded)) k
    WHERE c.oid = rel
    );
END
$$;

-- A query for whether the table still has the columns and types for which read_from was made; the table must be locked.
CREATE FUNCTION pbp.check_shape(rel oid, excluded text[]) RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (
    SELECT 'SELECT pbp_row_is.ok FROM '
           || pbp.rows_of(format('(SELECT r.* FROM (SELECT) AS one LEFT JOIN %I.%I AS r ON false)', n.nspname, c.relname),
                          pbp.key_columns(rel), k.names, k.types,
                          (SELECT array_agg(quote_ident(name) ORDER BY ord) FROM unnest(k.names) WITH ORDINALITY u (name, ord)))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pbp.columns(rel, pbp.hidden(rel, excluded)) k
    WHERE c.oid = rel
    );
END
$$;

-- Whether a text can be sent to readers, which take UTF-8. A database in SQL_ASCII accepts any bytes; other encodings have bytes
-- without a character, which their text types accept all the same.
CREATE FUNCTION pbp.is_readable(value text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM convert_to(value, 'UTF8');
    RETURN true;
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN false;
END
$$;

-- A text as it can be shown: a message with other bytes would end the statement that it is about.
CREATE FUNCTION pbp.visible(value text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN pbp.is_readable(value) THEN value ELSE encode(convert_to(value, getdatabaseencoding()), 'escape') END
$$;

-- Whether every text of this database can be sent. Of encodings with more than a byte a character, other than UTF-8, none is known to be.
CREATE FUNCTION pbp.is_lossless() RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF getdatabaseencoding() = 'UTF8' THEN
        RETURN true;
    ELSIF getdatabaseencoding() = 'SQL_ASCII' OR pg_encoding_max_length(pg_char_to_encoding(getdatabaseencoding())) > 1 THEN
        RETURN false;
    END IF;
    RETURN (SELECT bool_and(pbp.is_readable(chr(c))) FROM generate_series(1, 255) c);
END
$$;
