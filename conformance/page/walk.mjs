// Walks through the page of `demo` as somebody without a mouse does: walk.mjs PROGRAM CHROMIUM [FOLDER]
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [program, executablePath, folder] = process.argv.slice(2);
const wrong = [];
const check = (what, holds, more = "") => {
  console.log(`${holds ? "ok  " : "FAIL"} ${what}${holds || more === "" ? "" : `: ${more}`}`);
  if (!holds) wrong.push(what);
};
const same = (what, found, wanted) => check(what, JSON.stringify(found) === JSON.stringify(wanted), JSON.stringify({ found, wanted }));

const demo = spawn(program, ["demo", "--scale", "0.1", "--port", "0"], { stdio: ["ignore", "ignore", "pipe"] });
const lines = createInterface({ input: demo.stderr });
const base = await new Promise((resolve, reject) => {
  lines.on("line", (line) => line.startsWith("page ") && resolve(line.slice("page ".length)));
  demo.on("exit", (code) => reject(new Error(`the demonstration ended with ${code}`)));
});
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

const picture = async (page, name) => {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
};

/** What has the focus: its id, or what else it is known by. */
const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    return at.id || at.getAttribute("href") || `${at.tagName.toLowerCase()}.${at.className}`;
  });

async function keyboard(page) {
  await page.evaluate(() => document.activeElement.blur());
  const stops = [];
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press("Tab");
    const stop = await focused(page);
    if (stop === "body." || stops.includes(stop)) break;
    stops.push(stop);
    const visible = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
    check(`the focus is seen on ${stop}`, visible);
  }
  const wanted = ["#main", "nb", "en", "theme", "viewer", "cohortSummary", "trust", "enrolled", "div.scroll"];
  same("Tab reaches each control, in the order of the page", stops, wanted);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  same("the first link leads to the content", await focused(page), "main");
}

async function languages(page) {
  const missing = await page.evaluate("[...new Set([...Object.keys(WORDS.nb), ...Object.keys(WORDS.en)])].filter((key) => !(key in WORDS.nb && key in WORDS.en))");
  same("each word is in both languages", missing, []);
  for (const [language, heading] of [["en", "IMPRESS gateway: demonstration"], ["nb", "IMPRESS-gateway: demonstrasjon"]]) {
    await page.focus(`#${language}`);
    await page.keyboard.press("Enter");
    same(`the page says that it is in ${language}`, await page.evaluate(() => document.documentElement.lang), language);
    same(`the heading is in ${language}`, await page.textContent("h1"), heading);
    same(`the button of ${language} says that it is chosen`, await page.getAttribute(`#${language}`, "aria-pressed"), "true");
    const other = await page.evaluate("[...document.querySelectorAll('[data-t]')].filter((part) => part.textContent !== word(part.dataset.t)).map((part) => part.dataset.t)");
    same(`nothing is left in another language than ${language}`, other, []);
    await picture(page, `closed-${language}`);
  }
}

async function figures(page) {
  const rows = await page.$$eval("#funnel tr", (rows) => rows.map((row) => [...row.cells].slice(1, 3).map((cell) => cell.textContent)));
  same("six steps are counted", rows.length, 6);
  for (const [received, drawn] of rows) same("what was received is what was drawn", received, drawn);
  const shares = await page.$$eval("#funnel tr", (rows) => rows.map((row) => row.cells[3].textContent));
  same("control has its own denominator, and its figure", shares[5], "40,0 % av evaluerbare");
  for (const table of await page.$$("table")) {
    const heads = await table.$$eval("thead th", (cells) => cells.every((cell) => cell.scope === "col"));
    const hasCaption = await table.$eval("caption", (caption) => caption.textContent.trim().length > 0);
    check("a table has heads and a caption", heads && hasCaption);
  }
  const squares = await page.$$eval("#lanes .square", (squares) => squares.length);
  const cohorts = await page.$$eval("#cohorts tr", (rows) => rows.length);
  same("the plot has a square for each cohort", squares, cohorts);
}

/** Each trust by keyboard; no subject of one is shown for another. */
async function trusts(page) {
  const seen = new Map();
  await page.uncheck("#enrolled");
  for (const id of await page.$$eval("#trust option", (options) => options.map((option) => option.value))) {
    await page.focus("#trust");
    for (let step = 0; step < 5 && (await page.inputValue("#trust")) !== id; step += 1) await page.keyboard.press("ArrowDown");
    same(`the trust ${id} can be chosen`, await page.inputValue("#trust"), id);
    const heard = await page.$$eval("#heardEvents tr", (rows) => rows.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent)));
    check(`${id} has heard of each topic what the gateway counts`, heard.length === 4 && heard.every(([heard, counted]) => heard === counted && heard !== "0"), JSON.stringify(heard));
    for (const subject of await page.$$eval("#subjects th", (cells) => cells.map((cell) => cell.textContent))) {
      const letter = subject.split(".")[1][0];
      if (!seen.has(id)) seen.set(id, letter);
      if (seen.get(id) !== letter) check(`${id} sees its own patients only`, false, subject);
    }
    await page.selectOption("#viewer", id);
    await page.waitForFunction(() => [...document.querySelectorAll("#cohorts tr")].every((row) => row.cells[6].textContent === "–"));
    check(`${id} sees no numbers of an interim analysis`, await page.isHidden("#slotsFigure"));
    await picture(page, `trust-${id}`);
  }
  same("each trust has patients of its own", new Set(seen.values()).size, 3);
  await page.selectOption("#viewer", "trial");
  await page.check("#enrolled");
  await page.click("#cohortSummary");
  await picture(page, "cohorts");
}

/** Names of stages and cohorts at a width: none over another one, none cut off, and nothing to scroll to the side for. */
async function widths(page) {
  for (const width of [1280, 800, 380]) {
    await page.setViewportSize({ width, height: 900 });
    for (const language of ["en", "nb"]) {
      await page.click(`#${language}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      same(`a window of ${width} scrolls down only in ${language}`, overflow, 0);
      const bad = await page.evaluate(() => {
        const parts = [...document.querySelectorAll("#lanes .stage, #lanes .howmany, #slots .title, #slots .at, #slots svg, .progress label > span")];
        const boxes = parts.map((part) => {
          const range = document.createRange();
          range.selectNodeContents(part);
          return part.tagName === "svg" ? part.getBoundingClientRect() : range.getBoundingClientRect();
        });
        const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
        const card = document.querySelector("main").getBoundingClientRect();
        const found = [];
        boxes.forEach((box, at) => {
          if (box.left < card.left || box.right > card.right) found.push(`${parts[at].textContent} is cut off`);
          boxes.slice(at + 1).forEach((other, next) => over(box, other) && found.push(`${parts[at].textContent} / ${parts[at + 1 + next].textContent}`));
        });
        return found;
      });
      same(`no name lies over another one at ${width} in ${language}`, bad, []);
      await picture(page, `width-${width}-${language}`);
    }
  }
}

/** Contrast of WCAG 2.2, 1.4.3. */
const contrast = (page) =>
  page.evaluate(() => {
    const light = (colour) => {
      const [r, g, b] = colour.match(/[\d.]+/g).map((part) => Number(part) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const of = (part, behind) => {
      const [one, other] = [light(getComputedStyle(part).color), light(getComputedStyle(behind).backgroundColor)].sort((a, b) => b - a);
      return (one + 0.05) / (other + 0.05);
    };
    const card = document.querySelector("section");
    return [[document.querySelector("h2"), card], ...[".note", "dt", "caption", ".phase", "summary"].map((name) => [document.querySelector(name), card]),
      [document.querySelector("h1"), document.body], [document.querySelector("footer"), document.body]].map(([part, behind]) => of(part, behind));
  });

try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: "nb-NO" });
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && check("nothing is complained about in the console", false, message.text()));
  page.on("pageerror", (error) => check("the script does not fail", false, String(error)));
  page.on("request", (request) => request.url().startsWith(base) || check("nothing is loaded from elsewhere", false, request.url()));
  // A page that is left drops what it still waits for: that says nothing of the server.
  let leaving = false;
  page.on("requestfailed", (request) => (leaving && request.failure()?.errorText === "net::ERR_ABORTED") || check("each request is answered", false, `${request.url()}: ${request.failure()?.errorText}`));
  await page.goto(base);
  await page.waitForFunction(() => document.getElementById("n-referrals").textContent !== "–", null, { timeout: 3000 });
  check("how far it is is said at once", (await page.textContent("#now")).length > 20);
  await picture(page, "first");
  await page.waitForSelector("body[data-ready]");
  await picture(page, "running");
  await page.waitForSelector("#phase[data-phase=closed]", { timeout: 240000 });
  await page.waitForFunction(() => document.querySelector("#funnel tr:last-child td")?.textContent !== "–");
  check("the end is told to a screen reader", (await page.textContent("#live")).includes("Sluttet"));
  // What was asked for before the end is shown once more.
  leaving = true;
  await page.reload();
  leaving = false;
  await page.waitForSelector("body[data-ready]");
  await figures(page);
  await keyboard(page);
  await languages(page);
  await trusts(page);
  for (const theme of ["light", "dark"]) {
    await page.selectOption("#theme", theme);
    const ratios = await contrast(page);
    check(`text can be read on ${theme}`, ratios.every((ratio) => ratio >= 4.5), ratios.map((ratio) => ratio.toFixed(1)).join(" "));
    await picture(page, theme);
  }
  await page.selectOption("#theme", "light");
  await widths(page);
  leaving = true;
} catch (error) {
  check("the walk comes to its end", false, String(error));
} finally {
  await browser.close();
  demo.removeAllListeners("exit");
  demo.kill("SIGTERM");
}
await new Promise((resolve) => (demo.exitCode === null && demo.signalCode === null ? demo.on("exit", resolve) : resolve()));
same("the demonstration stops when it is told", demo.exitCode, 0);
console.log(wrong.length ? `${wrong.length} wrong` : "page: everything as it must be");
process.exit(wrong.length ? 1 : 0);
