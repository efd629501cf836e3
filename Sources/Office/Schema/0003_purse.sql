-- 电子钱包 The purse: account, ledger, loads, terminals, settlement. Amounts are fen.
-- Lock order: resident, card, purse, purse_load, perso_job, evidence_pending.

-- 账本 Append-only. Each line stands on the one before it: no gap, no other balance, by key and not by promise.
CREATE TABLE purse_entry (
    card_id int8 NOT NULL REFERENCES card,
    seq int4 NOT NULL CHECK (seq > 0),
    prev_seq int4 GENERATED ALWAYS AS (nullif(seq - 1, 0)) STORED,
    kind text NOT NULL CONSTRAINT purse_entry_kind CHECK (kind IN ('open', 'load', 'purchase')),
    delta_fen int8 NOT NULL,
    balance_before int8 NOT NULL,
    balance_after int8 NOT NULL CONSTRAINT purse_entry_not_negative CHECK (balance_after >= 0),
    idem text NOT NULL,
    evidence_tx bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (card_id, seq),
    UNIQUE (card_id, seq, balance_after),
    CONSTRAINT purse_entry_once UNIQUE (card_id, idem),
    CONSTRAINT purse_entry_sum CHECK (balance_after = balance_before + delta_fen),
    CONSTRAINT purse_entry_first CHECK ((seq = 1) = (kind = 'open') AND (kind <> 'open' OR balance_after = 0)),
    CONSTRAINT purse_entry_sign CHECK (kind = 'open' OR (kind = 'load') = (delta_fen > 0)),
    CONSTRAINT purse_entry_chain FOREIGN KEY (card_id, prev_seq, balance_before)
        REFERENCES purse_entry (card_id, seq, balance_after)
);
CREATE TABLE purse (
    card_id int8 PRIMARY KEY REFERENCES card,
    seq int4 NOT NULL,
    balance_fen int8 NOT NULL CONSTRAINT purse_not_negative CHECK (balance_fen >= 0),
    -- What the card itself proved last, by MAC1 or TAC of a load.
    proven_fen int8,
    proven_at timestamptz,
    CONSTRAINT purse_has_entry FOREIGN KEY (card_id, seq, balance_fen) REFERENCES purse_entry (card_id, seq, balance_after)
);
CREATE TRIGGER purse_entry_stays BEFORE UPDATE OR DELETE ON purse_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER purse_entry_is_not_emptied BEFORE TRUNCATE ON purse_entry EXECUTE FUNCTION refuse_change();

-- 圈存 One reservation a load; what was sent stays beside it until the card has proven the outcome.
CREATE TABLE purse_load (
    load_id int8 PRIMARY KEY,
    job_id int8 NOT NULL CONSTRAINT purse_load_job UNIQUE REFERENCES perso_job,
    card_id int8 NOT NULL REFERENCES card,
    amount_fen int8 NOT NULL CONSTRAINT purse_load_amount CHECK (amount_fen > 0),
    -- In every code of this load, at whichever desk it is finished.
    terminal bytea NOT NULL CONSTRAINT purse_load_terminal CHECK (length(terminal) = 6),
    state text NOT NULL CONSTRAINT purse_load_state
        CHECK (state IN ('RESERVED', 'SENT', 'COMMITTED', 'VOID', 'REVIEW')),
    online_seq int4,
    random bytea,
    balance_before int8,
    key_version int2,
    suite int2,
    moment text,
    tac bytea,
    fault text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT purse_load_sent CHECK (state NOT IN ('SENT', 'COMMITTED') OR online_seq IS NOT NULL)
);
CREATE UNIQUE INDEX purse_load_one_open ON purse_load (card_id) WHERE state IN ('RESERVED', 'SENT', 'REVIEW');

ALTER TABLE perso_job DROP CONSTRAINT perso_job_purpose;
ALTER TABLE perso_job ADD CONSTRAINT perso_job_purpose CHECK (purpose IN ('issue', 'activate', 'load'));

-- 商户与终端
CREATE TABLE merchant (
    merchant_id text PRIMARY KEY CONSTRAINT merchant_name CHECK (merchant_id ~ '^[A-Za-z0-9-]{1,32}$'),
    created_at timestamptz NOT NULL
);
CREATE TABLE terminal (
    terminal_id bytea PRIMARY KEY CONSTRAINT terminal_number CHECK (length(terminal_id) = 6),
    merchant_id text NOT NULL REFERENCES merchant,
    state int2 NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL
);

-- 结算 A file is taken once; its lines say what became of each.
CREATE TABLE settlement (
    settlement_id int8 PRIMARY KEY,
    merchant_id text NOT NULL REFERENCES merchant,
    day text NOT NULL,
    file_hash bytea NOT NULL CONSTRAINT settlement_once UNIQUE,
    lines int4 NOT NULL,
    accepted int4 NOT NULL,
    accepted_fen int8 NOT NULL,
    evidence_tx bytea NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE TABLE purchase_line (
    settlement_id int8 NOT NULL REFERENCES settlement,
    line int4 NOT NULL,
    verdict text NOT NULL CONSTRAINT purchase_line_verdict CHECK (verdict IN
        ('accepted', 'repeated', 'grey', 'tacInvalid', 'duplicate', 'unknownCard', 'unknownTerminal', 'overBalance')),
    card_id int8 REFERENCES card,
    terminal_id bytea NOT NULL,
    terminal_seq int8 NOT NULL,
    offline_seq int4 NOT NULL,
    amount_fen int8 NOT NULL,
    balance_before int8 NOT NULL,
    moment text NOT NULL,
    tac bytea,
    PRIMARY KEY (settlement_id, line)
);
CREATE UNIQUE INDEX purchase_line_once_on_card ON purchase_line (card_id, offline_seq) WHERE verdict = 'accepted';
CREATE UNIQUE INDEX purchase_line_once_at_terminal ON purchase_line (terminal_id, terminal_seq)
    WHERE verdict = 'accepted';
CREATE TRIGGER purchase_line_stays BEFORE UPDATE OR DELETE ON purchase_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON purse_entry, settlement, purchase_line, merchant TO cz_app;
GRANT SELECT, INSERT, UPDATE ON purse, purse_load, terminal TO cz_app;
GRANT SELECT ON purse_entry, settlement, purchase_line TO cz_audit;
