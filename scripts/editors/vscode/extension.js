"use strict";
const path = require("node:path");
const { execFile } = require("node:child_process");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const events = require("./events.js");
const failures = require("./failures.js");
const labs = require("./labs.js");

let client;

async function activate(context) {
  const command = (name, run) => context.subscriptions.push(vscode.commands.registerCommand(name, run));
  command("nsl.run", (uri) => terminal("run", uri));
  command("nsl.test", (uri, name) => (name ? terminal("test", uri, "--run", exactly(name)) : terminal("test", uri)));
  command("nsl.up", (uri) => terminal("up", uri));
  command("nsl.explain", explain);
  command("nsl.prompt", prompt);
  command("nsl.restart", async () => {
    await stop();
    await start();
  });
  context.subscriptions.push(
    vscode.tasks.registerTaskProvider("nsl", { provideTasks, resolveTask }),
    testController(),
    failures.shown(),
    labs.view((args) => run(args), program),
    vscode.workspace.onDidChangeConfiguration((e) => {
      if (e.affectsConfiguration("nsl.path")) vscode.commands.executeCommand("nsl.restart");
    }),
  );
  await start();
}

async function deactivate() {
  await stop();
}

function program() {
  return vscode.workspace.getConfiguration("nsl").get("path") || "nsl";
}

async function start() {
  const server = { command: program(), args: ["lsp"] };
  client = new LanguageClient("nsl", "nsl", server, { documentSelector: [{ language: "nsl" }] });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    vscode.window.showErrorMessage(`${program()} lsp does not start: ${error.message}. Set nsl.path to where nsl is.`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.dispose();
}

/** The file of a command: what was clicked on, or what the active editor shows. Unsaved text is saved first. */
async function fileOf(uri) {
  const where = typeof uri === "string" ? vscode.Uri.parse(uri) : uri || vscode.window.activeTextEditor?.document.uri;
  if (where?.scheme !== "file") {
    vscode.window.showErrorMessage("This needs a script that is saved in a file.");
    return undefined;
  }
  const open = vscode.workspace.textDocuments.find((d) => d.uri.toString() === where.toString());
  if (open?.isDirty && !(await open.save())) return undefined;
  return where.fsPath;
}

/** A regular expression for that name and no other. */
function exactly(name) {
  return `^${name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`;
}

async function terminal(what, uri, ...more) {
  const file = await fileOf(uri);
  if (!file) return;
  await vscode.tasks.executeTask(task({ type: "nsl", command: what, file }, [what, ...more, file]));
}

function task(definition, args) {
  const options = definition.file && path.isAbsolute(definition.file) ? { cwd: path.dirname(definition.file) } : {};
  const name = definition.file ? `${definition.command} ${path.basename(definition.file)}` : definition.command;
  return new vscode.Task(definition, vscode.TaskScope.Workspace, name, "nsl", new vscode.ProcessExecution(program(), args, options), "$nsl");
}

function provideTasks() {
  const document = vscode.window.activeTextEditor?.document;
  const list = [task({ type: "nsl", command: "test" }, ["test"])];
  if (document?.languageId === "nsl" && document.uri.scheme === "file") {
    for (const command of ["run", "check", "test"]) {
      const file = document.uri.fsPath;
      list.push(task({ type: "nsl", command, file }, [command, file]));
    }
  }
  return list;
}

/** Gives a task of tasks.json its command line; the definition has to stay the same object. */
function resolveTask(given) {
  const d = given.definition;
  return task(d, d.file ? [d.command, d.file] : [d.command]);
}

async function explain(uri) {
  const file = await fileOf(uri);
  if (!file) return;
  const { stdout, stderr } = await run(["explain", "--", file], path.dirname(file));
  const document = await vscode.workspace.openTextDocument({ language: "shellscript", content: stdout || stderr });
  await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
}

async function prompt(uri) {
  const where = uri?.fsPath ?? vscode.window.activeTextEditor?.document.uri.fsPath;
  const cwd = where?.endsWith(".nsl") ? path.dirname(where) : where;
  vscode.window.createTerminal({ name: "nsl", shellPath: program(), shellArgs: ["repl"], cwd }).show();
}

/** What nsl prints; it does not fail, whatever the exit code. */
function run(args, cwd, token) {
  return new Promise((resolve) => {
    const child = execFile(program(), args, { cwd, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const missing = error && typeof error.code === "string" ? `${program()}: ${error.message}` : "";
      resolve({ stdout, stderr: stderr || missing });
    });
    token?.onCancellationRequested(() => child.kill("SIGINT"));
  });
}

/** The Test Explorer: an item for each script with tests, and one for each test block. */
function testController() {
  const controller = vscode.tests.createTestController("nsl", "nsl");
  const look = (uri, text) => {
    const found = events.find(text);
    if (!found.length) return controller.items.delete(uri.toString());
    const file = controller.createTestItem(uri.toString(), vscode.workspace.asRelativePath(uri), uri);
    for (const { name, line } of found) {
      const item = controller.createTestItem(`${uri}#${name}`, name, uri);
      item.range = new vscode.Range(line, 0, line, 0);
      file.children.add(item);
    }
    controller.items.add(file);
  };
  const read = async (uri) => {
    try {
      look(uri, Buffer.from(await vscode.workspace.fs.readFile(uri)).toString("utf8"));
    } catch {
      controller.items.delete(uri.toString());
    }
  };
  const edited = (document) => {
    if (document.languageId === "nsl" && document.uri.scheme === "file") look(document.uri, document.getText());
  };
  const everything = async () => Promise.all((await vscode.workspace.findFiles("**/*.nsl")).map(read));
  const watcher = vscode.workspace.createFileSystemWatcher("**/*.nsl");
  watcher.onDidCreate(read);
  watcher.onDidChange(read);
  watcher.onDidDelete((uri) => controller.items.delete(uri.toString()));
  const listeners = [vscode.workspace.onDidOpenTextDocument(edited), vscode.workspace.onDidChangeTextDocument((e) => edited(e.document))];
  vscode.workspace.textDocuments.forEach(edited);
  controller.resolveHandler = (item) => (item ? undefined : everything());
  controller.refreshHandler = everything;
  controller.createRunProfile("Run", vscode.TestRunProfileKind.Run, (request, token) => runTests(controller, request, token), true);
  everything();
  return vscode.Disposable.from(controller, watcher, ...listeners);
}

async function runTests(controller, request, token) {
  const wanted = new Map(); // an item of a file, and the tests of it that are run
  const want = (file, item) => {
    if (request.exclude?.includes(item) || request.exclude?.includes(file)) return;
    if (!wanted.has(file)) wanted.set(file, new Set());
    wanted.get(file).add(item);
  };
  for (const item of request.include ?? [...controller.items].map(([, file]) => file)) {
    if (item.parent) want(item.parent, item);
    else item.children.forEach((test) => want(item, test));
  }
  const report = controller.createTestRun(request);
  for (const [file, items] of wanted) {
    if (token.isCancellationRequested) break;
    await runFile(report, file, [...items], token);
  }
  report.end();
}

async function runFile(report, file, items, token) {
  const open = vscode.workspace.textDocuments.find((d) => d.uri.toString() === file.uri.toString());
  if (open?.isDirty) await open.save();
  items.forEach((item) => report.started(item));
  const some = items.length < file.children.size ? ["--run", items.map((item) => exactly(item.label)).join("|")] : [];
  const { stdout, stderr } = await run(["test", "--format", "json", ...some, "--", file.uri.fsPath], path.dirname(file.uri.fsPath), token);
  const { tests, failures: others } = events.read(stdout);
  failures.show(file.uri, items.flatMap((item) => tests.get(item.label)?.failures ?? []));
  for (const item of items) {
    const result = tests.get(item.label);
    for (const failure of result?.failures ?? []) report.appendOutput(failure.text.replace(/\r?\n/g, "\r\n"), undefined, item);
    const ms = result && result.seconds * 1000;
    if (result?.status === "passed") report.passed(item, ms);
    else if (result?.status === "failed") report.failed(item, result.failures.map(message), ms);
    else if (result?.status === "skipped" || token.isCancellationRequested) report.skipped(item);
    else report.errored(item, why(others.concat(result?.failures ?? []), stderr), ms);
  }
}

function message(failure) {
  const m = new vscode.TestMessage(failure.message);
  m.location = new vscode.Location(vscode.Uri.file(failure.file), new vscode.Position(failure.line - 1, failure.column - 1));
  return m;
}

/** Why a test did not run to its end. */
function why(failures, stderr) {
  return failures.length ? failures.map(message) : [new vscode.TestMessage(stderr || "nsl said nothing about this test")];
}

module.exports = { activate, deactivate };
