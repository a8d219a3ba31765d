// What the lines of `nsl test --format json` say about the tests of a file. Nothing here needs
// VS Code, so that it can be tested with Node.js alone.
"use strict";

/**
 * The results of the tests that the events are about, in their order, and what else was
 * found in the file.
 * @param {string} text the output: an event on each line
 * @returns {{tests: Map<string, {status: string, seconds: number, failures: object[]}>, failures: object[]}}
 */
function read(text) {
  const tests = new Map();
  const failures = [];
  const of = (path) => {
    const name = path.join("\n");
    if (!tests.has(name)) tests.set(name, { status: "", seconds: 0, failures: [] });
    return tests.get(name);
  };
  for (const line of text.split("\n")) {
    if (!line.startsWith("{")) continue;
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      continue; // the process ended within a line
    }
    const place = event.test ? of(event.test) : undefined;
    if (event.type === "test-end") {
      place.status = event.status;
      place.seconds = event.seconds || 0;
    } else if (event.finding && event.status !== "passed" && event.finding.severity !== "warning") {
      (place ? place.failures : failures).push(failure(event.finding, event));
    }
  }
  return { tests, failures };
}

function failure(finding, event) {
  const message = [finding.summary, finding.help].filter(Boolean).join("\n");
  return {
    message: finding.code ? `${message} [${finding.code}]` : message,
    file: finding.at || event.at || event.file,
    line: finding.line || event.line || 1,
    column: finding.column || event.column || 1,
    text: finding.text || message,
    fix: finding.fix,
  };
}

/** The labs of the output of `nsl ls`, by name, each with what else its line says. */
function labs(text) {
  return text
    .split("\n")
    .slice(1)
    .map((line) => /^(\S+)\s+(.*)$/.exec(line))
    .filter(Boolean)
    .map(([, name, about]) => ({ name, about: about.replace(/\s+/g, " ") }));
}

/** The nodes of the output of `nsl show LAB`, each with its interfaces. */
function nodes(text) {
  const list = [];
  for (const line of text.split("\n")) {
    const [, tree, rest] = /^([\s│├└─]*)(.*)$/.exec(line);
    if (!rest) continue;
    if (!tree) list.push({ name: rest.split(/\s/)[0], links: [] });
    else if (list.length) list[list.length - 1].links.push(rest.replace(/\s+/g, " "));
  }
  return list;
}

/**
 * The tests that a script has, by their first lines: { name, line }, lines from 0.
 * @param {string} text
 */
function find(text) {
  const list = [];
  text.split("\n").forEach((line, number) => {
    const m = /^\s*test\s+(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s{]+))\s*\{/.exec(line);
    if (m) list.push({ name: m[1] !== undefined ? m[1].replace(/\\(["\\$])/g, "$1") : (m[2] ?? m[3]), line: number });
  });
  return list;
}

module.exports = { read, find, labs, nodes };
