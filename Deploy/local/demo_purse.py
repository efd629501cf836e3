"""Step 5 of the story: a load, a load torn in the middle, a purchase at a terminal, settlement. Standard library only."""

import hashlib, json, os

from driver import VirtualCard, expect, program, wait_for


def purse(stack, reader, port, card, sign):
    """Plays the purse on the card that step 3 has activated; `sign` renews the card's signature over the artefacts."""
    virtual = VirtualCard(stack, "demo-card", port)
    try:
        return play(stack, reader, virtual, card, sign)
    finally:
        virtual.end()


def play(stack, reader, virtual, card, sign):
    # The clerk of step 3 is still signed in: a one-time code serves once.
    terminal = f"{stack.home}/shop-1.terminal"
    program("citizend", "terminal", "add", "--merchant", "shop-1", "--out", terminal, env=stack.env)
    load(stack, reader, virtual, card, 5000, 5000)
    # The card commits CREDIT, its seventh command, and is torn out before the answer leaves: the proof decides.
    load(stack, reader, virtual, card, 2500, 7500, fault="cut-after:7,slow:5")
    # And once before CREDIT reached the card: nothing was loaded, and the same reservation is tried again.
    load(stack, reader, virtual, card, 1000, 8500, fault="cut-before:7,slow:5")
    states = stack.sql("SELECT state, count(*), sum(amount_fen) FROM purse_load GROUP BY state")
    expect(states == "COMMITTED|3|8500", "three loads, each once", states)
    torn = stack.sql("SELECT count(*) FROM perso_batch WHERE phase = 'load-credit' AND status <> 'ok'")
    expect(torn == "2", "two of them torn at the credit itself", torn)

    virtual.say("fault none")
    buy(stack, reader, virtual, terminal, 1200)
    buy(stack, reader, virtual, terminal, 350)
    # Torn at DEBIT (select, read, initialize, debit): the next tap proves it and debits nothing again.
    virtual.say("fault cut-after:4")
    torn = stack.desk("purchase", "--terminal", terminal, "--amount", "480", "--reader", reader, check=False)
    expect(torn.returncode != 0, "the torn purchase is not paid yet", torn.stdout)
    grey = open(f"{terminal}.journal", encoding="utf-8").read().splitlines()[-1]
    expect(grey.startswith("GREY"), "a grey line in the terminal's journal", grey)
    buy(stack, reader, virtual, terminal, 480)
    left = 8500 - 1200 - 350 - 480

    stack.sign_in("operator1")
    file = f"{stack.artefacts}/settlement.tsv"
    stack.desk("settle", "--terminal", terminal, "--out", file)
    answer = json.loads(stack.desk("settle", "--file", file, "--json").stdout)
    expect((answer["accepted"], answer["acceptedFen"]) == (3, 2030), "three purchases, 2030 fen", answer)
    altered(stack, file)
    again = json.loads(stack.desk("settle", "--file", file, "--json").stdout)
    expect(again["acceptedFen"] == 2030, "the same file, the same answer", again)

    ledger = int(stack.sql("SELECT balance_fen FROM purse"))
    shown = json.loads(stack.desk("read", "--reader", reader, "--json").stdout)["purseFen"]
    sign(stack)
    expect(ledger == shown == left, f"ledger and card at {left} fen", f"ledger {ledger}, card {shown}")
    gaps = stack.sql("SELECT count(*) - max(seq), sum(delta_fen) FROM purse_entry")
    expect(gaps == f"0|{left}", "no gap in the ledger, and its sum", gaps)
    return (f"three loads (two torn out, none doubled or lost), three purchases (one torn and proven), card and ledger "
            f"at {left} fen; an altered settlement line named by number, and by its TAC")


def load(stack, reader, virtual, card, amount, balance, fault="none"):
    virtual.say(f"fault {fault}")
    done = stack.desk("load", "--card", card, "--amount", str(amount), "--reader", reader, "--json", timeout=120)
    answer = json.loads(done.stdout)
    expect(answer["purse"]["balanceFen"] == balance and answer["purse"]["holds"], f"{balance} fen in the ledger", answer)


def buy(stack, reader, virtual, terminal, amount):
    """Taps until the terminal says that it is paid, as a holder does; a tap is never debited twice."""
    words = ["purchase", "--terminal", terminal, "--amount", str(amount), "--reader", reader, "--json"]
    wait_for(lambda: stack.desk(*words, check=False).returncode == 0, f"{amount} fen paid")


def altered(stack, file):
    """One figure changed in line 2: named by the reader; with every check made anew, named by its TAC."""
    rows = open(file, encoding="utf-8").read().splitlines()
    cells = rows[2].split("\t")
    cells[3] = "1"
    forged = f"{stack.home}/settlement.altered.tsv"
    write(forged, rows[:2] + ["\t".join(cells)] + rows[3:])
    done = stack.desk("settle", "--file", forged, check=False)
    expect(done.returncode == 1 and "line 2 " in done.stderr, "the altered line named", done.stderr.strip())
    lines = [row.split("\t")[:-1] for row in rows[1:]]
    lines[1] = cells[:-1]
    head = rows[0].split("\t")
    check = f"{head[1]} {head[2]}"
    body = []
    for line in lines:
        text = "\t".join(line)
        check = hashlib.sha256((check + text).encode()).hexdigest()[:16]
        body.append(f"{text}\t{check}")
    head[4] = str(sum(int(line[3]) for line in lines if line[11] == "WHITE"))
    head[5] = hashlib.sha256(("\n".join(body) + "\n").encode()).hexdigest()
    write(forged, ["\t".join(head)] + body)
    done = stack.desk("settle", "--file", forged, "--json", check=False)
    answer = json.loads(done.stdout)
    verdicts = [finding["verdict"] for finding in answer["findings"]]
    expect(done.returncode == 1 and verdicts == ["repeated", "tacInvalid", "repeated"],
           "the forged line named by its TAC, the others known", answer)
    os.remove(forged)


def write(path, rows):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(rows) + "\n")
