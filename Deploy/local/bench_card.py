"""Makes cards one after the other on a virtual reader of a stack of its own: bench_card.py HOME COUNT.

Prints one JSON object: for each card the time from the first command to the proven read-back (first batch sent to last
batch answered, by the service's own rows) and the time measured inside the card simulator. Standard library only.
"""

import json, os, subprocess, sys

sys.dont_write_bytecode = True
from driver import HERE, Stack, VirtualCard, expect, program, run

home, count = sys.argv[1], int(sys.argv[2])
run(f"{HERE}/stack.sh", "up", home, timeout=300)
try:
    stack = Stack(home)
    source = f"{stack.home}/residents.csv"
    program("citizend", "generate", "residents", "--seed", "7", "--count", str(count + 20), "--out", source, env=stack.env)
    program("citizend", "import", "residents", source, "--json", env=stack.env)
    stack.sign_in("clerk1")
    token = open(f"{stack.home}/desk/session").read()
    residents = stack.sql(f"SELECT resident_id FROM resident ORDER BY resident_id LIMIT {count}").split()
    expect(len(residents) == count, "enough residents", len(residents))
    reader = sorted(name for name in stack.data["pcscd"]["readers"] if name.endswith("00 00"))[0]
    port = stack.data["pcscd"]["ports"][0]
    cards = []
    for number, resident in enumerate(residents):
        ordered = run("curl", "-sS", "--fail-with-body", "--cacert", stack.data["ca_file"], "-H", f"Authorization: Bearer {token}",
                      "-H", "Content-Type: application/json", "-d", json.dumps({"resident": resident, "kind": 1}),
                      f"{stack.data['api']}/cards")
        chip = VirtualCard(stack, f"bench-{number}", port)
        try:
            made = json.loads(stack.desk("issue", "--card", json.loads(ordered.stdout)["card"], "--reader", reader,
                                         "--json").stdout)
            stats = json.loads(chip.say("stats"))
        finally:
            chip.end()
        total = stack.sql("SELECT extract(epoch FROM max(answered_at) - min(sent_at)) * 1000, sum(commands), count(*) "
                          f"FROM perso_batch JOIN perso_job USING (job_id) WHERE name = '{made['job']}'").split("|")
        inside = stats["insideMicroseconds"] / 1000
        cards.append({"total_ms": float(total[0]), "inside_ms": inside, "commands": int(total[1]), "batches": int(total[2]),
                      "reader_ms": made["cardMicroseconds"] / 1000})
    print(json.dumps({"cards": cards}))
finally:
    subprocess.run([f"{HERE}/stack.sh", "down", home], capture_output=True)
