"""Tears a card out of a virtual reader at every command of its making: tears.py HOME STEP.

Before and after each command in turn, STEP apart, through pcscd and the whole stack; the card comes back by itself. Every
card must end ready to collect on the chip that was torn, after exactly one resume. Ends with one line of JSON.
"""

import json, os, sys, time

sys.dont_write_bytecode = True
from driver import Failure, Stack, VirtualCard, expect

home, step = sys.argv[1], int(sys.argv[2])
stack = Stack(home)
stack.sign_in("clerk1")
reader, port = "Desk 0 00 00", stack.data["pcscd"]["ports"][0]
waiting = stack.sql("SELECT resident_id FROM resident r WHERE NOT EXISTS "
                    "(SELECT 1 FROM card c WHERE c.resident_id = r.resident_id)").split()
token = open(f"{stack.home}/desk/session").read()


def order(resident):
    from driver import run
    done = run("curl", "-sS", "--cacert", stack.data["ca_file"], "-H", f"Authorization: Bearer {token}",
               "-H", f"Idempotency-Key: tear-{resident}", "-H", "Content-Type: application/json",
               "-d", json.dumps({"resident": resident, "kind": 1}), f"{stack.data['api']}/cards")
    return json.loads(done.stdout)["card"]


torn, failures, begun = 0, [], time.monotonic()
for cut in ("cut-before", "cut-after"):
    for index in range(1, 200, step):
        card = order(waiting.pop())
        name = f"tear-{cut}-{index}"
        chip = VirtualCard(stack, name, port, fault=f"{cut}:{index}")
        try:
            done = stack.desk("issue", "--card", card, "--reader", reader, "--json", check=False)
            answer = json.loads(done.stdout.splitlines()[0]) if done.stdout else {}
        finally:
            chip.end()
            os.remove(f"{stack.home}/{name}.card")
            time.sleep(0.8)
        if answer.get("state") != "READY" or answer.get("resumes", 9) > 1:
            failures.append(f"{cut} {index}: {done.stderr.strip() or done.stdout.strip()}")
        if answer.get("resumes") == 0 and index > 40:
            break  # The card was made in fewer commands.
        torn += 1
doubled = int(stack.sql("SELECT count(csn) - count(DISTINCT csn) FROM card"))
print(json.dumps({"torn": torn, "failed": len(failures), "chips used twice": doubled,
                  "seconds": round(time.monotonic() - begun)}))
for failure in failures[:10]:
    print("trouble", failure, file=sys.stderr)
sys.exit(1 if failures or doubled else 0)
