-- The tables of the random histories and the functions that write to them.

CREATE TABLE journal (xid text PRIMARY KEY);

-- Transactions that may make readers refetch a table without nested writes. Not tracked.
CREATE TABLE excused (xid text, tab text, reason text, PRIMARY KEY (xid, tab, reason));

-- Without nested writes: a composite key, and types whose text depends on settings.
CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE DOMAIN cents AS numeric(8, 2);
CREATE TABLE pairs (
    a     int,
    "B b" text,
    v     text,
    flag  boolean     NOT NULL DEFAULT false,
    at    timestamptz DEFAULT clock_timestamp(),
    day   date        DEFAULT clock_timestamp(),
    took  interval    DEFAULT random() * interval '400 days',
    cost  money       DEFAULT (random() * 10000)::numeric::money,
    tags  text[]      DEFAULT ARRAY[NULL, 'NULL', 'back\slash', '"'],
    moods mood[]      DEFAULT ARRAY[NULL, 'sad']::mood[],
    price cents       DEFAULT random() * 100,
    ratio float8      DEFAULT random(),
    bytes bytea       DEFAULT decode(md5(random()::text), 'hex'),
    rel   regclass    DEFAULT 'journal'::regclass,
    PRIMARY KEY (a, "B b")
);

-- Without nested writes: partitioned.
CREATE SCHEMA "Sch.ema";
CREATE TABLE "Sch.ema".parts (id int PRIMARY KEY, v numeric) PARTITION BY RANGE (id);
CREATE TABLE parts_low PARTITION OF "Sch.ema".parts FOR VALUES FROM (0) TO (20);
CREATE TABLE parts_high PARTITION OF "Sch.ema".parts FOR VALUES FROM (20) TO (1000);

-- With nested writes: the first word of v says how the trigger writes the same key again.
CREATE TABLE nested (id int PRIMARY KEY, v text, flag boolean NOT NULL DEFAULT false);
CREATE FUNCTION write_again() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    written nested := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    gone    nested;
BEGIN
    CASE split_part(written.v, ' ', 1)
        WHEN 'same' THEN
            UPDATE nested SET v = 'done' WHERE id = written.id;
        WHEN 'deep' THEN
            UPDATE nested SET v = 'same' WHERE id = written.id;
        WHEN 'flag' THEN
            UPDATE nested SET flag = true WHERE id = written.id;
            UPDATE nested SET flag = false WHERE id = written.id;
        WHEN 'swap' THEN
            DELETE FROM nested WHERE id = written.id RETURNING * INTO gone;
            IF FOUND THEN
                INSERT INTO nested VALUES (gone.*);
            END IF;
        WHEN 'gone' THEN
            DELETE FROM nested WHERE id = written.id;
        WHEN 'back' THEN
            INSERT INTO nested VALUES (written.id, 'was here') ON CONFLICT DO NOTHING;
            DELETE FROM nested WHERE id = written.id;
        WHEN 'undo' THEN
            IF TG_OP = 'UPDATE' THEN
                UPDATE nested SET v = OLD.v WHERE id = OLD.id;
            END IF;
        ELSE
            NULL;
    END CASE;
    RETURN NULL;
END
$$;
CREATE TRIGGER write_again AFTER INSERT OR UPDATE OR DELETE ON nested
    FOR EACH ROW WHEN (pg_trigger_depth() < 2) EXECUTE FUNCTION write_again();
-- The row gives way before the statement that inserts it.
CREATE FUNCTION write_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM nested WHERE id = NEW.id;
    RETURN NEW;
END
$$;
CREATE TRIGGER write_before BEFORE INSERT ON nested
    FOR EACH ROW WHEN (NEW.v LIKE 'replace %') EXECUTE FUNCTION write_before();
-- At the end of the transaction, and not again for a row that "undo" makes late once more.
CREATE FUNCTION write_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE nested SET v = OLD.v WHERE id = NEW.id;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER write_late AFTER UPDATE ON nested DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.v LIKE 'late %' AND pg_trigger_depth() = 0) EXECUTE FUNCTION write_late();

-- With nested writes: its own foreign key updates and deletes rows of it.
CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON UPDATE CASCADE ON DELETE CASCADE, v text);

-- Functions that write: to be selected alone, since they write any key.
CREATE FUNCTION raise_and_lower(k int) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pairs SET flag = true WHERE a = k;
    UPDATE pairs SET flag = false WHERE a = k;
    RETURN k;
END
$$;
CREATE FUNCTION replace_equal(k int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    gone pairs;
BEGIN
    FOR gone IN DELETE FROM pairs WHERE a = k RETURNING * LOOP
        INSERT INTO pairs VALUES (gone.*);
    END LOOP;
    RETURN k;
END
$$;
CREATE FUNCTION up_and_down(k int) RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
    UPDATE "Sch.ema".parts SET v = v + 1 WHERE id = k;
    UPDATE "Sch.ema".parts SET v = v - 1 WHERE id = k;
    RETURN k;
END
$$;

-- A function to be called in an expression of a statement that does not write the keys f0 and f1.
CREATE FUNCTION write_others(k int, t text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pairs (a, "B b", v) VALUES (k, 'f0', t) ON CONFLICT (a, "B b") DO UPDATE SET v = excluded.v, flag = true;
    UPDATE pairs SET flag = false WHERE a = k AND "B b" = 'f0';
    INSERT INTO pairs (a, "B b", v) VALUES (k, 'f1', t) ON CONFLICT DO NOTHING;
    DELETE FROM pairs WHERE a = k AND "B b" = 'f1' AND t < '5';
    RETURN t;
END
$$;

SELECT pbp.track('pairs'), pbp.track('"Sch.ema".parts'), pbp.track('journal'), pbp.track('nested'), pbp.track('tree');
