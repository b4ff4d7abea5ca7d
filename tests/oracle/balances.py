#!/usr/bin/env python3
"""Counts points a second time, from exported journals and the written rules alone.

    balances.py FOLDER …      compares every NAME.journals with its NAME.answers; 1 if they differ, 2 if there are none

crates/ledger/src/export.rs describes the lines, crates/ledger/src/lib.rs the rules (J3, J4, L1 to L5, L7). This counter
has no code in common with the ledger and none of its cleverness: every question walks the chain back to its first entry.
"""

import json
import sys
from pathlib import Path

NOTHING = "0" * 64
POINTS_MAX = 1_000_000
GROUNDS = ("certificate", "transfer", "decline", "stamp", "last", "seconds", "succession")


class Count:
    def __init__(self, lines):
        """What follows from a set of entries, whatever the order in which they are read."""
        records = [json.loads(line) for line in lines]
        self.entries = {record["entry"]: record for record in records if "entry" in record}
        self.epochs = {record["epoch"]: record for record in records if "quota" in record}
        self.fund = next((record["fund"] for record in records if "fund" in record), None)
        # What takes effect on points. Of closed journals: up to where their members answer for them, and who inherits.
        self.effect, self.upto, self.heirs = {}, {}, {}
        named = {name: [entry["prev"], *map(entry["body"].get, GROUNDS)] for name, entry in self.entries.items()}
        left = {name: set(grounds) - {None, NOTHING} for name, grounds in named.items()}
        while left:
            ready = [name for name, grounds in left.items() if grounds <= self.effect.keys()]
            assert ready, "entries stand on nothing, or on one another in a circle"
            for name in ready:
                judge = getattr(self, "judge_" + self.body(name)["kind"], None)
                self.effect[name] = bool(judge and judge(self.entries[name]))
                del left[name]

    def body(self, name):
        return self.entries[name]["body"]

    def chain(self, tip):
        """The branch that ends at an entry, first entry first."""
        branch = [tip]
        while (prev := self.entries[branch[-1]]["prev"]) != NOTHING:
            branch.append(prev)
        return branch[::-1]

    def done(self, branch, kind):
        """The bodies of one kind on a branch that took effect."""
        return [self.body(name) for name in branch if self.body(name)["kind"] == kind and self.effect[name]]

    def opening(self, name):
        """The rights of a journal's first entry, or None if nobody has opened it with a credit line."""
        entry, body = self.entries[name], self.body(name)
        certificate = self.entries.get(body.get("certificate"), {"epoch": NOTHING, "body": {**entry, "kind": "certify"}})
        named = certificate["body"]
        theirs = named["kind"] == "certify" and all(named[key] == entry[key] for key in ("member", "device"))
        opens = body["nonce"] == 0 and body["basis"] != "other" and theirs
        return self.epochs[certificate["epoch"]]["credit_line"] if opens else None

    def rest(self, branch):
        """(entry, rights after it, whether anybody but its own device has vouched for it)."""
        line, stamps = self.opening(branch[0]), [self.body(cited["stamp"]) for cited in self.done(branch, "cite")]
        return [(branch[0], line or 0, line is not None), *((of["hash"], of["rights"], True) for of in stamps)][-1]

    def moved(self, name):
        """How one entry moves the rights of its own journal."""
        body = self.body(name)
        if body["kind"] == "transfer":
            return 0 if self.malformed(name) else -body["points"]
        if not self.effect[name] or body["kind"] not in ("accept", "reclaim", "inherit"):
            return 0
        if body["kind"] == "inherit":
            return self.left(body["succession"]) - self.inherited(self.entries[name]["prev"], body["succession"])
        return self.body((self.body(body["decline"]) if "decline" in body else body)["transfer"])["points"]

    def rights(self, name):
        branch = self.chain(name)
        start, figure, _ = self.rest(branch)
        figure += sum(self.moved(later) for later in branch[branch.index(start) + 1 :])
        # Only a witness's false figure comes near the end of 64 bits.
        return max(-(2**63), min(2**63 - 1, figure))

    def malformed(self, name):
        body = self.body(name)
        return not 0 < body["points"] <= POINTS_MAX or body["to"] == self.entries[name]["journal"]

    def judge_transfer(self, entry):
        branch = self.chain(entry["prev"])
        start, rights, witnessed = self.rest(branch)
        lowest, outgoing = rights, 0
        for later in branch[branch.index(start) + 1 :] + [entry["entry"]]:
            rights += self.moved(later)
            lowest = min(lowest, rights)
            outgoing -= self.moved(later) if self.body(later)["kind"] == "transfer" else 0
        covered = lowest >= 0 and witnessed and outgoing <= self.epochs[entry["epoch"]]["quota"]
        return covered and not self.malformed(entry["entry"])

    def open_for(self, entry, branch):
        name, body = entry["body"]["transfer"], self.body(entry["body"]["transfer"])
        answered = [done["transfer"] for kind in ("accept", "decline") for done in self.done(branch, kind)]
        return body["kind"] == "transfer" and body["to"] == entry["journal"] and name not in answered

    def judge_accept(self, entry):
        branch, transfer = self.chain(entry["prev"]), entry["body"]["transfer"]
        if not self.open_for(entry, branch) or not self.effect[transfer]:
            return False
        accepted, reason = [done["transfer"] for done in self.done(branch, "accept")], self.body(transfer)["reason"]
        taken = reason and any(self.body(other)["reason"] == reason for other in accepted)
        same = [other for other in accepted if self.entries[other]["journal"] == self.entries[transfer]["journal"]]
        return not taken and all(other in self.chain(transfer) or transfer in self.chain(other) for other in same)

    def judge_decline(self, entry):
        return self.open_for(entry, self.chain(entry["prev"])) and not self.malformed(entry["body"]["transfer"])

    def judge_reclaim(self, entry):
        branch, declined = self.chain(entry["prev"]), self.body(entry["body"]["decline"])
        holds = declined["kind"] == "decline" and self.effect[entry["body"]["decline"]]
        taken_back = [self.body(done["decline"])["transfer"] for done in self.done(branch, "reclaim")]
        return holds and declined["transfer"] in branch and declined["transfer"] not in taken_back

    def judge_stamp(self, entry):
        return entry["device"] in self.epochs[entry["epoch"]]["witnesses"]

    def judge_cite(self, entry):
        branch, stamp = self.chain(entry["prev"]), self.entries[entry["body"]["stamp"]]
        given, (start, _, witnessed) = stamp["body"], self.rest(branch)
        if given["kind"] != "stamp" or not self.effect[stamp["entry"]] or stamp["device"] == entry["device"]:
            return False
        here = given["journal"] == entry["journal"] and branch[given["seq"] : given["seq"] + 1] == [given["hash"]]
        return here and (not witnessed or given["seq"] > branch.index(start))

    def left(self, succession):
        return max(0, min(POINTS_MAX, self.rights(self.body(succession)["last"])))

    def inherited(self, tip, succession):
        before = [done["succession"] for done in self.done(self.chain(tip), "inherit")] + [succession]
        closed = [self.entries[self.body(one)["last"]]["journal"] for one in before]
        return max((self.left(one) for one, of in zip(before[:-1], closed) if of == closed[-1]), default=0)

    def judge_inherit(self, entry):
        succession, journal, member = entry["body"]["succession"], entry["journal"], entry["member"]
        said = self.body(succession)
        if said["kind"] != "succeed" or said["successor"] != journal or not said["seconds"]:
            return False
        words = [self.entries[name] for name in (succession, said["seconds"])]
        agree = all(words[1]["body"].get(key) == said[key] for key in ("last", "successor"))
        may = all(word["member"] in self.epochs[word["epoch"]]["reviewers"] for word in words)
        two = len({word["member"] for word in words} - {member}) == 2
        last, left = self.entries[said["last"]], self.left(succession)
        closed, theirs, more = last["journal"], last["member"] == member, left > self.inherited(entry["prev"], succession)
        if effect := agree and may and two and theirs and more and closed != journal:
            self.upto[closed] = max(self.upto.get(closed, ()), (left, last["seq"], last["entry"]))
            self.heirs.setdefault(closed, {}).setdefault(journal, []).append(left)
        return effect

    def answer(self):
        owners = {entry["journal"]: entry["member"] for entry in self.entries.values()}
        balances = dict.fromkeys(owners.values(), 0)

        def book(payer, payee, points):
            for member, moved in ((payer, -points), (payee, points)):
                balances[member] = balances.get(member, 0) + moved

        for transfer in {done["transfer"] for done in self.done(self.entries, "accept")}:
            body, payer = self.body(transfer), self.entries[transfer]
            beyond = transfer not in self.chain(self.upto.get(payer["journal"], [transfer])[-1])
            book(self.fund if beyond else payer["member"], owners[body["to"]], body["points"])
        for closed, given in [(closed, [*map(max, of.values())]) for closed, of in self.heirs.items() if len(of) > 1]:
            book(self.fund, owners[closed], sum(given) - max(given))
        effective = [name for name in self.entries if self.effect[name]]
        return {"balances": balances, "effective": effective, "rights": {n: self.rights(n) for n in self.entries}}


def differences(ours, theirs):
    for part in ("balances", "rights"):
        for name in sorted(ours[part].keys() | theirs[part].keys()):
            if (here := ours[part].get(name)) != (there := theirs[part].get(name)):
                yield f"{part} of {name[:8]}: {here} here, {there} in the ledger"
    for name in sorted(set(ours["effective"]) ^ set(theirs["effective"])):
        yield f"{name[:8]} takes effect {'here' if name in ours['effective'] else 'in the ledger'} alone"
    if sum(theirs["balances"].values()) != 0:
        yield "the ledger's balances do not add up to zero"


def main(folders):
    files = [file for folder in folders for file in sorted(Path(folder).glob("*.journals"))]
    faulty = entries = effective = 0
    for file in files:
        count = Count(file.read_text().splitlines())
        ours, theirs = count.answer(), json.loads(file.with_suffix(".answers").read_text())
        found = list(differences(ours, theirs))
        faulty, entries, effective = faulty + bool(found), entries + len(ours["rights"]), effective + len(ours["effective"])
        print(*(f"{file.stem}: {difference}\n" for difference in found[:5]), sep="", end="")
    print(f"{len(files)} buildings, {entries} entries, {effective} of them with effect on points; {faulty} buildings differ")
    return 2 if not files else int(faulty > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
