"use strict";
const test = require("node:test");
const assert = require("node:assert");
const { read, find } = require("./events.js");

test("a failure is at its line, with its reason", () => {
  const { tests, failures } = read(
    [
      '{"type":"test","file":"a.nsl","at":"a.nsl","line":1,"column":1,"test":["a"]}',
      '{"type":"expect","file":"a.nsl","at":"a.nsl","line":1,"column":12,"test":["a"],"status":"passed"}',
      '{"type":"test-end","file":"a.nsl","test":["a"],"status":"passed","seconds":0.5,"held":1}',
      '{"type":"expect","file":"a.nsl","line":4,"column":3,"test":["b"],"status":"failed","finding":{"code":"NSL090","severity":"failed","summary":"no","help":"why\\nfix","at":"/x/a.nsl","line":4,"column":3}}',
      '{"type":"test-end","file":"a.nsl","test":["b"],"status":"failed","seconds":1,"failed":1}',
      '{"type":"cut',
    ].join("\n"),
  );
  assert.deepStrictEqual(tests.get("a"), { status: "passed", seconds: 0.5, failures: [] });
  assert.deepStrictEqual(tests.get("b"), {
    status: "failed",
    seconds: 1,
    failures: [{ message: "no\nwhy\nfix [NSL090]", file: "/x/a.nsl", line: 4, column: 3 }],
  });
  assert.deepStrictEqual(failures, []);
});

test("tests are found by their first lines", () => {
  assert.deepStrictEqual(find('ns red\ntest "a \\"b\\"" {\n}\n  test c { ns x }\n# test "d" {\n'), [
    { name: 'a "b"', line: 1 },
    { name: "c", line: 3 },
  ]);
});
