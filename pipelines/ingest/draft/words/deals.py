"""Words of deals: stages, types, and states of leases and payments."""

from __future__ import annotations

from pipelines.ingest.draft.words.vocabulary import NO, NO_ROW, YES, vocabulary

DEAL_STEPS = vocabulary(
    {
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
    }
)
"""Stages and types of deals to deal steps."""

LEASES = DEAL_STEPS | vocabulary(
    {
        "rental": """
        new, new lease, active, current, running, signed, ended, expired, completed, 新签, 新租, 在租, 执行中, 生效,
        有效, 到期, 已到期, 签约, 已签约, 成交, 已成交
    """,
    }
)
"""States and types of leases. A lease that has ended was a deal."""

PAYMENTS = DEAL_STEPS | vocabulary(
    {
        "sale": """
        paid, payment received, received, succeeded, success, cleared, full payment, final payment, balance,
        instalment, installment, down payment, 已付, 已付款, 已收, 已收款, 已到账, 到账, 已支付, 支付成功, 全款,
        尾款, 首付, 首付款, 房款, 分期
    """,
        NO_ROW: """
        processing, in process, chargeback, bounced, 支付失败, 处理中, 未到账, 未收
    """,
    }
)
"""States and types of payments."""

WON = vocabulary({"sale": YES, NO_ROW: NO})
"""The words of a column such as `Won`."""
