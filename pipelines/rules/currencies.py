"""Currencies as data: the codes of ISO 4217, and what people write for them."""

from __future__ import annotations

from pipelines.home.sql import literal

_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
    TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
    ATS BEF BYR CSD CYP DEM ECS EEK ESP FIM FRF GHC GRD IEP ITL LTL LUF LVL MGF MRO MTL MXP MZM NLG PTE ROL RUR SDD SIT
    SKK SRG STD TMM TRL VEB VEF YUM ZMK
"""

ISO_CURRENCIES = frozenset(_CODES.split())
"""Money of today and, in the last two lines, money withdrawn since 1995, which a history may hold. Without units of
metal, bonds and drawing rights (XAU, XDR), and without XXX and XTS, which stand for no currency."""

SYNONYMS = {
    "RMB": "CNY", "CNH": "CNY", "人民币": "CNY", "元": "CNY", "￥": "CNY", "¥": "CNY", "CN¥": "CNY",
    "€": "EUR", "£": "GBP", "US$": "USD", "美元": "USD", "HK$": "HKD", "港币": "HKD", "港元": "HKD", "NT$": "TWD",
    "NTD": "TWD", "新台币": "TWD", "₹": "INR", "欧元": "EUR", "英镑": "GBP", "日元": "JPY", "S$": "SGD", "A$": "AUD",
    "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "MX$": "MXN", "R$": "BRL",
    "₩": "KRW", "DHS": "AED", "د.إ": "AED",
}  # fmt: skip
"""Names of one meaning, in upper case. `¥` is the yuan here as in amounts; a plain `$` could be a dozen currencies."""


def iso_currency(text: str) -> str | None:
    """The ISO code that the text means, whatever its case and spaces; None for what is no currency."""
    name = "".join(text.split()).upper()
    code = SYNONYMS.get(name, name)
    return code if code in ISO_CURRENCIES else None


def currency_sql(text: str) -> str:
    """SQL for `iso_currency`."""
    name = f"upper(regexp_replace({text}, '\\s', '', 'g'))"
    cases = " ".join(f"WHEN {literal(synonym)} THEN {literal(code)}" for synonym, code in SYNONYMS.items())
    codes = ", ".join(map(literal, sorted(ISO_CURRENCIES)))
    return f"(CASE {name} {cases} ELSE CASE WHEN {name} IN ({codes}) THEN {name} END END)"
