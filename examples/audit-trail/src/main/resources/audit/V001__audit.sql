-- The trail, and the cursor up to which it is written.
CREATE TABLE public.audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    written    timestamptz NOT NULL DEFAULT now(),
    txid       text        NOT NULL, -- the transaction that made the change; empty for a refetch
    table_name text        NOT NULL,
    operation  text        NOT NULL, -- insert, update, delete, truncate; or refetch: earlier changes may be missing
    key        jsonb,
    old_row    jsonb,
    new_row    jsonb
);

CREATE TABLE public.audit_cursor (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one), -- one row
    cursor text,
    tables text[]  NOT NULL DEFAULT '{}',
    part   text
) WITH (fillfactor = 50, autovacuum_enabled = off);
INSERT INTO public.audit_cursor DEFAULT VALUES;
