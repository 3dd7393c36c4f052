// The messages between the parties, and the commands to the cards, as they happen.

import { el, t, words } from "./dom.js";

const MOST = 600;

export class Traffic {
  constructor(list) {
    this.list = list;
    this.places = new Map();
    this.last = null;
    list.addEventListener("keydown", event => this.move(event));
  }

  // One stop for Tab, however long the list is; arrows go through it, Enter opens what is there.
  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const rows = [...this.list.querySelectorAll("summary")].filter(one => one.checkVisibility());
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? rows.at(step > 0 ? 0 : -1) : rows[at + step];
    next?.focus();
    event.preventDefault();
  }

  clear() {
    this.list.replaceChildren();
    this.begin();
  }

  begin() {
    this.places.clear();
    this.last = null;
  }

  add(item) {
    const atEnd = this.list.scrollTop + this.list.clientHeight >= this.list.scrollHeight - 40;
    this.list.append(item);
    while (this.list.childElementCount > MOST) this.list.firstElementChild.remove();
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  title(name) {
    this.last = null;
    this.add(el("li", { class: "section" }, words(name)));
  }

  sent(event) {
    const key = [event.kind, event.from.en, event.to.en, event.id].join();
    if (event.kind === "apdu" && this.last?.key === key) return this.again(event);
    const count = el("span"), answer = el("span"), asked = el("pre", {}, event.detail), told = el("pre");
    const summary = el("summary", { tabindex: "-1" }, el("b", {}, words(event.name)), count, el("br"),
      el("span", { class: "dim" }, `${event.from.ja} → ${event.to.ja} (${event.id}) `), answer);
    const classes = `${event.kind} d${Math.min(event.depth, 3)}`;
    this.add(el("li", { class: classes, "data-id": event.id }, el("details", {}, summary, asked, told)));
    this.last = { key, count, answer, asked, told, times: 1 };
    this.places.set(event.place, this.last);
  }

  again(event) {
    this.last.times += 1;
    this.last.count.replaceChildren(` ×${this.last.times}`);
    this.last.asked.replaceChildren(event.detail);
    this.places.set(event.place, this.last);
  }

  answered(event) {
    const row = this.places.get(event.place);
    if (!row) return;
    row.answer.replaceChildren(el("span", { class: event.good ? "good" : "bad" }, "← ", words(event.name)),
      ` ${event.ms} ms`);
    row.told.replaceChildren(event.detail);
  }
}
