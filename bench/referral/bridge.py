"""Median times of hl7v2-fhir-bridge: parsing with every value taken, and converting without and with validation."""
import importlib.metadata
import pathlib
import statistics
import sys
import time

from v2fhir.config import default_config_path, load_config
from v2fhir.convert import convert
from v2fhir.hl7.parser import parse_bytes
from v2fhir.validate import validate_bundle

SECONDS = 2.0
folder = pathlib.Path(sys.argv[1])
version = importlib.metadata.version("hl7v2-fhir-bridge")
config = load_config(default_config_path(), {})


def values(raw):
    """Every value of a message, unescaped: a repetition is split when it is asked for."""
    found = []
    for segment in parse_bytes(raw).segments:
        for number in range(1, len(segment.fields)):
            for repetition in segment.reps(number):
                for component, parts in enumerate(repetition._comps, 1):
                    found.extend(repetition.get(component, part) for part in range(1, len(parts) + 1))
    return found


def converted(raw):
    return convert(parse_bytes(raw), config).bundle


def validated(raw):
    bundle = converted(raw)
    validate_bundle(bundle)
    return bundle


def measure(step, message, action):
    raw = (folder / f"{message}.hl7").read_bytes()
    first = action(raw)
    assert "Bråthen" in str(first), "the name of the patient was not found"
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter_ns()
        action(raw)
        times.append(time.perf_counter_ns() - start)
    print("hl7v2-fhir-bridge", version, message, step, f"{statistics.median(times) / 1000:.1f}", sep="\t")


measure("parse, every value", "referral", values)
measure("parse, every value", "referral-100", values)
measure("parse and map", "order", converted)
measure("parse, map and validate", "order", validated)
