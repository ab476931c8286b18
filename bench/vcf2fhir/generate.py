"""Writes a somatic VCF of N lines: every 10th multi-allelic, every 10th an insertion, every 25th filtered. Seeded."""
import random
import sys

BASES = "ACGT"


def header():
    yield "##fileformat=VCFv4.2"
    yield "##reference=GRCh37"
    yield '##FILTER=<ID=PASS,Description="All filters passed">'
    yield '##FILTER=<ID=LowDP,Description="Low depth">'
    yield '##INFO=<ID=GermlineStatus,Number=1,Type=String,Description="Germline status">'
    for name, number, kind in (("GT", "1", "String"), ("AD", "R", "Integer"), ("AF", "A", "Float"), ("DP", "1", "Integer")):
        yield f'##FORMAT=<ID={name},Number={number},Type={kind},Description="{name}">'
    for chromosome in [*range(1, 23), "X", "Y"]:
        yield f"##contig=<ID=chr{chromosome}>"
    yield "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tIPD9090-D01-P01-A08"


def lines(count, rng):
    per_chromosome = count // 22 + 1
    for number in range(count):
        chromosome, place = divmod(number, per_chromosome)
        position = 1_000_000 + place * 500 + rng.randint(1, 400)
        reference, depth = rng.choice(BASES), rng.randint(120, 2000)
        others = [base for base in BASES if base != reference]
        if number % 10 == 1:
            alleles, genotype = rng.sample(others, 2), "1/2"
        elif number % 10 == 6:
            alleles, genotype = [reference + "".join(rng.choices(BASES, k=rng.randint(1, 5)))], "0/1"
        else:
            alleles, genotype = [rng.choice(others)], "0/1"
        reads = [rng.randint(10, depth // 3) for _ in alleles]
        frequencies = ",".join(f"{read / depth:.4f}" for read in reads)
        counts = ",".join(map(str, [depth - sum(reads), *reads]))
        filtered = "LowDP" if number % 25 == 2 else "PASS"
        yield "\t".join(map(str, [
            f"chr{chromosome + 1}", position, ".", reference, ",".join(alleles), ".", filtered, "GermlineStatus=Somatic",
            "GT:AD:AF:DP", f"{genotype}:{counts}:{frequencies}:{depth}",
        ]))


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="ascii") as out:
        out.writelines(f"{line}\n" for line in [*header(), *lines(int(sys.argv[1]), random.Random(20261125))])
