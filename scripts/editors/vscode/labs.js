// The view of the labs that are running: their nodes, the interfaces of these, and a shell in each.
"use strict";
const vscode = require("vscode");
const events = require("./events.js");

const pollInterval = 2000; // ms, while the view is shown

/**
 * @param {(args: string[]) => Promise<{stdout: string, stderr: string}>} run what nsl prints
 * @param {() => string} program
 */
function view(run, program) {
  const changed = new vscode.EventEmitter();
  const provider = { onDidChangeTreeData: changed.event, getTreeItem: (item) => item, getChildren: (item) => children(run, item) };
  const tree = vscode.window.createTreeView("nslLabs", { treeDataProvider: provider });
  let last = "";
  const look = async () => {
    const { stdout } = await run(["ls"]);
    const now = JSON.stringify(events.labs(stdout).map((lab) => lab.name));
    if (now !== last) changed.fire();
    last = now;
  };
  const timer = setInterval(() => tree.visible && look(), pollInterval);
  const command = (name, does) => vscode.commands.registerCommand(name, does);
  const shell = ({ lab, node }) => vscode.window.createTerminal({ name: `${lab}: ${node}`, shellPath: program(), shellArgs: ["sh", lab, node] }).show();
  const down = async ({ lab }) => {
    const { stderr } = await run(["down", lab]);
    if (stderr) vscode.window.showInformationMessage(stderr);
    changed.fire();
  };
  return vscode.Disposable.from(changed, tree, new vscode.Disposable(() => clearInterval(timer)), command("nsl.shell", shell),
    command("nsl.down", down), command("nsl.labs", () => changed.fire()));
}

async function children(run, item) {
  if (!item) return events.labs((await run(["ls"])).stdout).map(lab);
  if (item.contextValue === "lab") return events.nodes((await run(["show", item.lab])).stdout).map((n) => node(item.lab, n));
  return (item.links || []).map((text) => new vscode.TreeItem(text));
}

function lab({ name, about }) {
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Expanded);
  return Object.assign(item, { id: name, contextValue: "lab", lab: name, tooltip: about, iconPath: new vscode.ThemeIcon("type-hierarchy") });
}

function node(lab, { name, links }) {
  const state = links.length ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None;
  const item = new vscode.TreeItem(name, state);
  return Object.assign(item, { id: `${lab}/${name}`, contextValue: "node", lab, node: name, links, iconPath: new vscode.ThemeIcon("server") });
}

module.exports = { view };
