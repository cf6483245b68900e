// Texts with facts in them: `Dear {{contact.name | else "customer"}}`.
//
// A fact's name stands between double braces, and optionally a text to take
// when the record lacks the fact.

const DEFAULT = /^\s*else\s*"([^"]*)"\s*$/;
const HINT = 'write {{contact.name}} or {{contact.name | else "customer"}}';

/** Why a text is no template: a code for programs, words for people. */
export class Broken extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The record lacks a fact, and the text has no default for it. */
export class MissingFact extends Error {
  constructor(fact) {
    super(`${fact} is missing`);
    this.fact = fact;
  }
}

/** A text, cut at its facts. */
export class Template {
  #pieces = [];
  #end;

  /** Cuts a text that may hold these facts; throws `Broken`. */
  constructor(text, facts) {
    let [literal, rest] = cut(text, "{{");
    while (rest !== undefined) {
      const [inside, after] = cut(rest, "}}");
      if (after === undefined) {
        throw new Broken("bad-template", `a "{{" is not closed by "}}"; ${HINT}`);
      }
      this.#pieces.push({ literal, ...fact(inside, facts) });
      [literal, rest] = cut(after, "{{");
    }
    this.#end = literal;
  }

  /** The text with a record's facts in it; throws `MissingFact`. */
  fill(facts) {
    let text = "";
    for (const { literal, name, otherwise } of this.#pieces) {
      const value = facts.get(name) ?? otherwise;
      if (value === undefined) throw new MissingFact(name);
      text += literal + value;
    }
    return text + this.#end;
  }
}

/** What stands before a mark and what stands after it, if it is there. */
function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** The name of a fact and its default, from what stands between the braces. */
function fact(inside, facts) {
  const [before, after] = cut(inside, "|");
  const name = before.trim();
  if (!facts.includes(name)) {
    throw new Broken(
      "unknown-fact",
      `"${name}" is no fact that a text may hold; these are: ${facts.join(", ")}`,
    );
  }
  if (after === undefined) return { name };
  const quoted = DEFAULT.exec(after);
  if (quoted === null) {
    throw new Broken("bad-template", `after "|" only \`else "some text"\` may stand; ${HINT}`);
  }
  return { name, otherwise: quoted[1] };
}
