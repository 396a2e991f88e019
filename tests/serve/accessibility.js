// What is wrong with a page for people who read it by ear, by keyboard or with weak eyes; an empty list when nothing is.
(() => {
  const wrong = [];
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  if (document.querySelectorAll("h1").length !== 1) wrong.push("one h1 is needed");
  for (const mark of ["main", "header", "nav[aria-label]"]) if (!document.querySelector(mark)) wrong.push("no " + mark);
  if (!document.documentElement.lang) wrong.push("no language");
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!field.labels.length && !field.getAttribute("aria-label")) wrong.push("no label: " + field.name);
  for (const image of document.images) if (!image.hasAttribute("alt")) wrong.push("no alt: " + image.src);
  for (const e of document.querySelectorAll("[tabindex]")) if (e.tabIndex > 0) wrong.push("tabindex above 0");
  for (const e of document.querySelectorAll("a[href], button"))
    if (!(e.textContent.trim() || e.getAttribute("aria-label"))) wrong.push("no name: " + e.outerHTML.slice(0, 80));
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push("id twice: " + id);
  if (document.documentElement.scrollWidth > window.innerWidth + 1) wrong.push("wider than the window");
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (text) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; }
    return [255, 255, 255, 255];
  };
  const seen = new Set();
  for (const e of document.querySelectorAll("body *")) {
    const says = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!says || !shown(e) || e.closest("svg, .quiet, option, noscript, script")) continue;
    const colour = getComputedStyle(e).color, back = ground(e);
    const [a, b] = [light(rgba(colour)), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5 && !seen.has(colour + back)) { seen.add(colour + back); wrong.push(`contrast ${ratio.toFixed(2)}: ${e.className || e.tagName}`); }
  }
  return wrong;
})()
