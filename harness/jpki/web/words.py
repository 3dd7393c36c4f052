"""What things are called on the page, in Japanese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jpki.parties.recorder import Party, Section


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages."""

    ja: str
    en: str

    def to_json(self) -> dict[str, str]:
        """For the page."""
        return {"ja": self.ja, "en": self.en}


PARTIES: Mapping[Party, Words] = {
    Party.USER: Words("利用者", "user"),
    Party.PHONE: Words("スマホアプリ", "phone app"),
    Party.APPLET: Words("GP-SE（JPKIアプレット）", "GP-SE with the JPKI applet"),
    Party.KEYSTORE: Words("Keystore（TEE）", "Keystore in the TEE"),
    Party.CARD: Words("マイナンバーカード", "My Number Card"),
    Party.SP_TSM: Words("SP-TSM", "SP-TSM"),
    Party.SEI_TSM: Words("SEI-TSM", "SEI-TSM"),
    Party.JLIS: Words("J-LIS（JPKIシステム）", "J-LIS, the JPKI system"),
    Party.PUSH: Words("プッシュ通知サービス", "push service"),
    Party.ATTESTATION: Words("端末検証サービス", "attestation service"),
    Party.VERIFIER: Words("サービス提供者", "service provider"),
}
SECTIONS: Mapping[Section, Words] = {
    Section.PREPARE: Words("アプレットの準備", "prepare the applet"),
    Section.APPLY: Words("申請", "apply"),
    Section.SET_SIGNING_PASSWORD: Words("署名用パスワードの設定", "set the signing password"),
    Section.SET_AUTHENTICATION_PIN: Words("利用者証明用暗証番号の設定", "set the authentication PIN"),
    Section.SIGNING_KEY: Words("署名用鍵ペアの生成", "make the signing key pair"),
    Section.STORE_SIGNING_CERTIFICATE: Words("署名用電子証明書の格納", "store the signing certificate"),
    Section.AUTHENTICATION_KEY: Words("利用者証明用鍵ペアの生成", "make the authentication key pair"),
    Section.STORE_AUTHENTICATION_CERTIFICATE: Words(
        "利用者証明用電子証明書の格納", "store the authentication certificate"
    ),
    Section.TEST_SIGNING: Words("署名用電子証明書の利用", "use the signing certificate"),
    Section.TEST_AUTHENTICATION: Words("利用者証明用電子証明書の利用", "use the authentication certificate"),
    Section.OTHER: Words("その他", "other"),
}
MESSAGES: Mapping[str, Words] = {
    "Begin": Words("手続きの開始", "begin a function"),
    "Answers": Words("カードの応答を返す", "what the card answered"),
    "AskPolicy": Words("機種ごとの制限を照会", "ask what is restricted for the model"),
    "AskCertificates": Words("証明書の状態を照会", "ask about the certificates on this phone"),
    "PrepareApplet": Words("アプレットの格納を依頼", "have the applet put onto the element"),
    "RemoveApplet": Words("アプレットの削除を依頼", "have the applet deleted"),
    "IssuerAnswers": Words("カードの応答を回送", "pass on what the card answered"),
    "CheckApplication": Words("申請書の署名を検証", "check the signed application"),
    "IssueCertificate": Words("電子証明書の発行を要求", "ask for a certificate"),
    "RevokeCertificate": Words("電子証明書の失効を要求", "have a certificate revoked"),
    "ReleaseCertificate": Words("一時保留の解除を要求", "end a suspension"),
    "AskState": Words("電子証明書の有効性を照会", "ask whether a certificate is good"),
    "RegisterApp": Words("プッシュ通知先の登録", "register for push"),
    "Notify": Words("プッシュ通知を依頼", "send word by push"),
    "Collect": Words("届いた通知を受け取る", "collect what has arrived"),
    "Acknowledge": Words("実行済みを報告", "report that it is done"),
    "Attest": Words("端末の検証を要求", "ask for a verdict on the phone"),
    "Script": Words("カードへのコマンド列", "commands for the card"),
    "Finished": Words("手続き完了", "finished"),
    "Applied": Words("申請完了（発行は通知で）", "applied; word comes by push"),
    "Policy": Words("制限（署名付き）", "restrictions, signed"),
    "Certificates": Words("証明書の状態", "states of certificates"),
    "IssuerScript": Words("発行者領域へのコマンド列", "commands for the issuer's domain"),
    "Prepared": Words("格納済み", "the applet is there"),
    "Removed": Words("削除済み", "the applet is gone"),
    "Checked": Words("検証結果", "who signed it"),
    "Issued": Words("発行済み電子証明書", "the certificate"),
    "CertificateState": Words("有効性", "the state"),
    "PushToken": Words("通知先トークン", "a push token"),
    "PushMessages": Words("届いている通知（封印）", "sealed messages that wait"),
    "Verdict": Words("検証結果（署名付き）", "a verdict, signed"),
    "Done": Words("了解", "done"),
    "Refused": Words("拒否", "refused"),
    "AskChallenge": Words("チャレンジを要求", "ask for a challenge"),
    "Challenge": Words("チャレンジ", "a challenge"),
    "Present": Words("署名データを提出", "present a signature"),
    "Verified": Words("検証結果", "the verifier's report"),
    "OcspRequest": Words("OCSP照会", "OCSP request"),
    "OcspResponse": Words("OCSP応答", "OCSP response"),
}
COMMANDS: Mapping[str, Words] = {
    "SELECT": Words("アプリケーションまたはファイルの選択", "select an application or a file"),
    "GET DATA": Words("データの取得", "get data"),
    "GET STATUS": Words("カード内容の一覧", "list what is on the card"),
    "INITIALIZE UPDATE": Words("SCP03セッション開始", "begin an SCP03 session"),
    "EXTERNAL AUTHENTICATE": Words("SCP03相互認証", "authenticate for SCP03"),
    "INSTALL": Words("アプレットの導入", "install"),
    "LOAD": Words("アプレットの書き込み", "load a block of the applet"),
    "DELETE": Words("削除", "delete"),
    "PUT KEY": Words("ドメイン鍵の書き込み", "put keys of a domain"),
    "STORE DATA": Words("データの格納", "store data"),
    "VERIFY": Words("パスワード照合", "verify a PIN"),
    "CHANGE REFERENCE DATA": Words("パスワード変更", "change a PIN"),
    "SET TEMPORARY PIN": Words("仮PINの設定", "set a temporary PIN"),
    "RESET PIN": Words("PINの初期化", "reset a PIN"),
    "GENERATE KEY PAIR": Words("鍵ペアの生成", "make a key pair"),
    "READ PUBLIC KEY": Words("公開鍵の読み出し", "read a public key"),
    "STORE CERTIFICATE": Words("電子証明書の格納", "store a certificate"),
    "READ BINARY": Words("ファイルの読み出し", "read a file"),
    "SIGN": Words("署名", "sign"),
    "SIGN WITH INDICATOR": Words("署名識別情報付き署名", "sign with the indicator"),
    "GET SIGNED ATTRIBUTES": Words("署名属性の取得", "get the signed attributes"),
    "REGISTER DEVICE KEY": Words("生体認証の公開鍵を登録", "register the key behind biometrics"),
    "GET CHALLENGE": Words("チャレンジの取得", "get a challenge"),
    "GET RESPONSE": Words("応答の続き", "get the rest of a response"),
    "SET STATUS": Words("状態の変更", "set a state"),
}


def name_of(name: str) -> Words:
    """Of a message or command; its own name when nobody gave it another."""
    return MESSAGES.get(name) or COMMANDS.get(name) or Words(name, name)
