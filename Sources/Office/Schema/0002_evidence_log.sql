-- The evidence log: entries in their dense order, full tiles, checkpoints, notes, openings. Owner citizen.
-- Only ever added to, except openings, which go when a person's data goes. Lock order: the sequencer's advisory lock,
-- evidence_pending, evidence_entry, evidence_opening, evidence_tile, evidence_checkpoint, evidence_note.

-- An entry, the octets of its body and its leaf SHA-256(00 || body). Act, actor, object and time stand in the body alone.
CREATE TABLE evidence_entry (
    idx int8 NOT NULL CONSTRAINT evidence_entry_index CHECK (idx >= 0),
    tx bytea NOT NULL,
    body text NOT NULL,
    leaf256 bytea NOT NULL CHECK (length(leaf256) = 32),
    PRIMARY KEY (idx)
) PARTITION BY RANGE (idx);
CREATE INDEX evidence_entry_tx ON evidence_entry (tx);
CREATE INDEX evidence_entry_act ON evidence_entry (((body::jsonb) ->> 'act'));
CREATE INDEX evidence_entry_object ON evidence_entry (((body::jsonb) ->> 'object'));
CREATE INDEX evidence_entry_actor ON evidence_entry (((body::jsonb) ->> 'actor'));
CREATE INDEX evidence_entry_at ON evidence_entry USING brin ((((body::jsonb) ->> 'at')::int8));

-- A tile that has become full, level 0 over leaves, with its root, which is one hash of the tile above.
CREATE TABLE evidence_tile (
    tree int2 NOT NULL,
    level int2 NOT NULL,
    n int8 NOT NULL,
    hashes bytea NOT NULL CHECK (length(hashes) = 8192),
    root bytea NOT NULL CHECK (length(root) = 32),
    PRIMARY KEY (tree, level, n)
);
ALTER TABLE evidence_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Tree 1 is SHA-256, tree 2 SM3. A size has one root for ever.
CREATE TABLE evidence_checkpoint (
    tree int2 NOT NULL CHECK (tree IN (1, 2)),
    size int8 NOT NULL CHECK (size > 0),
    root bytea NOT NULL CHECK (length(root) = 32),
    PRIMARY KEY (tree, size)
);

-- What was signed of a checkpoint, after it was durable.
CREATE TABLE evidence_note (
    tree int2 NOT NULL,
    size int8 NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (tree, size),
    FOREIGN KEY (tree, size) REFERENCES evidence_checkpoint
);

-- What an entry commits to, sealed under the data key of its subject.
CREATE TABLE evidence_opening (
    tx bytea PRIMARY KEY,
    subject int8,
    sealed bytea
);
CREATE INDEX evidence_opening_subject ON evidence_opening (subject) WHERE subject IS NOT NULL;

-- Partitions of 10,000,000 entries. The next one is made while the last but one fills.
CREATE FUNCTION evidence_make_room(next_idx int8) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    part int8;
    partition text;
BEGIN
    FOR part IN next_idx / 10000000 .. next_idx / 10000000 + 1 LOOP
        partition := 'evidence_entry_' || part;
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF evidence_entry FOR VALUES FROM (%s) TO (%s)',
            partition, part * 10000000, (part + 1) * 10000000);
        EXECUTE format(
            'CREATE TRIGGER entry_is_not_emptied BEFORE TRUNCATE ON %I EXECUTE FUNCTION refuse_change()', partition);
    END LOOP;
END $$;
SELECT evidence_make_room(0);

CREATE TRIGGER entry_stays BEFORE UPDATE OR DELETE ON evidence_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_is_not_emptied BEFORE TRUNCATE ON evidence_entry EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tile_stays BEFORE UPDATE OR DELETE ON evidence_tile FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tile_is_not_emptied BEFORE TRUNCATE ON evidence_tile EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_stays BEFORE UPDATE OR DELETE ON evidence_checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_is_not_emptied BEFORE TRUNCATE ON evidence_checkpoint EXECUTE FUNCTION refuse_change();
CREATE TRIGGER note_stays BEFORE UPDATE OR DELETE ON evidence_note FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER note_is_not_emptied BEFORE TRUNCATE ON evidence_note EXECUTE FUNCTION refuse_change();

-- A pending row goes only by becoming an entry: whoever deletes it must have put the same body into the log.
CREATE FUNCTION refuse_unless_entered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM public.evidence_entry WHERE tx = OLD.tx AND body = OLD.body;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a pending entry only leaves into the log' USING ERRCODE = '42501';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER evidence_stays ON evidence_pending;
CREATE TRIGGER evidence_stays BEFORE UPDATE ON evidence_pending FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_leaves_into_the_log AFTER DELETE ON evidence_pending
    FOR EACH ROW EXECUTE FUNCTION refuse_unless_entered();

-- The only way from pending to the log, for the service that may not delete: rows by their ids, in this order, from the
-- next free index on. The leaf of each must be that of its body.
CREATE FUNCTION evidence_sequence(first_idx int8, ids int8[], leaves bytea[]) RETURNS int8 LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    next_idx int8;
    moved int8;
BEGIN
    PERFORM pg_advisory_xact_lock(4841718);
    SELECT coalesce(max(idx) + 1, 0) INTO next_idx FROM evidence_entry;
    IF next_idx <> first_idx OR cardinality(ids) <> cardinality(leaves) THEN
        RAISE EXCEPTION 'the log goes on at %, not at %', next_idx, first_idx USING ERRCODE = '40001';
    END IF;
    PERFORM evidence_make_room(first_idx + cardinality(ids));
    WITH wanted AS (
        SELECT id, leaf, place - 1 AS place FROM unnest(ids, leaves) WITH ORDINALITY AS w (id, leaf, place)
    ), gone AS (
        DELETE FROM evidence_pending p USING wanted w WHERE p.id = w.id
        RETURNING p.tx, p.body, p.subject, p.opening, w.leaf, w.place
    ), kept AS (
        INSERT INTO evidence_opening (tx, subject, sealed)
        SELECT tx, subject, opening FROM gone WHERE subject IS NOT NULL OR opening IS NOT NULL
    )
    INSERT INTO evidence_entry (idx, tx, body, leaf256)
    SELECT first_idx + place, tx, body, leaf FROM gone
    WHERE leaf = sha256('\x00'::bytea || convert_to(body, 'UTF8'));
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> cardinality(ids) THEN
        RAISE EXCEPTION 'of % rows % could be entered', cardinality(ids), moved USING ERRCODE = '40001';
    END IF;
    RETURN moved;
END $$;
REVOKE ALL ON FUNCTION evidence_sequence(int8, int8[], bytea[]), evidence_make_room(int8) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION evidence_sequence(int8, int8[], bytea[]) TO cz_app;

GRANT SELECT ON evidence_entry, evidence_opening TO cz_app, cz_audit;
GRANT SELECT, INSERT ON evidence_tile, evidence_checkpoint, evidence_note TO cz_app;
GRANT SELECT ON evidence_tile, evidence_checkpoint, evidence_note TO cz_audit;
-- Deleted rows at the head of the queue are swept early.
ALTER TABLE evidence_pending SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000);
