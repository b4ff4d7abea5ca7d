#!/usr/bin/env python3
"""Counts points a second time, from exported journals and the written rules alone.

    balances.py FOLDER …      compares every NAME.journals with its NAME.answers; 1 if they differ, 2 if there are none

crates/ledger/src/export.rs describes the lines, crates/ledger/src/lib.rs the rules (J3, J4, L1 to L5). This counter has
no code in common with the ledger and none of its cleverness: every question walks the chain back to its first entry.
"""

import json
import sys
from pathlib import Path

NOTHING = "0" * 64
POINTS_MAX = 1_000_000


class Count:
    """What follows from a set of entries, whatever the order in which they are read."""

    def __init__(self, lines):
        records = [json.loads(line) for line in lines]
        self.epochs = {record["epoch"]: record for record in records if "entry" not in record}
        self.entries = {record["entry"]: record for record in records if "entry" in record}
        # Whether an entry takes effect on points, once that is known.
        self.effect = {}
        self.settle()

    def body(self, name):
        return self.entries[name]["body"]

    def grounds(self, entry):
        body = entry["body"]
        named = [entry["prev"]] + [body.get(key) for key in ("certificate", "transfer", "decline", "stamp")]
        return [name for name in named if name and name != NOTHING]

    def settle(self):
        """Judges every entry after all that it stands on."""
        left = dict(self.entries)
        while left:
            ready = [name for name, entry in left.items() if not any(ground in left for ground in self.grounds(entry))]
            assert ready, "entries stand on one another in a circle"
            for name in ready:
                entry = left.pop(name)
                assert all(ground in self.entries for ground in self.grounds(entry)), f"{name} stands on nothing"
                judge = getattr(self, "judge_" + entry["body"]["kind"], None)
                self.effect[name] = judge(entry) if judge else False

    def chain(self, tip):
        """The branch that ends at an entry, first entry first."""
        branch = []
        while tip != NOTHING:
            branch.append(tip)
            tip = self.entries[tip]["prev"]
        return branch[::-1]

    def opening(self, name):
        """The rights of a journal's first entry, or None if nobody has opened it with a credit line."""
        entry, body = self.entries[name], self.body(name)
        if body["nonce"] == 0 and body["basis"] == "genesis":
            return self.epochs[NOTHING]["credit_line"]
        if body["nonce"] == 0 and body["basis"] == "certificate":
            certificate = self.entries[body["certificate"]]
            named = certificate["body"]
            if named["kind"] == "certify" and (named["member"], named["device"]) == (entry["member"], entry["device"]):
                return self.epochs.get(certificate["epoch"], {"credit_line": 0})["credit_line"]
        return None

    def rest(self, branch):
        """(entry, rights after it, whether anybody but its own device has vouched for it)."""
        for name in reversed(branch):
            if self.body(name)["kind"] == "cite" and self.effect[name]:
                stamp = self.body(self.body(name)["stamp"])
                return stamp["hash"], stamp["rights"], True
        line = self.opening(branch[0])
        return branch[0], line or 0, line is not None

    def moved(self, name):
        """How one entry moves the rights of its own journal."""
        body = self.body(name)
        if body["kind"] == "transfer" and not self.malformed(name):
            return -body["points"]
        if body["kind"] == "accept" and self.effect[name]:
            return self.body(body["transfer"])["points"]
        if body["kind"] == "reclaim" and self.effect[name]:
            return self.body(self.body(body["decline"])["transfer"])["points"]
        return 0

    def rights(self, name):
        branch = self.chain(name)
        start, figure, _ = self.rest(branch)
        figure += sum(self.moved(later) for later in branch[branch.index(start) + 1 :])
        # Only a witness's false figure comes near the end of 64 bits; the ledger stops there.
        return max(-(2**63), min(2**63 - 1, figure))

    def malformed(self, name):
        body = self.body(name)
        return not 0 < body["points"] <= POINTS_MAX or body["to"] == self.entries[name]["journal"]

    def judge_transfer(self, entry):
        if self.malformed(entry["entry"]):
            return False
        branch = self.chain(entry["prev"])
        start, rights, witnessed = self.rest(branch)
        rights_never_below_zero, outgoing = rights >= 0, 0
        for later in branch[branch.index(start) + 1 :] + [entry["entry"]]:
            rights += self.moved(later)
            rights_never_below_zero = rights_never_below_zero and rights >= 0
            if self.body(later)["kind"] == "transfer" and not self.malformed(later):
                outgoing += self.body(later)["points"]
        quota = self.epochs.get(entry["epoch"], {"quota": 0})["quota"]
        return rights_never_below_zero and witnessed and outgoing <= quota

    def answers(self, branch, kind):
        """The transfers that a branch has accepted or declined with effect."""
        done = [name for name in branch if self.body(name)["kind"] == kind and self.effect[name]]
        return [self.body(name)["transfer"] for name in done]

    def open_for(self, entry, branch):
        transfer = entry["body"]["transfer"]
        if self.body(transfer)["kind"] != "transfer" or self.body(transfer)["to"] != entry["journal"]:
            return False
        return transfer not in self.answers(branch, "accept") + self.answers(branch, "decline")

    def judge_accept(self, entry):
        branch, transfer = self.chain(entry["prev"]), entry["body"]["transfer"]
        if not self.open_for(entry, branch) or not self.effect[transfer]:
            return False
        accepted, reason = self.answers(branch, "accept"), self.body(transfer)["reason"]
        if reason and any(self.body(other)["reason"] == reason for other in accepted):
            return False
        payer = self.entries[transfer]["journal"]
        same_payer = [other for other in accepted if self.entries[other]["journal"] == payer]
        return all(other in self.chain(transfer) or transfer in self.chain(other) for other in same_payer)

    def judge_decline(self, entry):
        return self.open_for(entry, self.chain(entry["prev"])) and not self.malformed(entry["body"]["transfer"])

    def judge_reclaim(self, entry):
        declined = self.body(entry["body"]["decline"])
        if declined["kind"] != "decline" or not self.effect[entry["body"]["decline"]]:
            return False
        branch = self.chain(entry["prev"])
        before = [name for name in branch if self.body(name)["kind"] == "reclaim" and self.effect[name]]
        taken_back = [self.body(self.body(name)["decline"])["transfer"] for name in before]
        return declined["transfer"] in branch and declined["transfer"] not in taken_back

    def judge_stamp(self, entry):
        return entry["device"] in self.epochs.get(entry["epoch"], {"witnesses": []})["witnesses"]

    def judge_cite(self, entry):
        branch, stamp = self.chain(entry["prev"]), self.entries[entry["body"]["stamp"]]
        if stamp["body"]["kind"] != "stamp" or not self.effect[stamp["entry"]] or stamp["device"] == entry["device"]:
            return False
        given = stamp["body"]
        if given["journal"] != entry["journal"] or branch[given["seq"] : given["seq"] + 1] != [given["hash"]]:
            return False
        start, _, witnessed = self.rest(branch)
        return not witnessed or given["seq"] > branch.index(start)

    def answer(self):
        balances = {entry["member"]: 0 for entry in self.entries.values()}
        owners = {entry["journal"]: entry["member"] for entry in self.entries.values()}
        accepts = [name for name in self.entries if self.body(name)["kind"] == "accept" and self.effect[name]]
        for transfer in {self.body(name)["transfer"] for name in accepts}:
            body = self.body(transfer)
            balances[self.entries[transfer]["member"]] -= body["points"]
            balances[owners[body["to"]]] += body["points"]
        effective = sorted(name for name, effect in self.effect.items() if effect)
        return {"balances": balances, "effective": effective, "rights": {n: self.rights(n) for n in self.entries}}


def differences(ours, theirs):
    for part in ("balances", "rights"):
        for name in sorted(ours[part].keys() | theirs[part].keys()):
            if ours[part].get(name) != theirs[part].get(name):
                yield f"{part} of {name[:8]}: {ours[part].get(name)} here, {theirs[part].get(name)} in the ledger"
    for name in sorted(set(ours["effective"]) ^ set(theirs["effective"])):
        yield f"{name[:8]} takes effect {'here' if name in ours['effective'] else 'in the ledger'} alone"
    if sum(theirs["balances"].values()) != 0:
        yield "the ledger's balances do not add up to zero"


def main(folders):
    files = [file for folder in folders for file in sorted(Path(folder).glob("*.journals"))]
    faulty, entries, effective = 0, 0, 0
    for file in files:
        count = Count(file.read_text().splitlines())
        ours, theirs = count.answer(), json.loads(file.with_suffix(".answers").read_text())
        found = list(differences(ours, theirs))
        faulty, entries = faulty + bool(found), entries + len(count.entries)
        effective += len(ours["effective"])
        for difference in found[:5]:
            print(f"{file.stem}: {difference}")
    print(f"{len(files)} buildings, {entries} entries, {effective} of them with effect on points; {faulty} buildings differ")
    return 2 if not files else int(faulty > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
