// Makes pages quicker to use; each works without it.
"use strict";

const say = (text) => { const live = document.getElementById("live"); if (live) live.textContent = text; };

// A form with data-swap="#part" is sent in the background, and that part of the answer takes the place of the one here.
async function swap(form, submitter) {
  const part = document.querySelector(form.dataset.swap);
  const body = new URLSearchParams(new FormData(form, submitter));
  const buttons = [...form.querySelectorAll("button")];
  buttons.forEach((button) => { button.disabled = true; });
  part.setAttribute("aria-busy", "true");
  say("Working…");
  try {
    const url = form.method === "get" ? form.action.split("?")[0] + "?" + body : form.action;
    const answer = await fetch(url, form.method === "get" ? {} : { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const made = page.querySelector(form.dataset.swap);
    const failure = page.querySelector("main .note.bad");
    if (made) part.replaceChildren(...made.childNodes);
    else if (failure) part.replaceChildren(failure);
    else window.location.reload();
    if (form.method === "get" && made) window.history.replaceState(null, "", url);
    const lead = part.querySelector(".lead, .note");
    say(lead ? lead.textContent : "Done");
    prepare(part);
  } catch {
    say("The server did not answer; try again.");
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
    part.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.swap && document.querySelector(form.dataset.swap)) {
    event.preventDefault();
    swap(form, event.submitter);
  }
});

// "/" goes to the field of a page that is asked most.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector("[data-slash]");
  if (field) { event.preventDefault(); field.focus(); field.select(); }
});

// A slider with data-sends sends its form when it is let go; what it stands at is told beside it.
function prepare(root) {
  root.querySelectorAll("input[type=range]").forEach((slider) => {
    const told = document.getElementById(slider.dataset.output);
    slider.addEventListener("input", () => { if (told) told.textContent = Number(slider.value).toLocaleString("en"); });
    if ("sends" in slider.dataset) slider.addEventListener("change", () => slider.form.requestSubmit());
  });
  root.querySelectorAll("svg[data-graph]").forEach(graph);
  root.querySelectorAll("[data-hides]").forEach(hide);
}

// What was opened for a purpose does not stay on the screen when its reader has turned away.
function hide(part) {
  const away = () => {
    part.remove();
    say("What was opened is hidden again.");
  };
  document.addEventListener("visibilitychange", () => { if (document.hidden) away(); }, { once: true });
  window.addEventListener("pagehide", away, { once: true });
}

// A part with data-poll is fetched anew while something in it is under way and nobody is busy within it.
async function poll(id) {
  const part = document.getElementById(id);
  if (!part || !part.dataset.poll) return;
  await new Promise((resolve) => { setTimeout(resolve, Number(part.dataset.poll)); });
  if (!document.hidden && !part.contains(document.activeElement)) {
    try {
      const answer = await fetch(window.location.href);
      const made = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
      if (made) part.replaceWith(document.adoptNode(made));
    } catch { /* The server is away; the next round tries again. */ }
  }
  poll(id);
}

// The graph: pointing at a node or reaching it with the keyboard shows what it is linked to; wheel and drag move it.
function graph(svg) {
  const nodes = [...svg.querySelectorAll("[data-node]")];
  const edges = [...svg.querySelectorAll("[data-a]")];
  const light = (id) => {
    const near = new Set([id]);
    edges.forEach((edge) => {
      const touches = !id || edge.dataset.a === id || edge.dataset.b === id;
      edge.classList.toggle("faint", !touches);
      if (touches) { near.add(edge.dataset.a); near.add(edge.dataset.b); }
    });
    nodes.forEach((node) => node.classList.toggle("faint", Boolean(id) && !near.has(node.dataset.node)));
  };
  nodes.forEach((node) => {
    node.addEventListener("pointerenter", () => light(node.dataset.node));
    node.addEventListener("focusin", () => light(node.dataset.node));
    node.addEventListener("pointerleave", () => light(""));
    node.addEventListener("focusout", () => light(""));
  });
  const whole = svg.viewBox.baseVal;
  const first = [whole.x, whole.y, whole.width, whole.height];
  const zoom = (factor, x, y) => {
    const width = Math.min(first[2], Math.max(first[2] / 12, whole.width * factor));
    const share = width / whole.width;
    whole.x = x - (x - whole.x) * share; whole.y = y - (y - whole.y) * share;
    whole.width = width; whole.height = width * first[3] / first[2];
  };
  const at = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    const point = at(event);
    zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, point.x, point.y);
  }, { passive: false });
  let from = null;
  svg.addEventListener("pointerdown", (event) => { if (!event.target.closest("a")) { from = at(event); svg.setPointerCapture(event.pointerId); } });
  svg.addEventListener("pointermove", (event) => { if (from) { const to = at(event); whole.x += from.x - to.x; whole.y += from.y - to.y; } });
  svg.addEventListener("pointerup", () => { from = null; });
  document.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    if (button.dataset.zoom === "all") [whole.x, whole.y, whole.width, whole.height] = first;
    else zoom(button.dataset.zoom === "in" ? 1 / 1.4 : 1.4, whole.x + whole.width / 2, whole.y + whole.height / 2);
  }));
}

// What only a script can do is shown only where there is one.
document.querySelectorAll("[data-scripted]").forEach((part) => { part.hidden = false; });
prepare(document);
// On a narrow screen the menu is one row; the page that is open stands in it where it can be seen.
const here = document.querySelector(".side a[aria-current]"), side = document.querySelector(".side");
if (here && side.scrollWidth > side.clientWidth) side.scrollLeft = here.getBoundingClientRect().left - side.clientWidth / 3;
document.querySelectorAll("[data-poll]").forEach((part) => poll(part.id));
