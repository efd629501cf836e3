"""Faults of the evidence log on a running stack: the service killed at random instants under load, then an old backup
put back. Usage: log-faults.py HOME [KILLS] [SEED]. Prints one JSON object; exit 0 when nothing was lost and all was found."""

import json, os, random, shutil, signal, subprocess, sys, threading, time

sys.dont_write_bytecode = True
from driver import HERE, Failure, Stack, expect, program, run, wait_for

home = os.path.realpath(sys.argv[1])
kills = int(sys.argv[2]) if len(sys.argv) > 2 else 200
seed = int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())
dice = random.Random(seed)
stack = Stack(home)
over = threading.Event()
acknowledged = [0]


def load():
    """Pending entries in small committed batches, as acts leave them."""
    number = 0
    while not over.is_set():
        number += 1
        stack.sql("INSERT INTO evidence_pending (tx, act, body, at) SELECT t, 'test', "
                  "'{\"act\":\"test\",\"tx\":\"' || encode(t, 'hex') || '\"}', now() "
                  f"FROM (SELECT decode(md5('{seed}-{number}-' || n), 'hex') AS t FROM generate_series(1, 40) n) x")
        acknowledged[0] += 40


def service(command, check=True):
    return run(f"{HERE}/stack.sh", command, home, check=check)


before = int(stack.sql("SELECT count(*) FROM evidence_entry") or 0) + int(stack.sql("SELECT count(*) FROM evidence_pending"))
begun = time.monotonic()
writer = threading.Thread(target=load)
writer.start()
try:
    for _ in range(kills):
        time.sleep(dice.random() * 0.15)
        os.kill(int(open(f"{home}/run/citizend.pid").read().split()[0]), signal.SIGKILL)
        service("service-start")
finally:
    over.set()
    writer.join()
wait_for(lambda: stack.sql("SELECT count(*) FROM evidence_pending") == "0", "every entry has its index", 120)
checks = {
    "not dense": "SELECT count(*) - (max(idx) + 1) FROM evidence_entry",
    "twice in the log": "SELECT count(*) FROM (SELECT 1 FROM evidence_entry GROUP BY tx HAVING count(*) > 1) x",
    "checkpoints of one size": "SELECT count(*) - count(DISTINCT size) FROM evidence_checkpoint",
    "acknowledged and lost": f"SELECT {acknowledged[0]} - count(*) FROM evidence_entry WHERE body LIKE '{{\"act\":\"test\"%'",
}
bad = {words: int(stack.sql(statement)) for words, statement in checks.items()}
clean = program("citizend", "log", "fsck", "--full", "--json", env=stack.env, check=False)

# The database of now is put aside, the log goes on, and then yesterday's database comes back.
service("service-stop")
run(f"{HERE}/postgres.sh", "stop", f"{home}/pg")
run("cp", "-a", f"{home}/pg/data", f"{home}/pg/data.old")
run(f"{HERE}/postgres.sh", "start", f"{home}/pg")
service("service-start")
stack.sql("INSERT INTO evidence_pending (tx, act, body, at) SELECT decode(md5('last'), 'hex'), 'test', "
          "'{\"tx\":\"' || md5('last') || '\"}', now()")
wait_for(lambda: stack.sql("SELECT count(*) FROM evidence_pending") == "0", "the last entry has its index")
time.sleep(0.5)
service("service-stop")
run(f"{HERE}/postgres.sh", "stop", f"{home}/pg")
os.rename(f"{home}/pg/data", f"{home}/pg/data.new")
os.rename(f"{home}/pg/data.old", f"{home}/pg/data")
run(f"{HERE}/postgres.sh", "start", f"{home}/pg")
refused = program("citizend", "serve", env=stack.env, check=False)
found = program("citizend", "log", "fsck", "--json", env=stack.env, check=False)
run(f"{HERE}/postgres.sh", "stop", f"{home}/pg")
shutil.rmtree(f"{home}/pg/data")
os.rename(f"{home}/pg/data.new", f"{home}/pg/data")
run(f"{HERE}/postgres.sh", "start", f"{home}/pg")
service("service-start")
result = {"seed": seed, "kills": kills, "entries": acknowledged[0], "seconds": round(time.monotonic() - begun), **bad,
          "fsck": clean.returncode, "old backup at start": refused.returncode, "said": refused.stderr.strip(),
          "old backup in fsck": found.returncode}
print(json.dumps(result, ensure_ascii=False))
good = not any(bad.values()) and clean.returncode == 0 and refused.returncode == 1 and found.returncode == 1
sys.exit(0 if good else 1)
