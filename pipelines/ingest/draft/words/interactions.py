"""Words of interactions: kinds, directions, whether a call was answered, whether a visit took place."""

from __future__ import annotations

from pipelines.ingest.draft.words.vocabulary import NO_ROW, normal, vocabulary

INTERACTION_KINDS = vocabulary(
    {
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
    }
)
"""Words to kinds of interactions."""

DIRECTIONS = vocabulary(
    {
        "in": """
        in, inbound, incoming, received, missed, missed call, inbound call, 呼入, 来电, 被叫, 接听, 未接来电
    """,
        "out": """
        out, outbound, outgoing, dialed, dialled, outbound call, 呼出, 去电, 主叫, 外呼, 拨出
    """,
    }
)
"""Directions of calls and messages, from the view of the agency."""

MISSED = {normal(word) for word in ("missed", "missed call", "未接来电")}
"""Directions of calls that nobody answered."""

ANSWERED = vocabulary(
    {
        "true": """
        answered, connected, picked up, successful, yes, true, 1, 1.0, y, t, 接通, 已接通, 已接, 已接听, 是
    """,
        "false": """
        no answer, not answered, unanswered, no response, no response busy, not connected, not reached, unreachable,
        missed, busy, voicemail, left voicemail, left message, failed, rejected, switched off, no, false, 0, 0.0, n, f,
        未接, 未接通, 未接听, 无人接听, 占线, 忙线, 拒接, 关机, 停机, 否
    """,
    }
)
"""Words to whether a call was answered."""

OUTCOMES = vocabulary(
    {
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
    }
)
"""Words to whether a visit or an activity took place."""
