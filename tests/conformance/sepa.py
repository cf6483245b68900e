"""pain.008: schemas that others wrote, and our own recount of what they miss.

A schema sees no sum, no check digit and no number that is used twice.
"""

import re
from decimal import Decimal
from pathlib import Path

import sepaxml
from lxml import etree
from schwifty import BIC, IBAN
from stdnum.eu import at_02

NAMESPACE = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"}

# What every bank can process.
LETTERS = re.compile(r"[A-Za-z0-9/?:().,'+ -]+")


class Validators:
    """Reads the schemas once."""

    def __init__(self, schemas_of_sepa):
        of_sepaxml = Path(sepaxml.__file__).parent / "schemas"
        paths = {
            "ISO schema of sepaxml": of_sepaxml / "pain.008.001.08.xsd",
            "ISO schema of sepa": schemas_of_sepa / "pain.008.001.08.xsd",
            "GBIC_5 schema of sepa": schemas_of_sepa / "pain.008.001.08_GBIC_5.xsd",
        }
        self.schemas = {
            name: etree.XMLSchema(etree.parse(str(path))) for name, path in paths.items()
        }

    def check(self, content, entries):
        """What each validator finds wrong; `entries` is how many debits there are."""
        try:
            document = etree.fromstring(content)
        except etree.XMLSyntaxError as error:
            return {"XML by lxml": [str(error)]}
        found = {"XML by lxml": []}
        for name, schema in self.schemas.items():
            schema.validate(document)
            found[name] = [f"line {it.line}: {it.message}" for it in schema.error_log]
        found["counts and sums"] = list(recounted(document, entries))
        found["letters of SEPA"] = [
            f"{text!r} has others"
            for text in texts(document, "//*[not(*)]")
            if not LETTERS.fullmatch(text)
        ]
        found["numbers used once"] = list(repeated(document))
        found["IBAN and BIC by schwifty"] = list(bank_numbers(document))
        found["creditor id by stdnum"] = [
            f"{number} is no creditor identifier"
            for number in texts(document, "//p:CdtrSchmeId//p:Othr/p:Id") or ["none"]
            if not at_02.is_valid(number)
        ]
        return found


def texts(element, path):
    """The texts of all elements that the path leads to."""
    return [it.text or "" for it in element.xpath(path, namespaces=NAMESPACE)]


def recounted(document, entries):
    """Counts and sums of the file and of each group, against the debits in it."""
    debits = len(texts(document, "//p:DrctDbtTxInf/p:InstdAmt"))
    if debits != entries:
        yield f"{debits} debits where {entries} are expected"
    groups = document.xpath("//p:PmtInf", namespaces=NAMESPACE)
    parts = [(document, "./p:CstmrDrctDbtInitn/p:GrpHdr"), *((it, ".") for it in groups)]
    for parent, totals in parts:
        amounts = [Decimal(it) for it in texts(parent, ".//p:InstdAmt")]
        said = texts(parent, f"{totals}/p:NbOfTxs"), texts(parent, f"{totals}/p:CtrlSum")
        if said[0] != [str(len(amounts))]:
            yield f"{said[0]} debits are said, {len(amounts)} are there"
        if [Decimal(it) for it in said[1]] != [sum(amounts)]:
            yield f"the sum is said to be {said[1]}, and is {sum(amounts)}"


def repeated(document):
    """Numbers that a bank refuses when it sees them twice in a file."""
    for name in ["PmtInfId", "EndToEndId"]:
        numbers = texts(document, f"//p:{name}")
        if len(numbers) != len(set(numbers)):
            yield f"a {name} is used twice"


def bank_numbers(document):
    """Numbers of accounts and banks whose check digits or countries are wrong."""
    for kind, path in [(IBAN, "//p:IBAN"), (BIC, "//p:BICFI")]:
        for number in sorted(set(texts(document, path))):
            try:
                kind(number)
            except ValueError as error:
                yield f"{number}: {error}"


# What is done to a right file with seven debits, and who must see it.
ALL_SCHEMAS = ["ISO schema of sepaxml", "ISO schema of sepa", "GBIC_5 schema of sepa"]
GERMAN = ["GBIC_5 schema of sepa"]
RECOUNT = ["counts and sums"]
SPOILED = [
    ("sum of the file", "<CtrlSum>1000000001.40<", "<CtrlSum>1000000001.41<", RECOUNT),
    ("sum of a group", "<CtrlSum>0.43<", "<CtrlSum>0.44<", RECOUNT),
    ("count of the file", "<NbOfTxs>7<", "<NbOfTxs>8<", RECOUNT),
    ("count of a group", "<NbOfTxs>2<", "<NbOfTxs>1<", RECOUNT),
    ("amount changed", ">0.42</InstdAmt>", ">0.24</InstdAmt>", RECOUNT),
    ("letters of a name", ">Anna Ruiz<", ">Anna Ruíz<", ["letters of SEPA"]),
    ("letters of a reference", ">M-6<", ">M_6<", ["letters of SEPA"]),
    ("number used twice", ">D:6/", ">D:0/", ["numbers used once"]),
    ("check digit of an IBAN", ">NL91ABNA", ">NL19ABNA", ["IBAN and BIC by schwifty"]),
    ("letters of an IBAN", ">NL91ABNA", ">NL91ABNB", ["IBAN and BIC by schwifty"]),
    ("country of a BIC", ">ABNANL2A<", ">ABNAXX2A<", ["IBAN and BIC by schwifty"]),
    ("creditor identifier", ">DE98ZZZ", ">DE89ZZZ", ["creditor id by stdnum"]),
    ("amount of zero", ">0.42</InstdAmt>", ">0.00</InstdAmt>", GERMAN),
    ("three decimals", ">0.42</InstdAmt>", ">0.421</InstdAmt>", GERMAN),
    ("dollars", 'Ccy="EUR">0.42', 'Ccy="USD">0.42', GERMAN),
    ("no mandate", "<MndtId>M-6</MndtId>", "", GERMAN),
    ("no signature date", "<DtOfSgntr>2024-02-29</DtOfSgntr>", "", GERMAN),
    ("no method", "<PmtMtd>DD</PmtMtd>", "", ALL_SCHEMAS),
    ("unknown sequence", "<SeqTp>FRST<", "<SeqTp>ONCE<", ALL_SCHEMAS),
    ("date that is none", ">2026-02-06</Reqd", ">2026-02-30</Reqd", ALL_SCHEMAS),
    ("negative amount", ">0.42</InstdAmt>", ">-0.42</InstdAmt>", ALL_SCHEMAS),
    ("long identifier", ">M-6<", f">{'M' * 36}<", ALL_SCHEMAS),
    ("cut off", "</Document>", "", ["XML by lxml"]),
    ("another version", "pain.008.001.08", "pain.008.001.02", ALL_SCHEMAS),
]


def spoiled(content):
    """Each spoiled file, as (name, content, what who must see it says)."""
    text = content.decode()
    for name, old, new, seen_by in SPOILED:
        changed = text.replace(old, new, 1)
        yield name, None if changed == text else changed.encode(), dict.fromkeys(seen_by, "")
