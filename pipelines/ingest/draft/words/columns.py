"""Names of columns in English, Chinese and German, and their meanings.

Names are compared in lower case and simplified characters.
"""

from __future__ import annotations

import re
import unicodedata

from pipelines.ingest.draft.words.chinese import simplified

_AT = r"( \w+)* (at|on|date|time|ts|timestamp|day)"
_ID = r"(id|no|number|code|key|record id)"
_AGENT = r"(agent|owner|exec|executive|sales ?(rep|person|man|executive)|consultant|advis[eo]r|assigned|broker)"
_AGENT_ZH = "(置业顾问|销售顾问|坐席|经纪人|经纪|销售员?|业务员?|业务人员|跟进人|顾问|负责人|承办人|接待人)"
_CUSTOMER = r"(lead|prospect|enquiry|inquiry|client|customer|contact|member|master|user|buyer|purchaser|tenant|visitor)"
_STATE_OF = (
    r"(current|lead|customer|client|contact|prospect|enquiry|inquiry|follow up|lifecycle|crm|deal|sales?|opportunity|"
    r"pipeline|booking|order|contract|transaction|trade|payment|visit|viewing|showing|tour|appointment|site visit|"
    r"meeting|call|outgoing call|activity|task|event|interaction|lease)"
)
_STATE_OF_ZH = (
    "(客户|跟进|线索|成交|交易|合同|订单|签约|认购|付款|支付|收款|到访|来访|带看|看房|预约|通话|拨打|销售|商机|当前)"
)
_DAY_OF = (
    r"(occurred|activity|contact|(site )?visit|viewing|showing|tour|appointment|meeting|payment|purchase|due|"
    r"expected close|contract|signing|exchange|completion|lease start|settlement|interaction|event)"
)

MEANINGS: tuple[tuple[str, str], ...] = (
    ("won", r"(is )?(closed )?won|是否(成交|签约)"),
    ("opt_out", r"(is |has )?(e ?mail |sms |marketing )?(opt|opted) out( of e ?mail)?"),
    ("opt_out", r"do not (e ?mail|contact|call|text)"),
    ("opt_out", r"(is )?unsubscribed( from all e ?mail)?|(是否|已)?(退订|拒绝(营销|联系))(状态)?"),
    ("consent", r"((e ?mail )?marketing )?consent( given)?|(e ?mail |sms |marketing )?(opt|opted) in"),
    ("consent", r"(是否|已)?同意(接收)?(营销|联系)|营销同意"),
    ("email", r"(primary )?(e ?mail)( address)?( 1)?|.*邮箱|(电子)?邮件|电邮"),
    ("phone", rf"(primary |{_CUSTOMER} )?(mobile|cell|tel|phone|telephone)( phone)?( no| number)?( 1)?"),
    ("phone", r".*(手机|电话|联系方式|联络方式).*"),
    ("url", r"(page )?url|link|链接|网址"),
    ("lead_id", rf"(associated )?{_CUSTOMER}( name)? {_ID}s?|(account|who|related to|person)( name)? id"),
    ("lead_id", r"(客户|线索|会员|来访)(编号|号|id|代码|序号)"),
    ("agent_id", rf"(\w+ )*{_AGENT}( \w+)* {_ID}|{_AGENT_ZH}(编号|工号|id)"),
    ("agent_name", rf"(\w+ )*{_AGENT}( \w+)* name|(?!property |home |house )(\w+ ){{0,2}}{_AGENT}"),
    ("agent_name", rf"assigned (to|user)|{_AGENT_ZH}(姓名|名称)?"),
    ("deal_no", rf"(invoice|order|deal|contract|booking|transaction|sale|lease|opportunity|payment|receipt) {_ID}"),
    ("deal_no", r"deal|tx|txn|(tx|txn) id"),
    ("deal_no", r"(合同|订单|交易|成交|认购|收款|付款)(编号|号|id)"),
    ("interaction_id", rf"(activity|interaction|call|event|message|task) {_ID}"),
    ("interaction_id", rf"(visit|viewing|showing|appointment) {_ID}|(跟进|来访|带看|通话)(编号|记录号|id)"),
    ("property_id", rf"(property|unit|listing|house|room|home) {_ID}|(房(源|产|屋)?|物件)(编号|号|id)"),
    ("record_id", r"(record )?id|uuid|guid|ref(erence)?( no| number| id)?|编号|流水号"),
    ("subscribed_at", r"认筹(日期|时间)"),
    ("subscription_amount", r"认筹(金额?|款)"),
    ("signed_at", r"签约(日期|时间)"),
    ("signed_amount", r"签约(金额|总价|价)"),
    ("updated_at", rf"(last )?(updated|modified|changed|update|modify){_AT}|(修改|更新|异动)(日期|时间)"),
    ("created_at", rf"(\w+ )*(created?|creation|registered|enquiry|inquiry|first (visit|contact)|added){_AT}"),
    ("created_at", r"date (added|created|entered|registered)|(created|added)( on| at)?"),
    ("created_at", rf"lead{_AT}|(首访|首次来访|首次到访|首次到店|登记|创建|建立|建档|录入|新增|咨询|注册)(日期|时间)"),
    ("lease_end", rf"(lease|contract|tenancy) (end({_AT})?|expiry( date)?|expires( on)?)"),
    ("lease_end", r"(lease |contract )?(ends|ends on|until)"),
    ("lease_end", r"(租约|合同)?到期(日|日期|时间)?"),
    ("resolved_at", rf"(resolved|solved|closed){_AT}|(解决|办结)(日期|时间)"),
    ("listed_from", rf"(listed|listing){_AT}|listed from|挂牌(日期|时间)"),
    ("listed_to", r"(delisted|listed to|listing end)( \w+)*|下架(日期|时间)"),
    ("hired_on", rf"hired?{_AT}|hired|入职(日期|时间)"),
    ("month", r"month|月份"),
    ("event_at", rf"(booking|order|invoice|trade|transaction|deal|sale|sold|closing|closed?|call|start|event){_AT}"),
    ("event_at", rf"{_DAY_OF}{_AT}|date|day|time|timestamp"),
    ("event_at", r"(成交|交易|合同|认购|下定|起租|下单|签订|付款|收款|预约|发生)(日期|时间)"),
    ("event_at", r"(跟进|联系|联络|拨打|通话|来电|去电|看房|带看|来访|到访|赏屋|看屋)(日期|时间)|日期|时间|at|when"),
    ("budget_min", r"(min|minimum|lowest) budget|budget (min|minimum|from|low)|(预算|总价)(下限|最低|起)"),
    ("budget_max", r"(max|maximum|highest) budget|budget (max|maximum|to|high|upper)|(预算|总价)(上限|最高|止)"),
    ("budget", r"(\w+ )?budget|(购房|置业|租房)?预算"),
    ("area_min", r"(min|minimum) area|area (min|from)|(意向)?面积(下限|最小)"),
    ("area_max", r"(max|maximum) area|area (max|to)|(意向)?面积(上限|最大)"),
    ("list_price", r"(list|asking|listed) price|挂牌(价格?|总价)"),
    ("unit_price", r"(unit|square|average) price|price per .*|单价|.*每平.*"),
    ("commission", r"commission( amount)?|佣金"),
    ("amount", r"(total|final|deal|sales?|selling|sold|transaction|contract|net|closing) (price|amount|value)"),
    ("amount", r"(agreed|purchase) (price|amount|value)|((monthly|annual|total) )?rent"),
    ("amount", r"(payment |booking |order )?amount( paid| in company currency)?|revenue|deal value"),
    ("amount", r"(成交|合同|交易|认购|付款|收款|实收)?(总价|金额|总额|总价款|价格?)|房款|成交价|(月|年)?租金"),
    ("price", r"price|价格"),
    ("quantity", r"quantity|qty|units|数量|件数"),
    ("currency", r"((deal|amount|opportunity) )?(currency|cur|ccy)( code| iso code)?|币种|货币|币别"),
    ("customer_kind", r"(customer|client|buyer|lead) (type|kind|category)|客户(类型|类别|性质)"),
    ("demand_type", r"wants( to)?|(buy or rent|rent or buy)|looking to"),
    ("demand_type", r"demand( type)?|(requirement|need) type|(需求|租售|租购)(类型|类别)?"),
    ("purpose", r"(purchase |buying )?purpose|(购房|置业|购买)(目的|用途|动机)"),
    ("channel", r"(lead |customer |enquiry )?(source|channel)( raw| name| type)?"),
    ("channel", r"(客户|客源)?(来源|渠道|来源渠道|获客渠道|媒体来源|管道)"),
    ("channel", r"(how|where) did you (hear|find).*|认知途径|获知途径"),
    ("campaign", r"(\w+ )*campaign( name| id)?|(营销|推广)?活动(名称)?"),
    ("layout", r"(preferred |unit |flat |house |room )*(unit|room|house|flat|apartment) type|(preferred )?layout|bhk"),
    ("layout", r"(意向|需求|偏好|希望)?(户型|房型|格局)"),
    ("bedrooms", r"(no of |number of )?bed ?rooms?|室|卧室数?"),
    ("living_rooms", r"(no of |number of )?living ?rooms?|厅|客厅数?"),
    ("area", r"(floor |gross |net |built up |carpet )?area( sqm| sqft)?|square( meters?| metres?| feet)?|sq(m|ft)"),
    ("area", r"(建筑|套内)?面积|坪数"),
    ("district", r"(preferred |lead |customer )?(district|city|locality|region|neighbou?rhood|location)( name)?"),
    ("district", r"(意向|所在|行政)?(区域|城区|区县|行政区|城市|板块|商圈)"),
    ("project", r"project( name)?|development( name)?|(意向|所属)?(楼盘|项目|小区)(名称)?"),
    ("stated_intent", r"(stated |purchase |buying )?(intent|intention|interest)( level| grade)?"),
    ("stated_intent", r"(客户)?意向(等级|级别|程度|度)?|客户(等级|级别)"),
    ("status", rf"({_STATE_OF} )?({_STATE_OF} )?(status|stage|outcome|result|disposition)"),
    ("status", rf"{_STATE_OF_ZH}?(状态|阶段|状况|结果|进度)"),
    ("referred_by", r"referr?ed by|referrer|推荐人|介绍人"),
    ("occupation", r"(.* )?(occupation|profession|job title)|职业|工作"),
    ("industry", r"industry( domain)?|speciali[sz]ation|(所属|从事)?行业"),
    ("income_band", r"(annual |monthly |household )?income( band| range| level)?|(年|月|家庭)?收入(水平|区间)?"),
    ("payment_plan", r"payment (plan|type|terms)|付款方式"),
    ("team", r"team( name)?|branch|团队|组别|门店|分行"),
    ("capacity_per_day", r"(daily )?capacity( per day)?|日接待量|每日上限"),
    ("kind", r"((activity|interaction|contact|event|call|visit|transaction) )?(type|kind)"),
    ("kind", r"(deal|sale|trade|contract|lease) (type|kind)"),
    ("kind", r"(跟进|联系|联络|互动|交易|成交|合同|业务|款项|收款|呼叫|通话|来访|到访)(方式|类型|类别|性质)|款项|类型"),
    ("direction", r"(call )?(direction|dir)|(呼叫|通话)?方向"),
    ("answered", r"(is )?answered|是否接通|接通"),
    ("topic", r"topic|subject|主题"),
    ("complaint_category", r"complaint (category|type)|投诉(类型|类别)"),
    ("satisfaction_score", r"(satisfaction|csat|survey)( score| rating)?|rating|满意度(评分)?|评分"),
    ("use", r"(property )?use|房屋用途"),
    ("first_name", r"(contact |lead )?(first|given) name|forename|名"),
    ("last_name", r"(contact |lead )?(last|family) name|surname|姓氏?"),
    ("lead_id", r"(kunden|interessenten|kontakt) ?(id|nr|nummer)"),
    ("deal_no", r"(vorgangs?|vertrags?|auftrags?) ?(id|nr|nummer)"),
    ("event_at", r"datum|(vertrags|kauf|verkaufs|abschluss) ?datum"),
    ("created_at", r"(erstellt|angelegt)( am)?|(erstell|anlage) ?datum"),
    ("amount", r"(kauf|verkaufs)?preis|betrag|summe"),
    ("commission", r"provision"),
    ("currency", r"währung"),
    ("kind", r"art|vorgangsart|vertragsart"),
    ("phone", r"telefon(nummer)?|handy(nummer)?|mobil"),
    ("full_name", rf"(full |{_CUSTOMER} )?name|(客户|访客|联系人)?(姓名|名称|名字)|客户"),
)
"""Meaning and regular expression of the whole name. The first matching expression counts."""

CODES: dict[str, dict[str, str]] = {
    "demand_type": {
        **dict.fromkeys(("购房", "购买", "买房", "求购"), "buy"),
        **dict.fromkeys(("租房", "租赁", "求租"), "rent"),
        "投资": "invest",
        **dict.fromkeys(("置换", "换房"), "exchange"),
    },
    "purpose": {
        **dict.fromkeys(("刚需", "首套", "首次置业"), "first_home"),
        **dict.fromkeys(("自住", "自用"), "own_use"),
        "改善": "improvement",
        "投资": "investment",
    },
    "customer_kind": {
        **dict.fromkeys(("个人", "自然人"), "individual"),
        **dict.fromkeys(("企业", "公司"), "corporate"),
        "机构": "institutional",
    },
}
"""Field of a lead to its words with a certain code."""

_INTERACTIONS = (
    ("viewing", re.compile(r"\b(visits?|viewings?|showings?|tours?)\b|来访|到访|看房|带看|赏屋|看屋|复访")),
    ("call", re.compile(r"\bcalls?\b|来电|去电|通话|拨打|电话")),
    ("message", re.compile(r"\b(messages?|sms|e ?mails?)\b|短信|微信|消息|邮件")),
)

_PATTERNS = tuple((meaning, re.compile(pattern)) for meaning, pattern in MEANINGS)


def meaning_of(name: str) -> str | None:
    """The meaning of a column name, or None. Units in brackets and prefixes such as `raw` are ignored."""
    words = _words(name)
    return next((meaning for meaning, pattern in _PATTERNS if pattern.fullmatch(words)), None)


def interaction_kind_of(name: str) -> str | None:
    """The kind of interaction in the name of a column or a file, or None."""
    words = _words(name)
    return next((kind for kind, pattern in _INTERACTIONS if pattern.search(words)), None)


def in_wan(name: str) -> bool:
    """Whether the unit in the name is 万."""
    return bool(re.search(r"[(（\[【]\s*万|万元", simplified(name)))


def _words(name: str) -> str:
    text = simplified(unicodedata.normalize("NFKC", name))
    text = re.sub(r"[(\[【].*?[)\]】]", " ", text)
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    text = " ".join(re.findall(r"\w+", text.replace("_", " ").lower()))
    return re.sub(r"^(raw|the|my) | raw$", "", text)
