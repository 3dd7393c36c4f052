// Who holds what: phones, TSMs, J-LIS, push.

import { el, post, t } from "./dom.js";
import { CONDITIONS, FUNCTIONS, MEANS, PHASES, SLOTS, STAGES } from "./names.js";

const slots = list => list.map(one => SLOTS[one][0]).join("、");
const short = serial => (serial ? el("code", {}, serial) : "–");

function phone(one) {
  return el("div", { class: "card" },
    el("p", {}, el("b", {}, one.name), ": ", t(...PHASES[one.phase])),
    one.pending && el("p", { class: "bad" }, t(...(STAGES[one.stage] ?? ["中断中", "interrupted"])), ": ",
      t(...FUNCTIONS[one.pending])),
    one.registered.length > 0 && el("p", {}, t("登録済みの認証方式", "registered"), ": ",
      one.registered.map(name => t(...MEANS[name]))),
    one.slots.map(slot => el("p", {}, SLOTS[slot.slot][0], ": ", t(...CONDITIONS[slot.condition]),
      ` ${slot.until ?? ""} `, short(slot.serial), ` 残り${slot.tries}回`)),
    one.slots.length === 0 && el("p", { class: "dim" }, t("電子証明書なし", "no certificates")));
}

function table(heads, rows) {
  return el("div", { class: "wide" }, el("table", {}, el("thead", {}, el("tr", {}, heads.map(one => el("th", {}, one)))),
    el("tbody", {}, rows.map(row => el("tr", {}, row.map(cell => el("td", {}, cell)))))));
}

function keys(element) {
  return element.sp_tsm.keys.map(key => el("p", {}, SLOTS[key.slot][0], " ", short(key.serial), ` ${key.user} `,
    el("button", { type: "button", "aria-label": `遠隔削除 / remote deletion: ${key.serial}`,
      onclick: () => orderOrSay("/order-away", { serial: key.serial }) }, t("遠隔削除", "delete remotely"))));
}

// What is refused is said above the list, and to screen readers.
export async function orderOrSay(path, content) {
  const { ok, told } = await post(path, content);
  document.getElementById("refusal").replaceChildren(...(ok ? [] : [...t("できませんでした。", "It was refused:"),
    el("span", { lang: "en" }, ` ${told.text} ${told.hint ?? ""}`)]));
}

function elements(list) {
  const messages = one => one.push.messages.map(name => el("p", { class: "bad" }, short(`${name}…`)));
  const orders = one => one.sp_tsm.removals.map(order => el("p", { class: "bad" }, `削除: ${slots(order.slots)}`));
  return [
    el("h3", {}, "SEI-TSM"),
    table(["SE-ID", "電話", "状態"], list.map(one => [short(one.se_id), one.phone,
      one.sei_tsm.touched ? t("格納を扱った", "has worked on it") : t("出荷時のまま", "as delivered")])),
    el("h3", {}, "SP-TSM"),
    table(["電話", "機種", "鍵と電子証明書"], list.filter(one => one.sp_tsm).map(one => [one.phone, one.sp_tsm.model,
      [keys(one), orders(one)]])),
    el("h3", {}, t("プッシュ通知サービス", "push service")),
    table(["電話", "トークン", "届いていない通知（封印）"], list.filter(one => one.push.token).map(one => [one.phone,
      short(`${one.push.token}…`), messages(one)])),
  ];
}

function jlis(list) {
  return [el("h3", {}, t("J-LIS（認証局）", "J-LIS and its CA")),
    table(["利用者", "種類", "媒体", "シリアル番号", "状態"], list.map(one => [one.user, SLOTS[one.slot][0],
      one.medium === "card" ? "カード" : "スマホ", short(one.serial),
      el("span", { class: one.state === "good" ? "good" : "bad" }, t(...(CONDITIONS[one.state] ?? [one.state, one.state])))]))];
}

export function showHoldings(place, state) {
  place.replaceChildren(el("h3", {}, t("スマートフォン", "phones")), ...(state.phones ?? []).map(phone),
    ...jlis(state.jlis).flat(), ...elements(state.elements).flat());
}
