"""Compares what senders were told with what arrived."""

import json
from collections import defaultdict


def lines(path):
    try:
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]
    except FileNotFoundError:
        return []


def acknowledged(log, run):
    """Labels of the messages that were answered with 200."""
    return [f"{run}.{line['patient']}.{line['turn']}" for line in lines(log) if "message" in line]


def judge(sender_log, destination_log, run, path=None):
    """Violations: lost, doubled, out of order. A repeated attempt has the key of the first one and is no second effect."""
    wanted = acknowledged(sender_log, run)
    keys = defaultdict(set)
    order = defaultdict(list)
    for line in lines(destination_log):
        if not line["stored"] or (path and line["path"] != path):
            continue
        label = line["label"]
        if line["key"] not in keys[label] and not keys[label]:
            _, patient, turn = label.rsplit(".", 2)
            order[patient].append(int(turn))
        keys[label].add(line["key"])
    lost = [label for label in wanted if not keys.get(label)]
    doubled = [label for label, found in keys.items() if len(found) > 1]
    disordered = [patient for patient, turns in order.items() if turns != sorted(turns)]
    return {"acknowledged": len(wanted), "arrived": len(keys), "lost": lost, "doubled": doubled, "disordered": disordered}


def report(verdict):
    """One line for a person; whether it is good."""
    bad = {name: verdict[name] for name in ("lost", "doubled", "disordered") if verdict[name]}
    print(", ".join(f"{name} {len(value) if isinstance(value, list) else value}" for name, value in verdict.items()))
    for name, labels in bad.items():
        print(f"  {name}: {' '.join(labels[:5])}")
    return not bad
