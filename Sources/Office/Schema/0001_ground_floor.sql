-- The ground floor: residents, staff, desks, cards, jobs, keys, evidence. Owner citizen; the service works as cz_app.
-- Lock order of every transaction: resident, card, perso_job, evidence_pending.

CREATE TABLE id_kind (
    kind int2 PRIMARY KEY,
    name text NOT NULL UNIQUE
);
INSERT INTO id_kind (kind, name) VALUES
    (1, '111'), (2, '414'), (3, '516'), (4, '511'), (5, '553'), (6, '810'), (7, '113'),
    (20, 'phone'), (30, 'cardno'), (31, 'csn'),
    (40, 'name'), (41, 'name+birth'), (42, 'name-1'), (43, 'name-2'), (44, 'pinyin');

CREATE TABLE resident (
    resident_id int8 PRIMARY KEY,
    status int2 NOT NULL DEFAULT 1 CONSTRAINT resident_status CHECK (status BETWEEN 1 AND 5),
    district text NOT NULL CONSTRAINT resident_district CHECK (district ~ '^[0-9]{6}$'),
    name_enc bytea NOT NULL,
    document_enc bytea NOT NULL,
    detail_enc bytea NOT NULL,
    phone_enc bytea,
    address_enc bytea,
    photo_enc bytea,
    row_ver int4 NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 90);

CREATE TABLE resident_dek (
    resident_id int8 PRIMARY KEY,
    wrapped bytea,
    kek_ver int4 NOT NULL,
    destroyed_at timestamptz,
    CONSTRAINT resident_dek_destroyed CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

CREATE TABLE id_index (
    kind int2 NOT NULL REFERENCES id_kind,
    bi bytea NOT NULL,
    resident_id int8 NOT NULL,
    bi_key_ver int2 NOT NULL,
    CONSTRAINT id_index_once PRIMARY KEY (kind, bi)
);
CREATE INDEX id_index_resident ON id_index (resident_id);

CREATE TABLE name_index (
    kind int2 NOT NULL,
    bi bytea NOT NULL,
    resident_id int8 NOT NULL,
    bi_key_ver int2 NOT NULL,
    PRIMARY KEY (kind, bi, resident_id)
);

CREATE TABLE staff (
    staff_id int8 PRIMARY KEY,
    user_name text NOT NULL CONSTRAINT staff_user_name UNIQUE,
    role text NOT NULL,
    hall text NOT NULL,
    password text NOT NULL,
    totp_enc bytea NOT NULL,
    totp_step int8 NOT NULL DEFAULT 0,
    failures int4 NOT NULL DEFAULT 0,
    blocked_until timestamptz,
    state int2 NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL
);

CREATE TABLE staff_session (
    session_hash bytea PRIMARY KEY,
    staff_id int8 NOT NULL REFERENCES staff,
    csrf_hash bytea NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE desk (
    desk_id text PRIMARY KEY CONSTRAINT desk_name CHECK (desk_id ~ '^[A-Za-z0-9-]{1,32}$'),
    hall text NOT NULL,
    fingerprint bytea NOT NULL CONSTRAINT desk_fingerprint UNIQUE,
    state int2 NOT NULL DEFAULT 1,
    readers jsonb NOT NULL DEFAULT '[]',
    seen_at timestamptz
);

-- 生命周期: states as numbers, moves as rows, so that the database refuses what the table does not list.
CREATE TABLE card_state (state int2 PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE card_move (
    from_state int2 NOT NULL,
    to_state int2 NOT NULL,
    PRIMARY KEY (from_state, to_state)
);

INSERT INTO card_state (state, name) VALUES
    (0, 'NONE'), (1, 'ORDERED'), (2, 'PERSONALISING'), (3, 'QUARANTINE'), (4, 'PERSONALISED'), (5, 'ACTIVE'), (6, 'LOST'), (7, 'REPORTED'), (8, 'SUSPENDED'), (9, 'DAMAGED'), (10, 'EXPIRED'), (11, 'REPLACED'), (12, 'PENDING_REFUND'), (13, 'CANCELLED'), (14, 'DESTROYED');
INSERT INTO card_move (from_state, to_state) VALUES
    (0, 1), (1, 2), (1, 13), (2, 4), (2, 3), (3, 2), (3, 14), (4, 5), (4, 13), (5, 6), (6, 5), (5, 7),
    (6, 7), (8, 7), (7, 5), (7, 11), (5, 11), (9, 11), (10, 11), (5, 9), (5, 10), (5, 8), (8, 5), (5, 12),
    (6, 12), (7, 12), (8, 12), (9, 12), (10, 12), (5, 13), (6, 13), (7, 13), (8, 13), (9, 13), (10, 13), (12, 13),
    (11, 14), (13, 14), (9, 14);

CREATE SEQUENCE card_sequence AS int8 START 1 MAXVALUE 99999999999;

CREATE TABLE card (
    card_id int8 PRIMARY KEY,
    reference bytea NOT NULL CONSTRAINT card_reference UNIQUE CHECK (length(reference) = 16),
    resident_id int8 NOT NULL REFERENCES resident,
    kind int2 NOT NULL,
    state int2 NOT NULL REFERENCES card_state,
    number_bi bytea NOT NULL CONSTRAINT card_number_once UNIQUE,
    number_enc bytea NOT NULL,
    csn bytea CONSTRAINT card_csn_once UNIQUE,
    key_set int2,
    valid_from date,
    valid_to date,
    replaced_by int8 REFERENCES card,
    row_ver int4 NOT NULL,
    ordered_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX card_one_live ON card (resident_id, kind) WHERE state IN (5, 6, 8);
CREATE UNIQUE INDEX card_one_under_way ON card (resident_id, kind) WHERE state IN (1, 2, 3, 4);
CREATE INDEX card_resident ON card (resident_id);

CREATE TABLE card_event (
    card_id int8 NOT NULL,
    seq int4 NOT NULL CHECK (seq > 0),
    prev_seq int4 GENERATED ALWAYS AS (nullif(seq - 1, 0)) STORED,
    from_state int2 NOT NULL,
    to_state int2 NOT NULL,
    actor text NOT NULL,
    reason text,
    evidence_tx bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (card_id, seq),
    UNIQUE (card_id, seq, to_state),
    CONSTRAINT card_event_first CHECK ((seq = 1) = (from_state = 0)),
    CONSTRAINT card_event_move FOREIGN KEY (from_state, to_state) REFERENCES card_move,
    CONSTRAINT card_event_chain FOREIGN KEY (card_id, prev_seq, from_state) REFERENCES card_event (card_id, seq, to_state)
);
ALTER TABLE card ADD CONSTRAINT card_state_has_event
    FOREIGN KEY (card_id, row_ver, state) REFERENCES card_event (card_id, seq, to_state);

CREATE TABLE perso_job (
    job_id int8 PRIMARY KEY,
    name text NOT NULL CONSTRAINT perso_job_name UNIQUE,
    card_id int8 NOT NULL REFERENCES card,
    desk_id text NOT NULL REFERENCES desk,
    reader text NOT NULL,
    clerk int8 NOT NULL REFERENCES staff,
    purpose text NOT NULL CONSTRAINT perso_job_purpose CHECK (purpose IN ('issue', 'activate')),
    state text NOT NULL CONSTRAINT perso_job_state
        CHECK (state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN', 'PRINTING', 'READY', 'DONE', 'QUARANTINE', 'CANCELLED')),
    phase text NOT NULL,
    fence int8 NOT NULL DEFAULT 0,
    resumes int2 NOT NULL DEFAULT 0,
    csn bytea,
    batch int4 NOT NULL DEFAULT 0,
    chain bytea NOT NULL,
    secret_enc bytea,
    fault text,
    card_us int8 NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX perso_job_one_per_card ON perso_job (card_id, purpose)
    WHERE state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN', 'PRINTING', 'READY');
CREATE INDEX perso_job_desk ON perso_job (desk_id, reader) WHERE state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN');

CREATE TABLE perso_batch (
    job_id int8 NOT NULL REFERENCES perso_job,
    batch int4 NOT NULL,
    nonce bytea NOT NULL,
    phase text NOT NULL,
    commands int2 NOT NULL,
    sent_at timestamptz NOT NULL,
    status text,
    answered int2,
    chain bytea,
    card_us int8,
    answered_at timestamptz,
    PRIMARY KEY (job_id, batch)
);

CREATE TABLE certificate (
    serial bytea PRIMARY KEY,
    card_id int8 REFERENCES card,
    slot int2,
    der bytea NOT NULL,
    state int2 NOT NULL DEFAULT 1,
    not_after timestamptz NOT NULL,
    issued_at timestamptz NOT NULL
);
CREATE INDEX certificate_card ON certificate (card_id);

CREATE TABLE card_artwork (
    card_id int8 PRIMARY KEY REFERENCES card,
    png_enc bytea NOT NULL,
    pdf_enc bytea NOT NULL,
    drawn_at timestamptz NOT NULL
);

CREATE TABLE key_version (
    purpose text NOT NULL,
    version int4 NOT NULL,
    algorithm text NOT NULL,
    custody text NOT NULL,
    state text NOT NULL,
    check_value bytea,
    point bytea,
    wrapped bytea,
    active_days int4 NOT NULL,
    usable_days int4 NOT NULL,
    created_at timestamptz NOT NULL,
    evidence_tx bytea NOT NULL,
    PRIMARY KEY (purpose, version),
    CONSTRAINT key_version_wrapped CHECK ((custody = 'wrapped' AND state <> 'destroyed') = (wrapped IS NOT NULL))
);
CREATE UNIQUE INDEX key_version_one_active ON key_version (purpose) WHERE state = 'active';

CREATE TABLE authority (
    name text PRIMARY KEY,
    der bytea NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE evidence_pending (
    id bigserial PRIMARY KEY,
    tx bytea NOT NULL CONSTRAINT evidence_once UNIQUE CHECK (length(tx) = 16),
    act text NOT NULL,
    body text NOT NULL CHECK (octet_length(body) <= 4096),
    subject int8,
    opening bytea,
    at timestamptz NOT NULL
);
CREATE INDEX evidence_pending_subject ON evidence_pending (subject) WHERE subject IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this table is only ever added to' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER evidence_stays BEFORE UPDATE OR DELETE ON evidence_pending
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_is_not_emptied BEFORE TRUNCATE ON evidence_pending EXECUTE FUNCTION refuse_change();
CREATE TRIGGER card_event_stays BEFORE UPDATE OR DELETE ON card_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency (
    caller text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    answer text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (caller, key)
);

CREATE TABLE import_job (
    import_id int8 PRIMARY KEY,
    kind text NOT NULL,
    file_hash bytea NOT NULL,
    state text NOT NULL CONSTRAINT import_job_state CHECK (state IN ('RUNNING', 'DONE')),
    octets_done int8 NOT NULL DEFAULT 0,
    lines_done int8 NOT NULL DEFAULT 0,
    accepted int8 NOT NULL DEFAULT 0,
    refused int8 NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT import_job_file UNIQUE (kind, file_hash)
);

-- Roles belong to the whole cluster: another database's migration may be making them at this moment.
DO $$ BEGIN CREATE ROLE cz_app LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE cz_append LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE cz_audit LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
GRANT USAGE ON SCHEMA public TO cz_app, cz_append, cz_audit;
GRANT SELECT, INSERT, UPDATE ON resident, resident_dek, staff, desk, card, perso_job, perso_batch,
    certificate, card_artwork, key_version, authority, idempotency, import_job TO cz_app;
GRANT SELECT, INSERT, DELETE ON id_index, name_index TO cz_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_session TO cz_app;
GRANT SELECT, INSERT ON card_event, evidence_pending TO cz_app;
GRANT SELECT ON id_kind, card_state, card_move TO cz_app;
GRANT USAGE ON SEQUENCE card_sequence, evidence_pending_id_seq TO cz_app;
GRANT INSERT ON evidence_pending TO cz_append;
GRANT USAGE ON SEQUENCE evidence_pending_id_seq TO cz_append;
GRANT SELECT ON evidence_pending, card_event TO cz_audit;
