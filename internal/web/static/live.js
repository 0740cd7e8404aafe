'use strict';
// Live pages. The server says that something changed; the page is read again,
// and where a part marked data-live differs, just that is changed. What the
// person types, has selected, focused or opened stays as it is.
import { localize } from './time.js';

const retry = 3000; // milliseconds

let source = null; // the stream of news
let offline = 0; // the timer after which the connection counts as lost
let reading = false;
let again = false; // something changed while the page was being read

export function watchLive() {
  if (!environment()) return;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) close();
    else open();
  });
  addEventListener('pagehide', close);
  addEventListener('pageshow', (event) => event.persisted && open());
  open();
}

const environment = () => location.pathname.match(/^\/e\/[^/]+/)?.[0];

function open() {
  if (source || document.hidden) return;
  source = new EventSource(`${environment()}/live`);
  source.addEventListener('state', (event) => {
    lost(false);
    ready(event.data === 'ready');
    refresh();
  });
  source.addEventListener('changed', refresh);
  source.addEventListener('signed-out', () => location.reload());
  source.addEventListener('error', () => {
    lost(true);
    if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    close();
    setTimeout(open, retry);
  });
}

function close() {
  source?.close();
  source = null;
}

// lost shows that the connection is gone, unless it comes back at once.
function lost(yes) {
  clearTimeout(offline);
  const banner = document.getElementById('offline');
  if (!yes) banner.hidden = true;
  else offline = setTimeout(() => { if (!document.hidden) banner.hidden = false; }, 1500);
}

function ready(yes) {
  document.getElementById('unready').hidden = yes;
  const state = document.getElementById('state');
  state.dataset.state = yes ? 'ready' : 'unready';
  state.lastElementChild.textContent = yes ? 'Ready' : 'Not ready';
}

// refresh reads the page again and changes what differs.
export async function refresh() {
  if (document.querySelector('[data-still]')) return; // too much work to be done again and again
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  try {
    do {
      again = false;
      await read();
    } while (again);
  } finally {
    reading = false;
  }
}

async function read() {
  const address = location.href;
  let response;
  try {
    response = await fetch(address, { headers: { Accept: 'text/html' } });
  } catch {
    return; // the stream says that the connection is lost
  }
  if (response.redirected && new URL(response.url).pathname === '/sign-in') {
    location.reload();
    return;
  }
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (address !== location.href) { // searched or paged meanwhile
    again = true;
    return;
  }
  localize(page);
  steady(() => {
    for (const part of page.querySelectorAll('[data-live]')) {
      const here = document.getElementById(part.id);
      if (here && !here.classList.contains('htmx-request')) merge(here, part);
    }
  });
}

// steady keeps what is in view where it is while something is added above.
// Browsers do so themselves, but not for the rows of a table that can scroll.
function steady(change) {
  const top = (element) => element.getBoundingClientRect().top;
  const bar = document.querySelector('.topbar').offsetHeight;
  const seen = scrollY > 0 &&
    [...document.querySelectorAll('[data-fresh] > [id]')].find((element) => top(element) >= bar);
  const before = seen && top(seen);
  change();
  if (seen && seen.isConnected) scrollBy({ top: top(seen) - before, behavior: 'instant' });
}

// mergePart makes the part of this page that has the id like the one in a page
// that came.
export function mergePart(text, id) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const there = page.getElementById(id);
  const here = document.getElementById(id);
  if (!there || !here) return false;
  localize(page);
  merge(here, there);
  return true;
}

// merge makes here like there, touching only what differs. Elements with an id
// are the same where their ids are; others where their place and kind are.
function merge(here, there) {
  if (here.isEqualNode(there)) return;
  for (const { name } of [...here.attributes]) {
    if (!there.hasAttribute(name) && !ours(name)) here.removeAttribute(name);
  }
  for (const { name, value } of there.attributes) {
    if (here.getAttribute(name) !== value && !ours(name)) here.setAttribute(name, value);
  }
  const classes = [...there.classList, ...[...here.classList].filter(passing)].join(' ');
  if (here.getAttribute('class') !== null || classes) here.setAttribute('class', classes);
  mergeChildren(here, there);
  if (here !== document.activeElement) mirror(here, there);
}

// mirror makes a field say what the other says. What
// the person types stays as it is.
function mirror(here, there) {
  if (here instanceof HTMLSelectElement || here instanceof HTMLTextAreaElement) {
    if (here.value !== there.value) here.value = there.value;
  } else if (here instanceof HTMLInputElement && here.type !== 'file') {
    if (here.value !== there.value) here.value = there.value;
    if (here.checked !== there.checked) here.checked = there.checked;
  }
}

// ours reports whether scripts set the attribute, and not the server.
const ours = (name) => name === 'class' || name === 'aria-expanded' || name === 'open';

// passing reports whether a class comes and goes by itself.
const passing = (name) => name === 'fresh' || name.startsWith('htmx-');

function mergeChildren(here, there) {
  const wanted = new Set([...there.children].map((child) => child.id).filter(Boolean));
  let at = here.firstChild;
  for (const child of [...there.childNodes]) {
    while (at?.id && !wanted.has(at.id)) at = remove(at);
    const same = child.id ? [...here.children].find((old) => old.id === child.id) : alike(at, child);
    if (!same) {
      fresh(here, here.insertBefore(document.adoptNode(child), at));
      continue;
    }
    if (same !== at) here.insertBefore(same, at);
    else at = at.nextSibling;
    if (same.nodeType === Node.ELEMENT_NODE) merge(same, child);
    else if (same.nodeValue !== child.nodeValue) same.nodeValue = child.nodeValue;
  }
  while (at) at = remove(at);
}

function alike(old, wanted) {
  if (!old || old.id || old.nodeName !== wanted.nodeName) return null;
  return kind(old) === kind(wanted) ? old : null;
}

const kind = (node) => [...(node.classList ?? [])].filter((name) => !passing(name)).join(' ');

function remove(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

// fresh brings a new element to life, and to the eye.
function fresh(parent, element) {
  if (element.nodeType !== Node.ELEMENT_NODE) return;
  htmx.process(element);
  if (!parent.dataset.fresh) return;
  element.classList.add('fresh');
  element.addEventListener('animationend', () => element.classList.remove('fresh'), { once: true });
  document.getElementById('news').textContent = `New ${parent.dataset.fresh}: ${element.textContent.trim().slice(0, 80)}`;
}
