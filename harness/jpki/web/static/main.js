// The phone on the page: it shows what the server tells, and sends what its user does.

import { button, el, post, words } from "./dom.js";
import { orderOrSay, showHoldings } from "./holdings.js";
import { FUNCTIONS } from "./names.js";
import { Screens } from "./screens.js";
import { Traffic } from "./traffic.js";

const $ = id => document.getElementById(id);

class Phone {
  constructor(facts) {
    this.facts = facts;
    this.state = { phones: [], jlis: [], elements: [] };
    this.typed = {};
    this.running = null;
    this.number = 0;
    this.section = null;
    this.screens = new Screens($("screen"), this);
    this.traffic = new Traffic($("exchanges"));
  }

  get name() { return $("phones").value; }

  mine() { return this.state.phones.find(one => one.name === this.name); }

  cardHint() { return this.facts.residents.find(one => one.name === $("residents").value)?.password; }

  // -- what its user does ---------------------------------------------------------------------------------------------

  async start(functionName, more = {}, typed = {}) {
    this.typed = typed;
    this.section = null;
    this.screens.waiting();
    const wish = { function: functionName, phone: this.name, resident: $("residents").value, ...more };
    const { ok, told } = await post("/start", wish);
    if (!ok) this.screens.failed({ kind: "refused", ...told });
  }

  async answer(answer) {
    this.notify();
    this.screens.waiting();
    const { ok, told } = await post("/answer", { number: this.number, answer });
    if (!ok) this.screens.failed({ kind: "refused", ...told });
  }

  giveUp() { this.notify(); this.screens.waiting(); post("/give-up"); }

  notify(ja, en, open) {
    $("push").replaceChildren(...(ja ? [button(`通知: ${ja}`, en, () => { this.notify(); open(); })] : []));
  }

  // -- what the server tells ------------------------------------------------------------------------------------------

  hear(event) {
    switch (event.type) {
      case "begin": return this.begins(event);
      case "section": return this.enters(event.name);
      case "sent": return this.traffic.sent(event);
      case "answered": return this.traffic.answered(event);
      case "prompt": return this.asked(event);
      case "end": return this.ends(event);
      case "state": return this.holds(event);
      default: return this.settles(event);
    }
  }

  begins(event) {
    this.running = event.function;
    $("phones").value = event.phone;
    $("phones").disabled = $("residents").disabled = true;
    this.traffic.begin();
    const [ja, en] = FUNCTIONS[event.function] ?? [event.function, event.function];
    this.traffic.title({ ja: `${event.phone}: ${ja}`, en });
    this.screens.waiting();
  }

  enters(name) {
    this.section = name;
    this.traffic.title(name);
    $("progress")?.replaceChildren(...words(name));
  }

  asked(event) {
    this.prompt = event.prompt;
    this.number = event.number;
    const { is, text } = event.prompt;
    if (is === "agree" && text === this.typed.terms) return this.answer(true);
    return this.screens.prompt(event.prompt);
  }

  ends(event) {
    const was = this.running;
    this.running = this.prompt = null;
    this.typed = {};
    this.notify();
    if (event.good) this.screens.done(was, event.result); else this.screens.failed(event);
  }

  holds(event) {
    this.state = { ...this.state, ...event };
    showHoldings($("parties"), this.state);
    if (!this.running && ["home", undefined].includes($("screen").dataset.screen)) this.screens.home();
    if (!this.running) this.announce();
  }

  settles(event) {
    if (event.type !== "ready") return;
    $("phones").disabled = $("residents").disabled = false;
    this.announce();
  }

  announce() {
    const arrived = this.mine()?.arrived ?? [];
    if (arrived.includes("remove")) {
      this.notify("電子証明書の削除の通知が届いています", "an order to delete certificates has arrived",
        () => this.start("collect"));
    } else if (arrived.includes("issued")) {
      this.notify("電子証明書の発行が完了しました", "the certificates are issued", () => this.screens.register());
    } else this.notify();
  }

  changed() {
    this.notify();
    this.announce();
    this.screens.home();
  }
}

async function begin() {
  const facts = await (await fetch("/facts")).json();
  $("phones").append(...facts.phones.map(name => el("option", {}, name)));
  $("residents").append(...facts.residents.map(one => el("option", {}, one.name)));
  const phone = new Phone(facts);
  $("phones").addEventListener("change", () => phone.changed());
  $("residents").addEventListener("change", () => phone.changed());
  $("clear").addEventListener("click", () => phone.traffic.clear());
  $("look").addEventListener("click", () => orderOrSay("/look"));
  for (const kind of ["message", "apdu"]) {
    $(`show-${kind}`).addEventListener("change", event =>
      $("exchanges").classList.toggle(`hide-${kind}`, !event.target.checked));
  }
  const events = new EventSource("/events");
  events.addEventListener("message", message => phone.hear(JSON.parse(message.data)));
}

begin();
