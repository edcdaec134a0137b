"""Words of leads: statuses and marketing consent."""

from __future__ import annotations

from pipelines.ingest.draft.words.vocabulary import NO, YES, vocabulary

_SUBSCRIBED = """
    subscribed, resubscribed, opted in, opt in, not unsubscribed, not opted out, active, allowed, 未退订, 已订阅, 订阅,
    未拒绝
"""
_UNSUBSCRIBED = """
    unsubscribed, not subscribed, opted out, opt out, do not contact, do not email, do not call, blocked, 已退订, 退订,
    拒绝, 已拒绝, 拒绝营销, 取消订阅, 已取消订阅, 未订阅
"""
CONSENTS = vocabulary(
    {
        "true": f"{YES},{_SUBSCRIBED}, agreed, agree, consented, accepted, given, granted, 同意, 已同意, 愿意, 接受",
        "false": (
            f"{NO},{_UNSUBSCRIBED}, refused, declined, denied, withdrawn, revoked, not given, 不同意, 未同意, 不愿意"
        ),
    }
)
"""The words of a column in which customers agree to marketing."""

OPT_OUTS = vocabulary({"false": f"{YES},{_UNSUBSCRIBED}", "true": f"{NO},{_SUBSCRIBED}"})
"""The words of a column in which customers refuse marketing, as codes of the consent: yes means false."""

OPPOSITES = (
    ("yes", "no"),
    ("true", "false"),
    ("1", "0"),
    ("1.0", "0.0"),
    ("y", "n"),
    ("t", "f"),
    ("on", "off"),
    ("是", "否"),
    ("checked", "unchecked"),
    ("已退订", "未退订"),
    ("同意", "不同意"),
    ("unsubscribed", "subscribed"),
    ("opted out", "opted in"),
)
"""Pairs of opposite words. If a file has only one of them, a later delivery can contain the other."""

LEAD_STATUSES = vocabulary(
    {
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
    }
)
"""Words to the statuses of leads in the contract."""
