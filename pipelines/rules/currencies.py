"""Currencies as data: the codes of ISO 4217 and other names for them. To read another name, add it to `NAMES`."""

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
"""Currencies in use and, in the last two lines, currencies withdrawn since 1995, which a history may contain. Without
units of metal, bonds and drawing rights (XAU, XDR), and without XXX and XTS, which are no currency."""

NAMES = {
    "CNY": ("RMB", "CNH", "人民币", "元", "￥", "¥", "CN¥"),
    "EUR": ("€", "欧元"),
    "GBP": ("£", "英镑"),
    "USD": ("US$", "美元"),
    "HKD": ("HK$", "港币", "港元"),
    "TWD": ("NT$", "NTD", "新台币"),
    "INR": ("₹",),
    "JPY": ("日元",),
    "SGD": ("S$",),
    "AUD": ("A$", "AU$"),
    "CAD": ("C$", "CA$"),
    "NZD": ("NZ$",),
    "MXN": ("MX$",),
    "BRL": ("R$",),
    "KRW": ("₩",),
    "AED": ("DHS", "د.إ"),
}
"""Other names of currencies, in upper case. `¥` is the yuan, as in amounts. `$` could be a dozen currencies."""

SYNONYMS = {name: code for code, names in NAMES.items() for name in names}


def iso_currency(text: str) -> str | None:
    """Return the ISO code for a code or a name, in any case and spacing. Returns None if it is no currency."""
    name = "".join(text.split()).upper()
    code = SYNONYMS.get(name, name)
    return code if code in ISO_CURRENCIES else None


def currency_sql(text: str) -> str:
    """SQL for `iso_currency`."""
    name = f"upper(regexp_replace({text}, '\\s', '', 'g'))"
    cases = " ".join(f"WHEN {literal(synonym)} THEN {literal(code)}" for synonym, code in SYNONYMS.items())
    codes = ", ".join(map(literal, sorted(ISO_CURRENCIES)))
    return f"(CASE {name} {cases} ELSE CASE WHEN {name} IN ({codes}) THEN {name} END END)"
