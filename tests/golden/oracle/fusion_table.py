"""Notes of a fusion of AllFusions.csv: the cells that no element holds."""


def notes_of(caller, cells):
    """`cells`: column and cell of what is neither missing (N/A) nor an element; the filter only where it is not PASS."""
    return sorted([f"Caller: {caller}", *[f"{column}: {cell}" for column, cell in cells.items()]])
