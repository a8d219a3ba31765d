// Failures of tests as problems of the editor, each with a quick fix where nsl proposes statements. They are
// removed when the text changes, for their places are those of the run.
"use strict";
const vscode = require("vscode");

let collection;
const fixes = new WeakMap(); // of a diagnostic, the edit

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
  fixes.set(d, failure.fix);
  return d;
}

/** The edits that nsl proposes for what failed. */
function provideCodeActions(document, range) {
  const list = [];
  for (const d of collection.get(document.uri) ?? []) {
    const fix = fixes.get(d);
    if (!fix || !d.range.intersection(range)) continue;
    const action = new vscode.CodeAction(`Write ${fix.text.trim().replace(/\n\s*/g, "; ")} before it`, vscode.CodeActionKind.QuickFix);
    action.edit = new vscode.WorkspaceEdit();
    action.edit.replace(document.uri, new vscode.Range(fix.line - 1, fix.column - 1, fix.end_line - 1, fix.end_column - 1), fix.text);
    action.diagnostics = [d];
    list.push(action);
  }
  return list;
}

module.exports = { shown, show };
