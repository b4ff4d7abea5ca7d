#!/usr/bin/env python3
"""Counts points a second time, from exported journals and the written rules alone.

    balances.py FOLDER …      compares every NAME.journals with its NAME.answers; 1 if they differ, 2 if there are none

crates/ledger/src/export.rs describes the lines, crates/ledger/src/lib.rs and fund.rs the rules (J3, J4, L1 to L5, L7). This
counter has no code in common with the ledger and none of its cleverness: all questions walk chains back to first entries.
"""

import json
import sys
from pathlib import Path

NOTHING, POINTS_MAX, PAYS = "0" * 64, 1_000_000, ("transfer", "grant")
GROUNDS = ("certificate", "transfer", "decline", "stamp", "last", "seconds", "succession", "second", "list")


class Count:
    def __init__(self, lines):
        """What follows from a set of entries, whatever the order in which they are read."""
        records = [json.loads(line) for line in lines]
        self.entries = {record["entry"]: record for record in records if "entry" in record}
        self.epochs = {record["epoch"]: record for record in records if "quota" in record}
        self.fund = next((record["fund"] for record in records if "fund" in record), None)
        # Whose points a journal moves: those of fund journals, told by an even nonce, are the fund's.
        purse = {entry["journal"] for entry in self.entries.values() if (n := entry["body"].get("nonce")) and n % 2 == 0}
        whose = {entry["journal"]: entry["member"] for entry in self.entries.values()}
        self.owners = {journal: self.fund if journal in purse else member for journal, member in whose.items()}
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
        branch = [] if tip == NOTHING else [tip]
        while branch and (prev := self.entries[branch[-1]]["prev"]) != NOTHING:
            branch.append(prev)
        return branch[::-1]

    def done(self, branch, kind):
        """The bodies of one kind on a branch that took effect."""
        return [self.body(name) for name in branch if self.body(name)["kind"] == kind and self.effect[name]]

    def given(self, tip):
        """The greatest figure that an epoch named on the branch gives to a fund journal."""
        named = [self.entries[name] for name in self.chain(tip)]
        theirs = [self.epochs[one["epoch"]]["budgets"].get(one["journal"], 0) for one in named]
        return max(theirs) if named and self.owners[named[0]["journal"]] == self.fund else 0

    def opening(self, name):
        """The rights of a journal's first entry, or None if it opens with neither a credit line nor the fund's points."""
        entry, body = self.entries[name], self.body(name)
        if self.owners[entry["journal"]] == self.fund:
            return self.given(name)
        certificate = self.entries.get(body.get("certificate"), {"epoch": NOTHING, "body": {**entry, "kind": "certify"}})
        named = certificate["body"]
        theirs = named["kind"] == "certify" and all(named[key] == entry[key] for key in ("member", "device"))
        opens = body["nonce"] == 0 and body["basis"] != "other" and theirs
        return self.epochs[certificate["epoch"]]["credit_line"] if opens else None

    def rest(self, branch):
        """(entry, rights after it, whether anybody but its own device has vouched for it)."""
        line, stamps = self.opening(branch[0]), [self.body(cited["stamp"]) for cited in self.done(branch, "cite")]
        return [(branch[0], line or 0, line is not None), *((of["hash"], of["rights"], True) for of in stamps)][-1]

    def paid(self, name):
        return self.body(name)["points"] if self.body(name)["kind"] in PAYS and not self.malformed(name) else 0

    def moved(self, name):
        """How one entry moves the rights of its own journal."""
        body, prev = self.body(name), self.entries[name]["prev"]
        net = self.given(name) - self.given(prev) - self.paid(name)
        if not self.effect.get(name) or body["kind"] not in ("accept", "reclaim", "inherit"):
            return net
        if body["kind"] == "inherit":
            return net + self.left(body["succession"]) - self.inherited(prev, body["succession"])
        return net + self.body((self.body(body["decline"]) if "decline" in body else body)["transfer"])["points"]

    def rights(self, name):
        branch = self.chain(name)
        start, figure, _ = self.rest(branch)
        figure += sum(self.moved(later) for later in branch[branch.index(start) + 1 :])
        # Only a witness's false figure comes near the end of 64 bits.
        return max(-(2**63), min(2**63 - 1, figure))

    def malformed(self, name):
        body, journal = self.body(name), self.entries[name]["journal"]
        astray = (body["kind"] == "grant") != (self.owners[journal] == self.fund) or body.get("member") == self.fund
        return astray or not 0 < body["points"] <= POINTS_MAX or body["to"] == journal

    def judge_transfer(self, entry, quota=None):
        branch = self.chain(entry["prev"])
        start, rights, witnessed = self.rest(branch)
        lowest, outgoing = rights, 0
        for later in branch[branch.index(start) + 1 :] + [entry["entry"]]:
            rights, outgoing = rights + self.moved(later), outgoing + self.paid(later)
            lowest = min(lowest, rights)
        quota = self.epochs[entry["epoch"]]["quota"] if quota is None else quota
        return lowest >= 0 and witnessed and outgoing <= quota and not self.malformed(entry["entry"])

    def judge_grant(self, entry):
        epoch, (act, day, times) = self.epochs[entry["epoch"]], entry["body"]["purpose"]
        rate = epoch["rates"].get(act, 0) * times if 1 <= times <= 100 and day <= 100_000 else 0
        alone = entry["body"]["points"] <= epoch["alone"] and entry["body"]["member"] != entry["member"]
        seconded = entry["body"]["second"] and self.seconded(entry)
        may = entry["member"] in epoch["treasurers"] and (act == "opening" or 0 < rate == entry["body"]["points"])
        quota = 2**63 if seconded else epoch["fund_quota"]
        return may and (seconded or (alone and act != "opening")) and self.judge_transfer(entry, quota)

    def seconded(self, entry):
        word, terms, branch = self.entries[entry["body"]["second"]], entry["body"], self.chain(entry["prev"])
        by, lists = word["member"], [name for name in branch if name == word["body"].get("list")]
        may = word["body"]["kind"] == "second" and by in self.epochs[word["epoch"]]["seconders"] and by != entry["member"]
        back = any(self.body(one)["kind"] == "unlist" and self.body(one)["list"] in lists for one in branch)
        laid = [line for name in lists for line in self.body(name).get("terms", [])]
        listed = [terms[key] for key in ("to", "member", "points", "purpose")] in laid
        return may and not back and listed and (by != terms["member"] or terms["purpose"][0] == "opening")

    def open_for(self, entry, branch):
        name, body = entry["body"]["transfer"], self.body(entry["body"]["transfer"])
        answered = [done["transfer"] for kind in ("accept", "decline") for done in self.done(branch, kind)]
        return body["kind"] in PAYS and body["to"] == entry["journal"] and name not in answered

    def reason(self, name):
        """What a payment is for; of a grant whom and which occasion, and not how often."""
        body = self.body(name)
        return [body["member"], *body["purpose"][:2]] if "purpose" in body else body["reason"]

    def judge_accept(self, entry):
        branch, transfer = self.chain(entry["prev"]), entry["body"]["transfer"]
        if not self.open_for(entry, branch) or not self.effect[transfer]:
            return False
        accepted, reason = [done["transfer"] for done in self.done(branch, "accept")], self.reason(transfer)
        taken = reason and any(self.reason(other) == reason for other in accepted)
        same = [other for other in accepted if self.entries[other]["journal"] == self.entries[transfer]["journal"]]
        theirs = self.body(transfer).get("member") in (None, self.owners[entry["journal"]])
        return theirs and not taken and all(it in self.chain(transfer) or transfer in self.chain(it) for it in same)

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
        succession, journal, member = entry["body"]["succession"], entry["journal"], self.owners[entry["journal"]]
        said = self.body(succession)
        if said["kind"] != "succeed" or said["successor"] != journal or not said["seconds"] or member == self.fund:
            return False
        words = [self.entries[name] for name in (succession, said["seconds"])]
        agree = all(words[1]["body"].get(key) == said[key] for key in ("last", "successor"))
        may = all(word["member"] in self.epochs[word["epoch"]]["reviewers"] for word in words)
        two = len({word["member"] for word in words} - {member}) == 2
        last, left = self.entries[said["last"]], self.left(succession)
        closed, more = last["journal"], left > self.inherited(entry["prev"], succession)
        if effect := agree and may and two and self.owners[closed] == member and more and closed != journal:
            self.upto[closed] = max(self.upto.get(closed, ()), (left, last["seq"], last["entry"]))
            self.heirs.setdefault(closed, {}).setdefault(journal, []).append(left)
        return effect

    def answer(self):
        balances = dict.fromkeys(self.owners.values(), 0)

        def book(payer, payee, points):
            for member, moved in ((payer, -points), (payee, points)):
                balances[member] = balances.get(member, 0) + moved

        for transfer in {done["transfer"] for done in self.done(self.entries, "accept")}:
            body, journal = self.body(transfer), self.entries[transfer]["journal"]
            beyond = transfer not in self.chain(self.upto.get(journal, [transfer])[-1])
            book(self.fund if beyond else self.owners[journal], self.owners[body["to"]], body["points"])
        for closed, given in [(closed, [*map(max, of.values())]) for closed, of in self.heirs.items() if len(of) > 1]:
            book(self.fund, self.owners[closed], sum(given) - max(given))
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
