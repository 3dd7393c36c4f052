// Fields of the screens: passwords with their rules, typed once or twice.

import { el, t } from "./dom.js";
import { PINS, RULES } from "./names.js";

let count = 0;

export function password(ja, en, { hint = null, slot = "signing" } = {}) {
  const id = `field-${++count}`, rule = RULES[slot];
  const input = el("input", { id, type: "password", autocomplete: "off", autocapitalize: "characters",
    inputmode: slot === "authentication" ? "numeric" : "text", maxlength: 16, "aria-describedby": `${id}-rule` });
  const label = el("label", { for: id }, t(ja, en));
  const told = el("p", { class: "dim", id: `${id}-rule` }, t(rule.ja, rule.en), hint && el("span", {}, ` ${hint}`));
  return { input, node: el("div", { class: "field" }, label, input, told), good: () => rule.form.test(input.value) };
}

// A form with one main button: Enter sends it, and what is wrong is told beside it and to screen readers.
export function form(nodes, ja, en, submit) {
  const fault = el("p", { class: "fault", role: "alert" });
  const send = el("button", { type: "submit", class: "main" }, t(ja, en));
  const say = (inJa, inEn, field) => { fault.replaceChildren(...t(inJa, inEn)); field?.focus(); };
  return el("form", { novalidate: true, onsubmit: event => {
    event.preventDefault();
    fault.replaceChildren();
    submit(say);
  } }, nodes, fault, send);
}

export function newPin(slot, submit) {
  const [ja, en] = PINS[slot];
  const first = password(`スマートフォン用 ${ja}`, `new ${en} of the phone`, { slot });
  const second = password("確認のため、もう一度入力してください。", "once more", { slot });
  return form([first.node, second.node], "次へ", "next", say => {
    if (!first.good()) return say(`${RULES[slot].ja}で入力してください。`, `It has ${RULES[slot].en}.`, first.input);
    if (first.input.value !== second.input.value) {
      return say("入力した内容が一致しません。", "The two are not the same.", second.input);
    }
    return submit(first.input.value);
  });
}

export function presentPin(slot, submit) {
  const field = password(...PINS[slot], { slot });
  return form([field.node], "次へ", "next", say => {
    if (!field.good()) return say(`${RULES[slot].ja}で入力してください。`, `It has ${RULES[slot].en}.`, field.input);
    return submit(field.input.value);
  });
}
