"""The book: so many records of each kind that what a run has to do is known."""

import json

DUE = 48
ON_HOLD = 3
NOT_YET = 3
WITH_BILLS = 6
WITH_MANDATE = 4

# The days of the runs. Between them the records become due again.
FIRST, SECOND, THIRD = "2026-02-02", "2026-02-09", "2026-02-16"


def lines():
    """The lines of the book."""
    for number in range(DUE + ON_HOLD + NOT_YET):
        account = f"A-{number:03}"
        yield {"type": "contact", "id": f"C-{number:03}", "name": f"Debtor {number}"}
        yield customer(account, f"C-{number:03}", "USD", f"{100 + number}.00")
        yield {
            "type": "delinquency",
            "id": f"D-{number:03}",
            "account": account,
            "kind": "collections",
            "scheme": "RES",
            "milestone": "REMIND",
            "entered_on": "2026-02-01" if number >= DUE + ON_HOLD else "2026-01-15",
            "oldest_debt_on": "2025-12-20",
            "balance": f"{100 + number}.00",
            "hold": DUE <= number < DUE + ON_HOLD,
        }
    for number in range(WITH_BILLS):
        account = f"W-{number}"
        yield customer(account, None, "USD", "60.00")
        yield bill(f"B-{number}", account, "60.00", "2026-01-10") | {"bill_type": "WATER"}
    for number in range(WITH_MANDATE):
        account = f"E-{number}"
        yield {"type": "contact", "id": f"C-{account}", "name": f"Payer {number}"}
        yield customer(account, f"C-{account}", "EUR", "40.00")
        yield bill(f"T-{number}", account, "40.00", "2026-02-20")
        yield {
            "type": "mandate",
            "id": f"M-{number}",
            "account": account,
            "scheme": "sepa-core",
            "iban": "NL91ABNA0417164300",
            "signed_on": "2025-11-03",
            "sequence": "FRST",
        }


def customer(account, contact, currency, balance):
    """An account."""
    line = {"type": "account", "id": account, "class": "residential", "currency": currency}
    return line | ({"contact": contact} if contact else {}) | {"balance": balance}


def bill(transaction, account, amount, due_on):
    """A transaction that is to be paid."""
    return {
        "type": "transaction",
        "id": transaction,
        "account": account,
        "date": "2026-01-02",
        "due_date": due_on,
        "amount": amount,
        "marker": "unallocated",
    }


def write(path):
    """Writes the book as JSON Lines."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines()))
