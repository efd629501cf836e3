"""Issues cards on virtual readers while the service is killed again and again: kills.py HOME ISSUES KILLS SEED.

The home is a running stack with residents. Every card must end active-ready once: no doubled number, no chip used twice,
no card without evidence, no acknowledged order lost, every job out of RUNNING and UNKNOWN. Standard library only.
"""

import json, os, random, signal, subprocess, sys, threading, time

sys.dont_write_bytecode = True
from driver import BIN, HERE, ROOT, Stack, VirtualCard, expect, run

home, issues, kills, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
stack = Stack(home)
stack.sign_in("clerk1")
ports = stack.data["pcscd"]["ports"]
names = [name for name in stack.data["pcscd"]["readers"] if name.endswith("00 00")]
readers = sorted(zip(sorted(names), ports))
chance = random.Random(seed)
residents = stack.sql("SELECT resident_id FROM resident r WHERE NOT EXISTS "
                      f"(SELECT 1 FROM card c WHERE c.resident_id = r.resident_id) LIMIT {issues}").split()
expect(len(residents) == issues, f"{issues} residents without a card", len(residents))
todo, acknowledged, troubles = list(residents), [], []
lock, over = threading.Lock(), threading.Event()
token = open(f"{stack.home}/desk/session").read()


def order(resident):
    """Orders by the API with one idempotency key until it is answered: an unknown outcome is asked for again."""
    for _ in range(200):
        done = subprocess.run(
            ["curl", "-sS", "--max-time", "5", "--cacert", stack.data["ca_file"], "-H", f"Authorization: Bearer {token}",
             "-H", f"Idempotency-Key: order-{seed}-{resident}", "-H", "Content-Type: application/json",
             "-d", json.dumps({"resident": resident, "kind": 1}), f"{stack.data['api']}/cards"], capture_output=True, text=True)
        try:
            return json.loads(done.stdout)["card"]
        except (ValueError, KeyError):
            time.sleep(0.05)
    raise RuntimeError(f"no answer to an order: {done.stdout or done.stderr}")


def desk(reader, port, number):
    while True:
        with lock:
            if not todo:
                return
            resident = todo.pop()
        try:
            card = order(resident)
            with lock:
                acknowledged.append(card)
            chip = VirtualCard(stack, f"kill-{number}-{resident}", port)
            try:
                for _ in range(8):
                    done = subprocess.run([f"{BIN}/citizen-desk", "issue", "--card", card, "--reader", reader, "--json"],
                                          env={**os.environ, **stack.env}, cwd=ROOT, capture_output=True, text=True)
                    if done.returncode == 0:
                        break
                    time.sleep(0.1)
                else:
                    with lock:
                        troubles.append(f"{card}: {done.stderr.strip()[-200:]}")
            finally:
                chip.end()
                os.remove(f"{stack.home}/kill-{number}-{resident}.card")
                time.sleep(1)
        except Exception as fault:
            with lock:
                troubles.append(f"{resident}: {type(fault).__name__} {fault}")


def killer():
    done, slowest = 0, 0.0
    while done < kills and not over.is_set():
        time.sleep(chance.uniform(0.05, 1.2))
        try:
            os.kill(int(open(f"{stack.home}/run/citizend.pid").read().split()[0]), signal.SIGKILL)
        except (OSError, ValueError):
            continue
        begun = time.monotonic()
        run(f"{HERE}/stack.sh", "service-start", home)
        slowest = max(slowest, time.monotonic() - begun)
        done += 1
    result.update(kills=done, slowest=round(slowest, 2))


result = {}
begun = time.monotonic()
threads = [threading.Thread(target=desk, args=(reader, port, number)) for number, (reader, port) in enumerate(readers)]
hunter = threading.Thread(target=killer)
for thread in [*threads, hunter]:
    thread.start()
for thread in threads:
    thread.join()
over.set()
hunter.join()

checks = {
    "doubled numbers": "SELECT count(*) - count(DISTINCT number_bi) FROM card",
    "chips used twice": "SELECT count(csn) - count(DISTINCT csn) FROM card",
    "cards of one kind twice under way or live": "SELECT count(*) FROM (SELECT 1 FROM card WHERE state IN (1,2,3,4,5,6,8) "
    "GROUP BY resident_id, kind HAVING count(*) > 1) x",
    "moves without evidence": "SELECT count(*) FROM card_event e WHERE NOT EXISTS "
    "(SELECT 1 FROM evidence_pending p WHERE p.tx = e.evidence_tx) "
    "AND NOT EXISTS (SELECT 1 FROM evidence_entry l WHERE l.tx = e.evidence_tx)",
    "jobs left running": "SELECT count(*) FROM perso_job WHERE state IN ('QUEUED', 'ASSIGNED', 'RUNNING', 'UNKNOWN')",
}
bad = {words: int(stack.sql(statement)) for words, statement in checks.items()}
held = set(stack.sql("SELECT encode(reference, 'hex') FROM card").split())
bad["acknowledged and lost"] = len([card for card in acknowledged if card not in held])
made = int(stack.sql(f"SELECT count(*) FROM card WHERE state = 4"))
aside = int(stack.sql("SELECT count(*) FROM card WHERE state = 3"))
result.update(seed=seed, issues=issues, made=made, set_aside=aside, seconds=round(time.monotonic() - begun), **bad)
print(json.dumps(result))
for trouble in troubles[:10]:
    print("trouble", trouble, file=sys.stderr)
sys.exit(1 if any(bad.values()) or made + aside < issues else 0)
