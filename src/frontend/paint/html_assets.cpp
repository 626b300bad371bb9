// SPDX-License-Identifier: MIT
// Style and script of the HTML documents, as they stand in them. The script uses nothing newer than browsers of 2020.
#include "frontend/paint/html_parts.hpp"

namespace trapgate::paint {

// 0.602: the width of a character of the fonts asked for, in em. The picture fills the window, as long as it stays readable.
const std::string_view html_style = R"css(
*{box-sizing:border-box}
html{background:var(--paper);color:var(--text)}
body{margin:0 auto;padding:.6rem 1rem 1rem;width:fit-content;max-width:100%;font:15px/1.4 system-ui,sans-serif}
header{display:flex;flex-wrap:wrap;gap:.4rem .8rem;align-items:center;margin-bottom:.6rem}
h1{flex:1 1 18rem;margin:0;font-size:1.05rem;font-weight:600;color:var(--title)}
nav{display:flex;flex-wrap:wrap;gap:.35rem;align-items:center}
button,select{font:inherit;color:var(--text);background:transparent;border:1px solid var(--frame);border-radius:.35rem;padding:.15rem .6rem;min-height:2rem}
button:hover:enabled,select:hover{border-color:var(--text)}
button:disabled{color:var(--notyet)}
:focus-visible{outline:2px solid var(--ring3);outline-offset:2px}
input[type=range]{width:12rem;max-width:40vw;accent-color:var(--cpu)}
output{min-width:10.5rem;font-variant-numeric:tabular-nums}
#screen{margin:0 auto;width:fit-content;max-width:100%;padding:.2rem 0;white-space:pre;overflow-x:auto;line-height:1.16;line-height:round(down,1.17em,1px);
 font-size:clamp(9px,min((100vw - 3rem)/(var(--columns)*.6025),max(13px,(100vh - 7.5rem)/(var(--rows)*1.17))),26px)}
#screen .fresh{text-decoration:underline;text-decoration-thickness:.12em;text-underline-offset:.14em;font-weight:bold}
#screen .go{cursor:pointer}
#screen .go:hover{text-decoration:underline}
.said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
details{margin-top:.8rem}
summary{cursor:pointer}
h2{font-size:1rem;margin:.8rem 0 .2rem}
#outline{columns:26rem}
#outline section{break-inside:avoid}
#outline ul{margin:0;padding-left:1.2rem}
dialog{color:var(--text);background:var(--paper);border:1px solid var(--frame);border-radius:.5rem;padding:1rem 1.4rem;max-width:34rem}
dialog::backdrop{background:#0008}
dialog td,dialog th{padding:.15rem 1.2rem .15rem 0;text-align:left;vertical-align:top}
kbd{font:inherit;font-weight:bold;border:1px solid var(--frame);border-radius:.25rem;padding:0 .35rem}
noscript p{color:var(--warning)}
@media print{nav,details,dialog{display:none}body{padding:0}}
)css";

const std::string_view html_keys = R"html(<h2 id="keys-title">Keys</h2>
<table>
<tr><th><kbd>→</kbd> <kbd>←</kbd></th><td>one step on, one step back</td></tr>
<tr><th><kbd>Page Down</kbd> <kbd>Page Up</kbd></th><td>ten steps on, ten steps back</td></tr>
<tr><th><kbd>Home</kbd> <kbd>End</kbd></th><td>the first step, the last step</td></tr>
<tr><th><kbd>p</kbd></th><td>play, and pause</td></tr>
<tr><th><kbd>d</kbd></th><td>underline what differs from the step before, or not</td></tr>
<tr><th><kbd>l</kbd></th><td>the panels as lists, one after the other</td></tr>
<tr><th><kbd>t</kbd></th><td>the next theme</td></tr>
<tr><th><kbd>?</kbd></th><td>these keys; <kbd>Esc</kbd> closes them</td></tr>
</table>
<p>A click on a step goes there. The address names the moment: it can be kept and sent.</p>
<form method="dialog"><button>Close</button></form>
)html";

const std::string_view html_script = R"js(
'use strict';
const byId = id => document.getElementById(id);
const data = JSON.parse(byId('data').textContent);
const frames = data.frames, last = frames.length - 1;
const screen = byId('screen'), slider = byId('slider'), theme = byId('theme');
let index = -1, timer = 0, marking = false;

function run([kind, text, tip, target]) {
  const span = document.createElement('span');
  span.className = data.kinds[kind];
  span.textContent = text;
  if (tip >= 0) span.title = data.tips[tip];
  if (target !== undefined) {
    span.dataset.at = target;
    span.classList.add('go');
  }
  return span;
}

function row(number) {
  const line = document.createElement('span');
  line.append(...data.lines[number].map(run), '\n');
  line.dataset.line = number;
  return line;
}

// Only the rows that differ are made anew, so that a selection in the others stays.
function drawRows(rows) {
  rows.forEach((number, y) => {
    const old = screen.children[y];
    if (!old) screen.append(row(number));
    else if (old.dataset.line !== String(number)) old.replaceWith(row(number));
  });
  while (screen.children.length > rows.length) screen.lastChild.remove();
}

function textOf(line) {
  return line === undefined ? [] : [...data.lines[line].map(piece => piece[1]).join('')];
}

// Wraps the characters of a row that were others in the frame before.
function markRow(element, before) {
  let column = 0;
  for (const span of [...element.children]) {
    const pieces = [];
    for (const character of span.textContent) {
      const fresh = character !== (before[column++] || ' ') && character !== ' ';
      const last = pieces[pieces.length - 1];
      if (last && last.fresh === fresh) last.text += character;
      else pieces.push({fresh, text: character});
    }
    if (!pieces.some(piece => piece.fresh)) continue;
    span.replaceChildren(...pieces.map(({fresh, text}) => {
      if (!fresh) return text;
      return Object.assign(document.createElement('span'), {className: 'fresh', textContent: text});
    }));
  }
}

function mark() {
  const rows = frames[index].rows, before = index ? frames[index - 1].rows : rows;
  rows.forEach((number, y) => {
    if (screen.children[y].querySelector('.fresh')) screen.children[y].replaceWith(row(number));
    if (marking && number !== before[y]) markRow(screen.children[y], textOf(before[y]));
  });
}

function toggleMarks() {
  marking = !marking;
  mark();
}

function drawOutline(parts) {
  byId('outline').replaceChildren(...parts.map(([label, lines]) => {
    const section = document.createElement('section'), head = document.createElement('h2'), list = document.createElement('ul');
    head.textContent = label;
    list.append(...lines.map(line => Object.assign(document.createElement('li'), {textContent: data.texts[line]})));
    section.append(head, list);
    return section;
  }));
  byId('panels').hidden = parts.length === 0;
}

function show(wanted) {
  const next = Math.min(Math.max(wanted, 0), last);
  if (next === index) return;
  index = next;
  const frame = frames[index];
  drawRows(frame.rows);
  mark();
  drawOutline(frame.outline);
  document.title = byId('title').textContent = frame.title;
  screen.setAttribute('aria-label', frame.title);
  byId('place').textContent = `${index + 1} of ${frames.length} \u00b7 ${frame.at}`;
  byId('caption').textContent = `${frame.at}: ${frame.caption}`;
  slider.value = index;
  slider.setAttribute('aria-valuetext', frame.at);
  byId('first').disabled = byId('back').disabled = index === 0;
  byId('step').disabled = byId('last').disabled = index === last;
  if (index === last) pause();
  history.replaceState(null, '', '#' + frame.at);
}

function pause() {
  clearInterval(timer);
  timer = 0;
  byId('play').textContent = 'Play';
}

function play() {
  if (timer) return pause();
  if (index === last) show(0);
  timer = setInterval(() => show(index + 1), 900);
  byId('play').textContent = 'Pause';
}

function go(wanted) {
  pause();
  show(wanted);
}

function indexOf(at) {
  return frames.findIndex(frame => frame.at === at);
}

function fromAddress() {
  const at = decodeURIComponent(location.hash.slice(1)), found = indexOf(at);
  if (found >= 0) show(found);
  else if (index < 0) show(Number(byId('data').dataset.start));
  else history.replaceState(null, '', '#' + frames[index].at);
}

function setTheme(name) {
  theme.value = name;
  document.documentElement.dataset.theme = name;
}

function nextTheme() {
  setTheme(theme.options[(theme.selectedIndex + 1) % theme.options.length].value);
}

const keys = {
  ArrowRight: () => go(index + 1),
  ArrowLeft: () => go(index - 1),
  PageDown: () => go(index + 10),
  PageUp: () => go(index - 10),
  Home: () => go(0),
  End: () => go(last),
  p: play,
  d: toggleMarks,
  t: nextTheme,
  l: () => byId('panels').open = !byId('panels').open,
  '?': () => byId('keys').showModal(),
};

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey || byId('keys').open || event.target === theme) return;
  if (!Object.prototype.hasOwnProperty.call(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});
screen.addEventListener('click', event => {
  const target = event.target.closest('[data-at]');
  if (target && getSelection().isCollapsed) go(indexOf(target.dataset.at));
});
byId('first').onclick = keys.Home;
byId('back').onclick = keys.ArrowLeft;
byId('step').onclick = keys.ArrowRight;
byId('last').onclick = keys.End;
byId('play').onclick = play;
byId('help').onclick = keys['?'];
slider.oninput = () => go(Number(slider.value));
theme.onchange = () => setTheme(theme.value);
window.addEventListener('hashchange', fromAddress);

slider.max = last;
screen.replaceChildren();
fromAddress();
)js";

} // namespace trapgate::paint
