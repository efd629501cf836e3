"""What the scripts that drive a running stack share: programs, staff sign-in, virtual cards. Standard library only."""

import base64, hashlib, hmac, json, os, re, socket, struct, subprocess, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BIN = os.environ.get("CITIZEN_BIN", f"{ROOT}/.build/release")


class Failure(Exception):
    pass


def expect(condition, expected, got=""):
    if not condition:
        raise Failure(f"expected: {expected}" + (f"; got: {got}" if got != "" else ""))


def run(*words, env=None, check=True, input=None, timeout=180):
    """Runs a command; gives its exit code and what it said."""
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **(env or {})}, input=input,
                          timeout=timeout, cwd=ROOT)
    if check and done.returncode != 0:
        tail = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise Failure(f"expected: {os.path.basename(words[0])} {words[1] if len(words) > 1 else ''} ends with 0; "
                      f"got: {done.returncode} {' | '.join(tail)}")
    return done


def program(name, *words, **more):
    return run(os.path.join(BIN, name), *words, **more)


def one_time_password(secret, ahead=0):
    """The code of now, or of a later step: a code serves once, and the service takes one step of tolerance."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    tag = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    at = tag[19] & 15
    return "%06d" % ((struct.unpack(">I", tag[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000)


class Stack:
    """What make up leaves: addresses, secrets, readers."""

    def __init__(self, home):
        home = os.path.realpath(home)
        self.data = json.load(open(f"{home}/stack.json", encoding="utf-8"))
        self.env = {"CITIZEN_HOME": home, "CITIZEN_SHARE": ROOT, "CITIZEN_DESK": f"{home}/desk",
                    "CITIZEN_CUSTODY": os.environ.get("CITIZEN_CUSTODY", "pkcs11")}
        if "pkcs11" in self.data:
            self.env["SOFTHSM2_CONF"] = self.data["pkcs11"]["conf"]
        self.enter = [word for word in self.data["pcscd"]["enter"] if not word.startswith("--wd=")]
        self.home = home
        self.artefacts = f"{home}/artefacts"
        os.makedirs(self.artefacts, exist_ok=True)
        if self.data["pcscd"]["readers"]:
            holder = re.search(r"-t (\d+)", " ".join(self.enter))
            self.env["PCSCLITE_CSOCK_NAME"] = f"/proc/{holder.group(1)}/root/run/pcscd/pcscd.comm" if holder else ""

    def staff(self, user):
        return next(member for member in self.data["staff"] if member["user"] == user)

    def sign_in(self, user):
        member = self.staff(user)
        for ahead in (0, 1):
            code = one_time_password(member["totp_secret"], ahead)
            done = program("citizen-desk", "sign-in", "--user", user, check=ahead == 1,
                           env={**self.env, "CITIZEN_PASSWORD": member["password"], "CITIZEN_CODE": code})
            if done.returncode == 0:
                return

    def desk(self, *words, env=None, **more):
        return program("citizen-desk", *words, env={**self.env, **(env or {})}, **more)

    def tool(self, *words, **more):
        """A third-party tool where it sees our readers."""
        return run(*self.enter, *words, **more)

    def sql(self, statement):
        return run("psql", "-X", "-tA", "-d", self.data["database"], "-c", statement).stdout.strip()


class VirtualCard:
    """A card of the simulator in one reader."""

    def __init__(self, stack, name, port, fault=None):
        self.control = f"{stack.home}/run/{name}.sock"
        words = [*stack.enter, os.path.join(BIN, "card-simulator"), "--port", str(port), "--state",
                 f"{stack.home}/{name}.card", "--lot-master-file", f"{stack.home}/keys/lot-master", "--control", self.control]
        if fault:
            words += ["--fault", fault]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        expect(line.startswith("inserted"), "a virtual card in the reader", line.strip())

    def say(self, line):
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(self.control)
            control.sendall((line + "\n").encode())
            return control.makefile().readline().strip()

    def end(self):
        self.process.terminate()
        self.process.wait(10)


def wait_for(condition, expected, seconds=30):
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            raise Failure(f"expected: {expected}")
        time.sleep(0.02)
