// Counts while the box is away, and leads back as soon as it answers. Where it can't be
// asked (another address, or a certificate that the browser does not trust yet: every fetch
// fails then), it leaves a little later all the same. Without scripts a refresh does that.
"use strict";

const page = document.getElementById("waiting");
const passed = document.getElementById("passed");
const progress = document.getElementById("progress");
const state = document.getElementById("state");
const { target, poll, over } = page.dataset;
const seconds = Number(page.dataset.seconds);
const leave = Number(page.dataset.leave);
const began = performance.now();
let asking = false;

// A reload would send the form again.
history.replaceState(null, "", "/management/admin/");
document.getElementById("count").hidden = false;

function go() {
  clearInterval(timer);
  location.assign(target);
}

async function ask() {
  asking = true;
  try {
    const answer = await fetch(poll, { cache: "no-store", credentials: "omit" });
    if (answer.ok) return go();
  } catch {
    // Not back yet, or not trusted yet: from here they look the same.
  }
  asking = false;
}

function tick() {
  const since = (performance.now() - began) / 1000;
  passed.textContent = String(Math.floor(since));
  progress.value = Math.min(since, progress.max);
  if (since < seconds) return;
  if (state.textContent !== over) {
    state.textContent = over;
    document.getElementById("go").classList.add("primary");
  }
  if (since >= leave) go();
  else if (poll && !asking) ask();
}

const timer = setInterval(tick, 250);
tick();
