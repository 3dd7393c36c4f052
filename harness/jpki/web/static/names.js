// What the values in messages are called.

export const SLOTS = { signing: ["署名用電子証明書", "signing certificate"],
  authentication: ["利用者証明用電子証明書", "authentication certificate"] };
export const PINS = { signing: ["署名用電子証明書のパスワード", "signing password"],
  authentication: ["利用者証明用電子証明書の暗証番号", "authentication PIN"] };
export const RULES = {
  signing: { ja: "6~16ケタ、英大文字と数字の組み合わせ", en: "6 to 16 upper-case letters and digits",
    form: /^[A-Z0-9]{6,16}$/ },
  authentication: { ja: "数字4ケタ", en: "4 digits", form: /^[0-9]{4}$/ },
};
export const MEANS = { pin: ["暗証番号", "PIN"], biometric: ["生体認証", "biometrics"],
  lock_screen: ["画面ロック", "screen lock"] };
export const CONDITIONS = { good: ["有効", "good"], suspended: ["一時保留", "suspended"], revoked: ["失効", "revoked"],
  expired: ["期限切れ", "expired"], unknown: ["不明", "unknown"], not_asked: ["未確認", "not asked"] };
export const PHASES = { app_ready: ["アプリ準備済み", "app ready"], applet_ready: ["アプレット準備済み", "applet ready"],
  initial_setup: ["初期設定", "initial setup"], service_use: ["サービス利用", "service use"] };
export const STAGES = { applied: ["申請済み", "applied for"], issued: ["登録待ち", "to be registered"] };
export const FUNCTIONS = { issue: ["発行", "issue"], apply: ["発行の申請", "apply"],
  register_certificates: ["登録", "register"], renew: ["更新", "renew"], revoke: ["失効", "revoke"],
  revoke_here: ["失効", "revoke"], release: ["一時保留の解除", "release"], reset_pin: ["パスワードの初期化", "reset PIN"],
  remove: ["削除", "remove"], resume: ["再開", "resume"], abandon: ["取りやめ", "abandon"],
  collect: ["通知の実行", "collect orders"], change_pin: ["パスワードの変更", "change a PIN"],
  register: ["認証方式の設定", "activate"], try: ["動作確認", "test"], show: ["内容の表示", "show a certificate"],
  log_in: ["ログイン", "log in"], sign: ["署名", "sign"] };
