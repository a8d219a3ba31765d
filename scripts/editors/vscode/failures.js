// Failures of tests as problems of the editor, each with a quick fix where nsl proposes statements. They are
// removed when the text changes, for their places are those of the run.
"use strict";
const vscode = require("vscode");

let collection;
const fixes = new WeakMap(); // of a diagnostic, the statements

/** Begins to show failures, until it is disposed of. */
function shown() {
  collection = vscode.languages.createDiagnosticCollection("nsl test");
  const edited = vscode.workspace.onDidChangeTextDocument((e) => e.contentChanges.length && collection.delete(e.document.uri));
  const provider = vscode.languages.registerCodeActionsProvider("nsl", { provideCodeActions }, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] });
  return vscode.Disposable.from(collection, edited, provider);
}

/** Shows the failures of a file in the place of those before. */
function show(uri, list) {
  collection.set(uri, list.filter((failure) => failure.file === uri.fsPath).map(diagnostic));
}

function diagnostic(failure) {
  const from = new vscode.Position(failure.line - 1, failure.column - 1);
  const d = new vscode.Diagnostic(new vscode.Range(from, from.with(undefined, 1000)), failure.message, vscode.DiagnosticSeverity.Error);
  d.source = "nsl test";
  fixes.set(d, failure.fixes);
  return d;
}

/** The statements of the advice, before the expectation that failed. */
function provideCodeActions(document, range) {
  const list = [];
  for (const d of collection.get(document.uri) ?? []) {
    const statements = fixes.get(d) ?? [];
    if (!statements.length || !d.range.intersection(range)) continue;
    const action = new vscode.CodeAction(`Write ${statements.join(", ")} before it`, vscode.CodeActionKind.QuickFix);
    const indent = document.lineAt(d.range.start.line).text.match(/^\s*/)[0];
    action.edit = new vscode.WorkspaceEdit();
    action.edit.insert(document.uri, d.range.start.with(undefined, 0), statements.map((s) => `${indent}${s}\n`).join(""));
    action.diagnostics = [d];
    list.push(action);
  }
  return list;
}

module.exports = { shown, show };
