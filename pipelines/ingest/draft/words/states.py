"""What the words in a column of states or kinds mean: deal stages, lead statuses, kinds and outcomes of contacts.

A word that is not listed here is unknown: the draft asks for its translation.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.ingest.draft.words.chinese import simplified

SHOWN = 12
_NUMBER = re.compile(r"\d[\d ()-]{4,}")
_BETWEEN = re.compile(r"\s+-\s+|[–—/|(（:：]")

NO_ROW = ""
"""Code of a word whose lines make no row: a deal that is not won, a visit that is only planned."""


def _vocabulary(codes: Mapping[str, str]) -> dict[str, str]:
    return {normal(word): code for code, words in codes.items() for word in words.split(",")}


def normal(text: str) -> str:
    """The text as words are compared: half-width, simplified, lower case, without punctuation."""
    plain = simplified(unicodedata.normalize("NFKC", text)).casefold()
    return " ".join(re.findall(r"[^\W_]+", plain))


DEAL_STEPS = _vocabulary({
    "sale": """
        closed won, closedwon, closed won deal, won, deal won, win, sold, sale, sales, signed, contract signed,
        settled, settlement, verkauf, verkauft, kauf, completed, complete, completion, confirmed, booking confirmed,
        purchase, buy, 成交, 已成交, 签约, 已签约, 已签, 签约完成, 网签, 已网签, 已售, 售出, 出售, 买卖, 过户,
        已过户, 过户完成, 交易完成, 已完成, 赢单, 已赢单, 成功, 销售, 二手买卖, 新房成交, 购买
    """,
    "deposit": """
        deposit, deposit paid, deposit received, 定金, 订金, 已付定金, 已交定金, 已下定, 下定, 大定, 已大定
    """,
    "subscription": """
        subscription, subscribed, reservation, reserved, 认筹, 已认筹, 认购, 已认购, 小定, 已小定
    """,
    "rental": """
        vermietung, vermietet, miete, rental, rent, rented, leased, lease, lease signed, let, 租赁, 出租, 已出租,
        已租, 租房, 租赁成交, 租赁签约
    """,
    "renewal": """
        renewal, renewed, lease renewal, lease renewed, 续租, 已续租, 续约, 已续约
    """,
    "refund": """
        refund, refunded, 退款, 已退款, 退定, 退订
    """,
    "cancellation": """
        cancelled, canceled, cancellation, cancelled deal, rescinded, terminated, 退房, 已退房, 解约, 已解约, 撤单,
        取消, 已取消, 作废, 已作废, 挞定, 违约
    """,
    NO_ROW: """
        closed lost, closedlost, closed lost to competition, lost, deal lost, lost deal, negotiation,
        negotiation review, negotiating, in negotiation, prospecting, prospect, qualification, qualified,
        qualified to buy, qualifiedtobuy, unqualified, disqualified, needs analysis, value proposition,
        id decision makers, identify decision makers, decision maker bought in, decisionmakerboughtin,
        perception analysis, proposal, proposal sent, proposal price quote, proposal quote, quote, quoted,
        quote sent, offer, offer made, offer sent, appointment scheduled, appointmentscheduled,
        presentation scheduled, presentationscheduled, contract sent, contractsent, viewing, viewing scheduled, new,
        open, lead, in progress, on hold, dropped, dead, abandoned, inactive, failed, declined, rejected, draft,
        scheduled, pending, awaiting payment, unpaid, overdue, expired, void, voided, not interested, 流失, 已流失,
        洽谈, 洽谈中, 谈判, 谈判中, 跟进, 跟进中, 意向, 有意向, 待签, 待签约, 待成交, 未成交, 未签约, 战败, 输单,
        丢单, 无效, 放弃, 已放弃, 报价, 议价, 议价中, 初步接触, 初步沟通, 需求确认, 方案报价, 待付款, 未付款, 未付,
        逾期, 草稿, 看房, 带看, 咨询, 待定
    """,
})  # fmt: skip
"""Stages and types of deals."""

LEASES = DEAL_STEPS | _vocabulary({
    "rental": """
        new, new lease, active, current, running, signed, ended, expired, completed, 新签, 新租, 在租, 执行中, 生效,
        有效, 到期, 已到期, 签约, 已签约, 成交, 已成交
    """,
})  # fmt: skip
"""States and types of leases; one that has ended was a deal."""

PAYMENTS = DEAL_STEPS | _vocabulary({
    "sale": """
        paid, payment received, received, succeeded, success, cleared, full payment, final payment, balance,
        instalment, installment, down payment, 已付, 已付款, 已收, 已收款, 已到账, 到账, 已支付, 支付成功, 全款,
        尾款, 首付, 首付款, 房款, 分期
    """,
    NO_ROW: """
        processing, in process, chargeback, bounced, 支付失败, 处理中, 未到账, 未收
    """,
})  # fmt: skip
"""States and types of payments."""

YES, NO = "true,yes,1,1.0,t,y,on,x,checked,是,有", "false,no,0,0.0,f,n,off,unchecked,否,无"

WON = _vocabulary({"sale": YES, NO_ROW: NO})
"""A column that says whether a deal is won."""

_SUBSCRIBED = """
    subscribed, resubscribed, opted in, opt in, not unsubscribed, not opted out, active, allowed, 未退订, 已订阅, 订阅,
    未拒绝
"""
_UNSUBSCRIBED = """
    unsubscribed, not subscribed, opted out, opt out, do not contact, do not email, do not call, blocked, 已退订, 退订,
    拒绝, 已拒绝, 拒绝营销, 取消订阅, 已取消订阅, 未订阅
"""
CONSENTS = _vocabulary({
    "true": f"{YES},{_SUBSCRIBED}, agreed, agree, consented, accepted, given, granted, 同意, 已同意, 愿意, 接受",
    "false": f"{NO},{_UNSUBSCRIBED}, refused, declined, denied, withdrawn, revoked, not given, 不同意, 未同意, 不愿意",
})  # fmt: skip
"""A column that says whether somebody agrees to marketing."""

OPT_OUTS = _vocabulary({"false": f"{YES},{_UNSUBSCRIBED}", "true": f"{NO},{_SUBSCRIBED}"})
"""A column that says whether somebody does not: the codes are those of the consent."""

OPPOSITES = (
    ("yes", "no"), ("true", "false"), ("1", "0"), ("1.0", "0.0"), ("y", "n"), ("t", "f"), ("on", "off"), ("是", "否"),
    ("checked", "unchecked"), ("已退订", "未退订"), ("同意", "不同意"), ("unsubscribed", "subscribed"),
    ("opted out", "opted in"),
)  # fmt: skip
"""Words that a later delivery can bring where this one has only the other."""

LEAD_STATUSES = _vocabulary({
    "open": """
        open, open not contacted, new, new lead, not contacted, contacted, attempted to contact, attempted contact,
        attempting contact, contact in future, contacting, connected, working, working contacted, nurture,
        nurturing, qualified, pre qualified, in progress, active, active client, hot, hot prospect, warm,
        interested, follow up, following up, open deal, bad timing, lead, assigned, in negotiation, 新, 新增,
        新客户, 新线索, 待跟进, 未跟进, 跟进, 跟进中, 意向, 有意向, 意向客户, 洽谈中, 已联系, 未联系, 待联系,
        初步接触, 已带看, 看房中, 活跃, 有效, 待分配, 已分配, 培育中
    """,
    "lost": """
        lost, lost lead, closed, closed lost, closed not converted, not interested, not qualified, unqualified,
        disqualified, dead, dropped, 流失, 已流失, 战败, 无意向, 关闭, 已关闭, 放弃, 已放弃, 输单, 丢单, 他处已购,
        已购他处
    """,
    "invalid": """
        junk, junk lead, invalid, invalid number, wrong number, bad number, fake, spam, test, trash, 无效, 无效客户,
        无效线索, 空号, 错号, 号码错误, 假号, 虚假, 测试
    """,
    "do_not_contact": """
        do not contact, dnc, do not call, do not email, do not disturb, unsubscribed, opted out, opt out, blacklist,
        blacklisted, 勿扰, 请勿打扰, 请勿联系, 免打扰, 拒绝联系, 拒绝营销, 退订, 黑名单
    """,
    "converted": """
        converted, closed converted, closed won, won, customer, past client, existing customer, 成交, 已成交,
        成交客户, 转化, 已转化, 已转换, 签约, 已签约, 已认购, 老业主, 业主
    """,
})  # fmt: skip
"""Statuses of leads, in the words of the contract."""

CONTACT_KINDS = _vocabulary({
    "call": """
        call, calls, phone call, phone, telephone, outbound call, inbound call, logged call, cold call, 电话, 去电,
        来电, 电话跟进, 电话沟通, 通话, 电联, 致电, 拨打电话
    """,
    "message": """
        message, sms, text, text message, email, e mail, mail, whatsapp, wechat, chat, line, dm, 微信, 短信, 简讯,
        消息, 邮件, 企微, 企业微信, 微信跟进, 微信沟通, 在线聊天
    """,
    "viewing": """
        viewing, visit, site visit, property visit, property viewing, showing, tour, property tour,
        property showing, open house, walk in, 看房, 带看, 到访, 来访, 首访, 复访, 再访, 二次带看, 看楼, 赏屋, 看屋,
        现场看房, 实地看房, 到店
    """,
    "online_viewing": """
        online viewing, virtual viewing, virtual tour, video tour, vr, vr tour, vr看房, vr带看, 线上看房, 视频看房,
        在线看房
    """,
    "follow_up": """
        follow up, followup, meeting, 跟进, 回访, 面谈, 拜访, 上门拜访, 维系
    """,
    "complaint": """
        complaint, 投诉, 客诉
    """,
    "survey": """
        survey, questionnaire, 问卷, 满意度调查, 调研
    """,
    "referral": """
        referral, 转介绍, 老带新, 推荐
    """,
    "enquiry": """
        enquiry, inquiry, web form, website form, form submission, registration, web enquiry, property inquiry,
        seller inquiry, 咨询, 留言, 询盘, 表单, 网上咨询, 线上咨询, 在线咨询
    """,
    "cancellation": """
        cancelled appointment, appointment cancelled, 取消预约, 取消看房
    """,
})  # fmt: skip
"""Kinds of contacts."""

DIRECTIONS = _vocabulary({
    "in": """
        in, inbound, incoming, received, missed, missed call, inbound call, 呼入, 来电, 被叫, 接听, 未接来电
    """,
    "out": """
        out, outbound, outgoing, dialed, dialled, outbound call, 呼出, 去电, 主叫, 外呼, 拨出
    """,
})  # fmt: skip
"""Directions of calls and messages, seen from the agency."""

MISSED = {normal(word) for word in ("missed", "missed call", "未接来电")}
"""Words for a direction that also say that nobody answered."""

ANSWERED = _vocabulary({
    "true": """
        answered, connected, picked up, successful, yes, true, 1, 1.0, y, t, 接通, 已接通, 已接, 已接听, 是
    """,
    "false": """
        no answer, not answered, unanswered, no response, no response busy, not connected, not reached, unreachable,
        missed, busy, voicemail, left voicemail, left message, failed, rejected, switched off, no, false, 0, 0.0, n, f,
        未接, 未接通, 未接听, 无人接听, 占线, 忙线, 拒接, 关机, 停机, 否
    """,
})  # fmt: skip
"""Whether a call was answered."""

OUTCOMES = _vocabulary({
    "happened": """
        completed, complete, done, held, attended, visited, finished, closed, confirmed visit, 已完成, 完成, 已到访,
        已带看, 已看房, 已看, 到访, 已到, 已结束
    """,
    "cancellation": """
        cancelled, canceled, no show, noshow, did not attend, 取消, 已取消, 爽约, 未到, 未到访, 失约
    """,
    NO_ROW: """
        scheduled, planned, not started, open, pending, upcoming, overdue, deferred, in progress, waiting,
        confirmed, rescheduled, draft, 已预约, 预约, 预约中, 待带看, 待看房, 待到访, 待确认, 未开始, 计划, 计划中,
        改期
    """,
})  # fmt: skip
"""Whether a visit or an activity took place."""


@dataclass(frozen=True)
class Reading:
    """Texts of a column with their codes (None for an unknown word), the most frequent first, and their lines."""

    codes: dict[str, str | None]
    lines: dict[str, int]

    @property
    def known(self) -> dict[str, str]:
        return {text: code for text, code in self.codes.items() if code is not None}

    @property
    def unknown(self) -> list[str]:
        return [text for text, code in self.codes.items() if code is None]

    def with_code(self, *codes: str) -> list[str]:
        return [text for text, code in self.codes.items() if code in codes]

    @property
    def is_of_words(self) -> bool:
        """Whether most lines have a word of a list, not a note that somebody wrote."""
        return 2 * sum(self.lines[text] for text in self.codes if _is_word(text)) >= sum(self.lines.values())

    @property
    def is_mostly_known(self) -> bool:
        """Whether known words cover most lines: then the others are words of that list too, not names of people."""
        return 2 * sum(self.lines[text] for text in self.known) > sum(self.lines.values())

    @property
    def has_names(self) -> bool:
        """Whether unknown texts can be names or notes: then the mapping does not list them."""
        return bool(self.unknown) and not (self.is_mostly_known and all(map(_is_word, self.unknown)))

    def counted(self, texts: Sequence[str]) -> str:
        """The texts with their lines, as a doubt shows them: the first dozen of those that cannot name people.

        A known word is shown; another one only if it is short and repeated, in a column of mostly known words.
        """
        safe = self.is_mostly_known
        shown = [
            text for text in texts if self.codes[text] is not None or (safe and self.lines[text] > 1 and _is_word(text))
        ][:SHOWN]
        quoted = ", ".join(f"{text!r} ({self.lines[text]:,})" for text in shown)
        rest = len(texts) - len(shown)
        others = f"{rest:,} {'other ' if quoted else ''}text{'s' * (rest != 1)}"
        return " and ".join(filter(None, [quoted, others if rest else ""]))


def _is_word(text: str) -> bool:
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    return len(text) <= 40 and len(text.split()) <= 5 and chinese <= 8 and "@" not in text and not _NUMBER.search(text)


def read_words(texts: Sequence[str], vocabulary: Mapping[str, str]) -> Reading:
    """The codes of a column's texts."""
    lines = dict(Counter(texts).most_common())
    return Reading({text: _code(text, vocabulary) for text in lines}, lines)


def _code(text: str, vocabulary: Mapping[str, str]) -> str | None:
    """The code of a text, or the one that all its parts have: `Junk - wrong number`."""
    if (whole := normal(text)) in vocabulary:
        return vocabulary[whole]
    codes = {vocabulary.get(normal(part)) for part in _BETWEEN.split(text) if normal(part)}
    return codes.pop() if len(codes) == 1 else None
