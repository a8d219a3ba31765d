// usage: node drive.js URL DIRECTORY [PICTURES]
// Does in VS Code, in a browser, what a person would do with the extension: DIRECTORY is the folder
// that is open, and has lab.nsl. It fails if something does not come, and leaves pictures of it.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");

const [url, directory, pictures] = process.argv.slice(2);
const script = path.join(directory, "lab.nsl");
const wait = 60_000;
let page;

/** The lines of the editor that have a text. */
const line = (text) => page.locator(".editor-instance .view-line").filter({ hasText: text });

async function picture(name) {
  const file = path.join(pictures, `${name}.png`);
  await page.screenshot({ path: file });
}

async function command(name) {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-box input");
  await input.fill(`>${name}`);
  await page.locator(".quick-input-list .monaco-list-row.focused").filter({ hasText: name }).first().waitFor();
  await page.keyboard.press("Enter");
}

/** Puts the cursor to a place, both numbers from 1. */
async function go(lineNumber, column) {
  await page.keyboard.press("Control+g");
  await page.locator(".quick-input-box input").fill(`:${lineNumber}:${column}`);
  await page.keyboard.press("Enter");
  await page.locator(".statusbar-item").filter({ hasText: `Ln ${lineNumber}, Col ${column}` }).waitFor();
}

const steps = {
  async "a squiggle under bleu"() {
    await page.locator(".squiggly-error").first().waitFor();
    await picture("squiggle");
  },

  async "a quick fix"() {
    await go(4, 14);
    await proposed("Write blue");
    await picture("quick-fix");
    await page.keyboard.press("Enter"); // the only one is chosen
    await line("link r1 <-> blue").waitFor();
    await page.locator(".squiggly-error").first().waitFor({ state: "detached" });
    await saved("r1 <-> blue");
  },

  async "a hover with ip link add"() {
    await line("link red <-> r1").locator("span").filter({ hasText: "link" }).last().hover();
    await page.locator(".monaco-hover").filter({ hasText: "ip link add" }).first().waitFor();
    await picture("hover");
    await page.keyboard.press("Escape");
  },

  async "a red test, and its reason"() {
    await command("Testing: Focus on Test Explorer View");
    await page.locator(".test-explorer .monaco-list-row").filter({ hasText: "lab.nsl" }).first().waitFor();
    await command("Test: Run All Tests");
    await page.locator(".test-explorer .codicon-testing-failed-icon, .test-explorer .codicon-testing-error-icon").first().waitFor();
    await page.locator(".test-explorer .monaco-list-row").filter({ hasText: "lab.nsl" }).first().click();
    await page.keyboard.press("ArrowRight");
    await page.locator(".test-explorer .monaco-list-row").filter({ hasText: "red reaches blue" }).first().click();
    await page.getByText("IP forwarding is off on r1").first().waitFor();
    await picture("test");
    await command("View: Hide Panel");
  },

  async "the fix of a failure"() {
    await go(13, 10);
    await page.keyboard.press("Escape"); // the peek at the failure
    await proposed(/forward r1/);
    await page.keyboard.press("Enter");
    await line("forward r1").first().waitFor();
    await saved("forward r1");
    await command("Test: Run All Tests");
    await page.locator(".test-explorer .codicon-testing-passed-icon").nth(2).waitFor();
  },

  async "the labs that are running"() {
    await command("nsl: Keep the lab of the script running");
    await command("Explorer: Focus on nsl labs View");
    const node = page.locator(".tree-explorer-viewlet-tree-view .monaco-list-row").filter({ hasText: "r1" });
    await node.waitFor();
    await node.hover();
    await node.locator(".action-label.codicon-terminal").click();
    const rows = page.locator(".terminal-wrapper.active .xterm-rows");
    await rows.filter({ hasText: "[lab r1]" }).waitFor();
    await page.keyboard.type("ip -br -4 addr\n");
    await rows.filter({ hasText: "10.0.1.2/24" }).waitFor();
    await picture("labs");
  },
};

/** Has the editor propose a fix, which it may only do when the server has answered. */
async function proposed(fix) {
  const item = page.locator(".action-widget .monaco-list-row.focused").filter({ hasText: fix });
  for (const deadline = Date.now() + wait; ; ) {
    await page.keyboard.press("Control+.");
    try {
      return await item.waitFor({ timeout: 5000 });
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await page.keyboard.press("Escape");
  }
}

/** Saves the script, and waits until the file has a text. */
async function saved(text) {
  await page.keyboard.press("Control+s");
  const deadline = Date.now() + wait;
  while (!fs.readFileSync(script, "utf8").includes(text)) {
    if (Date.now() > deadline) throw new Error(`${text} is not saved`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function main() {
  const browser = await chromium.launch({
    executablePath: process.env.NSL_CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });
  page = await browser.newPage({ viewport: { width: 1000, height: 560 } });
  page.setDefaultTimeout(wait);
  const { host } = new URL(url);
  const open = JSON.stringify([["openFile", `vscode-remote://${host}${script}`]]);
  await page.goto(`${url}?folder=${encodeURIComponent(directory)}&payload=${encodeURIComponent(open)}`);
  try {
    await line("ns red r1 blue").waitFor();
    for (const [name, step] of Object.entries(steps)) {
      await step();
      console.log(`ok ${name}`);
    }
  } catch (error) {
    await picture("failed");
    throw error;
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
