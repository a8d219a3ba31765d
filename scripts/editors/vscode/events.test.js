"use strict";
const test = require("node:test");
const assert = require("node:assert");
const { read, find, labs, nodes } = require("./events.js");

test("a failure is at its line, with its reason", () => {
  const { tests, failures } = read(
    [
      '{"type":"test","file":"a.nsl","at":"a.nsl","line":1,"column":1,"test":["a"]}',
      '{"type":"expect","file":"a.nsl","at":"a.nsl","line":1,"column":12,"test":["a"],"status":"passed"}',
      '{"type":"test-end","file":"a.nsl","test":["a"],"status":"passed","seconds":0.5,"held":1}',
      '{"type":"expect","file":"a.nsl","line":4,"column":3,"test":["b"],"status":"failed","finding":{"code":"NSL090","severity":"failed","summary":"no","help":"why\\nfix","at":"/x/a.nsl","line":4,"column":3,"fix":{"line":4,"column":3,"end_line":4,"end_column":3,"text":"up r1\\n  "}}}',
      '{"type":"test-end","file":"a.nsl","test":["b"],"status":"failed","seconds":1,"failed":1}',
      '{"type":"cut',
    ].join("\n"),
  );
  assert.deepStrictEqual(tests.get("a"), { status: "passed", seconds: 0.5, failures: [] });
  assert.deepStrictEqual(tests.get("b"), {
    status: "failed",
    seconds: 1,
    failures: [{ message: "no\nwhy\nfix [NSL090]", file: "/x/a.nsl", line: 4, column: 3, text: "no\nwhy\nfix", fix: { line: 4, column: 3, end_line: 4, end_column: 3, text: "up r1\n  " } }],
  });
  assert.deepStrictEqual(failures, []);
});

test("tests are found by their first lines", () => {
  assert.deepStrictEqual(find('ns red\ntest "a \\"b\\"" {\n}\n  test c { ns x }\n# test "d" {\n'), [
    { name: 'a "b"', line: 1 },
    { name: "c", line: 3 },
  ]);
});

test("labs and their nodes are read", () => {
  assert.deepStrictEqual(labs("lab  nodes  up  script\na    2      3s  /x/a.nsl\n"), [{ name: "a", about: "2 3s /x/a.nsl" }]);
  assert.deepStrictEqual(labs(""), []);
  assert.deepStrictEqual(nodes("host\n├─ br0  up\n│  └─ p1  up\nred\n└─ e0  up  10.0.0.1/24\n"), [
    { name: "host", links: ["br0 up", "p1 up"] },
    { name: "red", links: ["e0 up 10.0.0.1/24"] },
  ]);
});
