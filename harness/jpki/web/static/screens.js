// The screens of the phone, as the public drafts of the app have them.

import { button, el, t, words } from "./dom.js";
import { form, newPin, password, presentPin } from "./forms.js";
import { CONDITIONS, FUNCTIONS, MEANS, PINS, RULES, SLOTS, STAGES } from "./names.js";
import { picture } from "./pictures.js";

const BOTH = ["authentication", "signing"];
const p = (ja, en) => el("p", {}, t(ja, en));

export class Screens {
  // `phone` has the state and does what buttons say.
  constructor(place, phone) {
    this.place = place;
    this.phone = phone;
  }

  show(name, ja, en, ...content) {
    const had = this.place.contains(document.activeElement) || document.activeElement === document.body;
    const title = el("h2", { tabindex: "-1" }, t(ja, en));
    this.place.replaceChildren(title, ...content.flat(Infinity).filter(Boolean));
    this.place.dataset.screen = name;
    if (had) title.focus({ preventScroll: true });
  }

  home() {
    const { phone } = this, mine = phone.mine();
    const held = mine?.slots ?? [];
    const usable = slot => held.some(one => one.slot === slot && ["good", "not_asked"].includes(one.condition));
    const lost = held.every(one => ["revoked", "expired", "unknown"].includes(one.condition));
    this.show("home", "電子証明書", "certificates", BOTH.map(slot => this.slotCard(slot, held)),
      mine?.pending && STAGES[mine.stage] && [
        p("発行を申請済みです。発行の通知が届いたら、登録してください。", "You have applied; register when word comes."),
        mine.stage === "issued" && button("登録", "register", () => this.register(), "main"),
        button("取りやめる", "abandon", () => phone.start("abandon"))],
      mine?.pending && !STAGES[mine.stage] && [p(`中断した手続きがあります（${FUNCTIONS[mine.pending][0]}）。`, "Something was interrupted."),
        button("手続きを再開する", "resume", () => phone.start("resume"), "main"),
        button("取りやめる", "abandon", () => phone.start("abandon"))],
      !mine?.pending && lost && button("登録", "register", () => this.apply(), "main"),
      usable("authentication") && button("ログイン", "log in to the example service", () => this.login(), "main"),
      usable("signing") && button("申請書に署名", "sign a document", () => this.document()),
      !lost && button("動作確認", "test the certificates", () => this.tryOut(held)),
      usable("authentication") && button("認証方式の設定", "biometrics or screen lock", () => this.methods()),
      held.length > 0 && button("証明書管理", "manage certificates", () => this.manage(held)));
  }

  slotCard(slot, held) {
    const one = held.find(each => each.slot === slot);
    if (!one) return el("div", { class: "card" }, el("b", {}, t(...SLOTS[slot])), p("登録されていません", "not registered"));
    const good = one.condition === "good";
    return el("div", { class: "card" }, el("b", {}, t(...SLOTS[slot])),
      el("p", { class: good ? "good" : "bad" }, t(...CONDITIONS[one.condition])),
      one.until && p(`有効期限 ${one.until}`, "valid until"),
      one.tries === 0 && el("p", { class: "bad" }, t("パスワードがロックされています", "the PIN is blocked")));
  }

  back() { return button("戻る", "back", () => this.home()); }

  // -- with the My Number Card ----------------------------------------------------------------------------------------

  apply() {
    const { phone } = this, card = this.cardField();
    const boxes = BOTH.map(slot => el("input", { type: "checkbox", value: slot, checked: true }));
    const agree = el("input", { type: "checkbox" });
    const send = say => {
      const chosen = boxes.filter(one => one.checked).map(one => one.value);
      if (!card.good()) return say(`${RULES.signing.ja}で入力してください。`, `It has ${RULES.signing.en}.`, card.input);
      if (chosen.length === 0) return say("証明書を一つ以上選んでください。", "Choose at least one.", boxes[0]);
      if (!agree.checked) return say("利用規約に同意してください。", "Agree to the terms of use.", agree);
      return phone.start("apply", { slots: chosen }, { card: card.input.value, terms: phone.facts.terms.text });
    };
    const check = (box, ja, en) => el("label", { class: "field" }, box, " ", t(ja, en));
    this.show("apply", "はじめに", "before you begin",
      p("マイナンバーカード用署名用電子証明書のパスワードを入力してください。", "The signing password of your My Number Card."),
      el("h3", {}, t("注意事項", "please note")),
      el("ul", {}, el("li", {}, t("署名用電子証明書を用いて電子署名を行います。", "The card signs your application.")),
        el("li", {}, t("スマホを譲渡する場合は、悪用防止のため事前に失効処理をしてください。",
          "Revoke before you give the phone away."))),
      form([card.node,
        p("片方の証明書のみを発行する方は、発行しない証明書のチェックを外してください。", "Which certificates?"),
        boxes.map((box, at) => check(box, ...SLOTS[BOTH[at]])),
        p("利用規約をご確認のうえ、「同意する」をチェックし「申請する」をタップしてください。", "Read the terms of use."),
        el("div", { class: "text", tabindex: "0", role: "region", "aria-label": "利用規約 / terms of use" },
          phone.facts.terms.text, "\n\n", el("span", { class: "en", lang: "en" }, phone.facts.terms.english)),
        check(agree, "利用規約に同意する", "I agree to the terms of use")], "申請する", "apply", send),
      this.back());
  }

  cardField() {
    const known = this.phone.cardHint();
    return password("マイナンバーカードのパスワード", "password of the My Number Card",
      { hint: known && `（試験用 test: ${known}）` });
  }

  withCard(functionName, ja, en, slots, text) {
    const card = this.cardField();
    this.show("with-card", ja, en, text, form([card.node], "申請する", "apply", say => {
      if (!card.good()) return say(`${RULES.signing.ja}で入力してください。`, `It has ${RULES.signing.en}.`, card.input);
      return this.phone.start(functionName, { slots }, { card: card.input.value });
    }), this.back());
  }

  holdCard() {
    const { phone } = this;
    const typed = phone.typed.card ? null : this.cardField();
    const hold = say => {
      if (typed && !typed.good()) return say(`${RULES.signing.ja}で入力してください。`, "", typed.input);
      return phone.answer(typed ? typed.input.value : phone.typed.card);
    };
    this.show("hold-card", "マイナンバーカード読み取り", "read the My Number Card", picture("read"),
      p("マイナンバーカードを端末のカード読み取り位置にピッタリと密着させます。読み取りが終わるまで動かさずしばらくお待ちください。",
        "Hold the card to the phone, and do not move it."),
      form([typed?.node], "カードをかざす", "hold the card to the phone", hold), this.giveUp());
  }

  // -- what the app asks ----------------------------------------------------------------------------------------------

  prompt(prompt) {
    const { phone } = this;
    switch (prompt.is) {
      case "card password": return this.holdCard();
      case "pin": return prompt.new ? this.setPin(prompt.slot) : this.enterPin(prompt.slot);
      case "agree": return this.agree(prompt);
      case "recognise": return this.recognise(prompt.method);
      case "choose": return this.show("choose", "認証できませんでした", "the phone does not know you",
        p("続け方を選んでください。", "How do you want to go on?"),
        prompt.offered.map(one => button(`${MEANS[one][0]}で続ける`, `go on with ${MEANS[one][1]}`,
          () => phone.answer(one), "main")), button("やめる", "give up", () => phone.answer(null)));
    }
  }

  setPin(slot) {
    this.show("set-pin", "パスワードの設定", "set a password",
      p(`スマートフォン用${PINS[slot][0]}の「新しい」ものを入力してください。`, `A new ${PINS[slot][1]} for the phone.`),
      newPin(slot, value => this.phone.answer(value)), this.giveUp());
  }

  enterPin(slot) {
    this.show("enter-pin", `${PINS[slot][0]}の入力`, `enter the ${PINS[slot][1]}`,
      presentPin(slot, value => this.phone.answer(value)), this.giveUp());
  }

  agree(prompt) {
    this.show("agree", "確認", "please confirm", el("div", { class: "text", tabindex: "0", role: "region",
      "aria-label": "確認する内容 / what to agree to" }, prompt.text, "\n\n",
    el("span", { class: "en", lang: "en" }, prompt.english)),
    button("同意する", "I agree", () => this.phone.answer(true), "main"),
    button("同意しない", "I do not agree", () => this.phone.answer(false)));
  }

  recognise(method) {
    this.show("recognise", MEANS[method][0], MEANS[method][1], picture(method === "biometric" ? "finger" : "lock"),
      p("端末で本人確認をしてください。", "Let the phone recognise you."),
      button("本人が認証する", "it is you", () => this.phone.answer(true), "main"),
      button("認証に失敗する", "it fails", () => this.phone.answer(false)));
  }

  applied() {
    this.show("applied", "申請しました", "you have applied", picture("done"),
      p("発行申請手続きが問題なく進みました！", "Your application is on its way."),
      p("申請完了後、プッシュ通知が届くので、登録完了の操作を行ってください。",
        "When the certificates are issued you get word; then register them."),
      button("マイページへ", "home", () => this.home()));
  }

  register() {
    this.show("register", "電子証明書の登録", "register the certificates", picture("phone"),
      p("申請いただいたスマートフォン用電子証明書をスマートフォンに登録します。", "The certificates are put onto the phone."),
      button("登録", "register", () => this.phone.start("register_certificates"), "main"), this.back());
  }

  waiting() {
    this.show("waiting", "しばらくお待ちください", "please wait", this.progress(), this.giveUp());
  }

  progress() {
    return el("p", { id: "progress", role: "status" }, words(this.phone.section ?? { ja: "通信中", en: "connecting" }));
  }

  giveUp() { return button("中止する", "give up", () => this.phone.giveUp()); }

  // -- using ----------------------------------------------------------------------------------------------------------

  login() {
    this.show("login", "サンプルサービス（ログイン前）", "example service, not logged in", picture("service"),
      p("スマホ用電子証明書でログインします。", "Log in with the certificate on the phone."),
      button("ログイン", "log in", () => this.phone.start("log_in"), "main"), this.back());
  }

  document() {
    const text = el("textarea", { id: "document", rows: "5", maxlength: "2000" });
    text.value = "住所変更届\n新しい住所: 東京都千代田区霞が関1-1-1";
    this.show("document", "申請書に署名", "sign a document", picture("document"), form(
      [el("label", { for: "document" }, t("申請の内容", "what is signed")), text], "署名する", "sign",
      () => this.phone.start("sign", { document: text.value })), this.back());
  }

  tryOut(held) {
    this.show("try", "動作確認", "test", p("登録した電子証明書で署名できるか確かめます。", "Does each certificate sign?"),
      button("動作確認をはじめる", "begin", () => this.phone.start("try", { slots: held.map(one => one.slot) }), "main"),
      this.back());
  }

  methods() {
    const known = this.phone.mine()?.registered ?? [];
    this.show("methods", "認証方式の設定", "ways to authenticate",
      p("利用者証明用電子証明書を、暗証番号の代わりに使えるようにします。", "Instead of the authentication PIN."),
      ["biometric", "lock_screen"].map(one => button(
        `${MEANS[one][0]}を${known.includes(one) ? "もう一度" : ""}アクティベーションする`, `activate ${MEANS[one][1]}`,
        () => this.phone.start("register", { method: one }), known.includes(one) ? "" : "main")), this.back());
  }

  manage(held) {
    const { phone } = this, slots = held.map(one => one.slot);
    const each = (ja, en, name) => slots.map(slot => button(`${ja}（${SLOTS[slot][0]}）`, `${en}: ${slot}`,
      () => phone.start(name, { slots: [slot] })));
    const renewText = p("同じパスワードのまま、鍵と電子証明書を新しくします。", "New keys under the same passwords.");
    const away = p("失効した電子証明書は元に戻せません。スマートフォンの鍵も削除されます。", "This cannot be undone.");
    this.show("manage", "証明書管理", "manage certificates", each("内容の表示", "show", "show"),
      each("パスワードの変更", "change password", "change_pin"),
      button("パスワードの初期化", "reset passwords", () => this.withCard("reset_pin", "パスワードの初期化",
        "reset passwords", slots)),
      button("更新", "renew", () => this.withCard("renew", "更新", "renew", slots, renewText)),
      held.some(one => one.condition === "suspended") && button("一時保留の解除", "release",
        () => this.withCard("release", "一時保留の解除", "release", slots)),
      button("再発行", "issue again", () => this.apply()),
      button("失効（マイナンバーカードで）", "revoke, with the card", () => this.withCard("revoke", "失効", "revoke", slots, away)),
      slots.includes("signing") && button("失効（このスマートフォンで）", "revoke, with this phone", () => this.revokeHere(slots, away)),
      this.back());
  }

  revokeHere(slots, text) {
    this.show("revoke", "失効", "revoke", text,
      button("失効する", "revoke", () => this.phone.start("revoke_here", { slots }), "main"), this.back());
  }

  // -- how it ended ---------------------------------------------------------------------------------------------------

  done(name, result) {
    const toHome = button("マイページへ", "home", () => this.home());
    const [ja, en] = FUNCTIONS[name] ?? ["手続き", "function"];
    if (result.applied) return this.applied();
    switch (name) {
      case "register_certificates": return this.show("registered", "登録完了", "registered", picture("done"),
        p("登録が完了しました！", "The certificates are on the phone."),
        button("認証方式の設定へ", "activate biometrics", () => this.methods()),
        button("動作確認へ", "test", () => this.tryOut(result.certificates)), toHome);
      case "log_in": return this.show("logged-in", "サンプルサービス（ログイン後）", "example service, logged in",
        picture("service"), p("ログインしました。", "You are logged in."), this.report(result), toHome);
      case "sign": return this.show("signed", "署名を受け付けました", "signed and accepted", this.report(result), toHome);
      case "try": return this.show("tried", "動作確認完了", "tested", result.tried.map(one => el("div", { class: "card" },
        el("p", { class: "good" }, t(`${SLOTS[one.slot][0]}: 正常`, "works")), el("code", {}, one.serial))), toHome);
      case "show": return this.show("shown", SLOTS[result.slot][0], SLOTS[result.slot][1], el("div", { class: "card" },
        ["subject", "issuer", "serial", "until"].map(key => el("p", {}, el("b", {}, key), ` ${result[key]}`))), toHome);
      case "register": return this.show("activated", "設定完了", "activated", picture("finger"),
        p("次のログインから利用できます。", "You can use it from the next login on."), toHome);
      case "collect": return this.show("collected", "通知を実行しました", "carried out",
        p(`${result.orders}件の指示を実行しました。`, `${result.orders} orders carried out.`), toHome);
      default: return this.show("done", `${ja}が完了しました`, `${en}: done`, picture("done"), toHome);
    }
  }

  report(result) {
    const means = MEANS[result.method] ?? [result.method, result.method];
    return el("div", { class: "card" },
      el("p", { class: "good" }, t("署名・電子証明書・署名識別情報を検証しました", "verified")),
      el("p", { id: "indicator" }, t(`認証の方法: ${means[0]}`, `authenticated by ${means[1]}`)),
      el("p", {}, t(`有効性の確認: ${result.revocation.join("、")}`, "revocation checked")),
      el("p", {}, el("code", {}, result.subject)));
  }

  failed(event) {
    const kinds = {
      wrong_pin: event.tries ? [`パスワードが違います。残り${event.tries}回です。`, `Wrong; ${event.tries} tries left.`]
        : ["パスワードが違います。ロックされました。", "Wrong, and blocked now."],
      declined: ["手続きを中止しました。", "You gave up."],
      not_recognised: ["本人確認ができませんでした。", "The phone did not know you."],
    };
    this.show("failed", "完了できませんでした", "it did not work",
      el("p", { class: "fault", role: "alert" }, t(...(kinds[event.kind] ?? ["手続きを完了できませんでした。", ""]))),
      el("p", { lang: "en" }, event.text), event.hint && el("p", { class: "dim", lang: "en" }, event.hint),
      button("マイページへ", "home", () => this.home(), "main"));
  }
}
