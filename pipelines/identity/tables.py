"""The tables of identity as SQL over the results of `resolve.py`. Grain and columns: docs/architecture.md."""

from __future__ import annotations

from pipelines.home.key import PSEUDONYM
from pipelines.identity.contacts import REASONS

CUSTOMER_RECORDS = """
    SELECT
        days.as_of,
        records.record_key,
        coalesce(owners.record_key, records.record_key) AS customer_key,
        CASE
            WHEN merged.by_phone AND merged.by_email THEN 'phone+email'
            WHEN merged.by_phone THEN 'phone'
            WHEN merged.by_email THEN 'email'
            WHEN merged.by_score THEN 'name'
            WHEN merged.record IS NOT NULL THEN 'decision'
        END AS matched_on
    FROM versions
    JOIN days ON days.day >= versions.first_day AND days.day < versions.end_day
    JOIN records ON versions.record = records.record
    LEFT JOIN merged ON
        versions.record = merged.record
        AND days.day >= merged.first_day
        AND days.day < merged.end_day
    LEFT JOIN records AS owners ON merged.customer = owners.record
"""

CONTACT_RECORDS = """
    WITH sharing AS (
        SELECT record_a AS record, record_b AS other, first_day, end_day FROM candidates WHERE by_phone OR by_email
        UNION
        SELECT record_b, record_a, first_day, end_day FROM candidates WHERE by_phone OR by_email
    )

    SELECT
        days.as_of,
        sharers.record_key,
        coalesce(owners.record_key, records.record_key) AS customer_key
    FROM sharing
    JOIN days ON days.day >= sharing.first_day AND days.day < sharing.end_day
    JOIN versions ON
        sharing.other = versions.record
        AND days.day >= versions.first_day
        AND days.day < versions.end_day
    JOIN records ON versions.record = records.record
    JOIN records AS sharers ON sharing.record = sharers.record
    LEFT JOIN merged ON
        sharing.other = merged.record
        AND days.day >= merged.first_day
        AND days.day < merged.end_day
    LEFT JOIN records AS owners ON merged.customer = owners.record
    LEFT JOIN merged AS own ON
        sharing.record = own.record
        AND days.day >= own.first_day
        AND days.day < own.end_day
    WHERE coalesce(own.customer, sharing.record) <> coalesce(merged.customer, sharing.other)
    UNION
    SELECT DISTINCT
        days.as_of,
        arriving.record_key,
        coalesce(owners.record_key, records.record_key) AS customer_key
    FROM stated
    JOIN days ON stated.eve = days.day
    JOIN records AS arriving ON stated.record = arriving.record
    JOIN holders ON
        stated.kind = holders.kind
        AND stated.key = holders.key
        AND days.day >= holders.first_day
        AND days.day < holders.end_day
    JOIN versions ON
        holders.record = versions.record
        AND days.day >= versions.first_day
        AND days.day < versions.end_day
    JOIN records ON versions.record = records.record
    LEFT JOIN key_spans ON
        holders.kind = key_spans.kind
        AND holders.key = key_spans.key
        AND days.day >= key_spans.first_day
        AND days.day < key_spans.end_day
    LEFT JOIN merged ON
        holders.record = merged.record
        AND days.day >= merged.first_day
        AND days.day < merged.end_day
    LEFT JOIN records AS owners ON merged.customer = owners.record
    WHERE key_spans.reason IS NULL
"""
"""Records of other customers, and records that become known or change on the next day, with each customer of the day
who has one of their contacts.

Whoever refuses marketing must not be contacted, also not by a phone that the family shares. Actions of the day are
carried out on the next day, so they must respect a refusal that becomes known then.
"""

_RULES = ", ".join(f"('{kind}', '{reason}')" for kind, reasons in REASONS.items() for reason in reasons)
CONTACT_CHECKS = f"""
    WITH faults AS (
        SELECT record, kind, first_day, end_day, reason
        FROM stated
        WHERE reason IS NOT NULL
        UNION ALL
        SELECT
            holders.record,
            holders.kind,
            greatest(holders.first_day, key_spans.first_day),
            least(holders.end_day, key_spans.end_day),
            key_spans.reason
        FROM holders
        JOIN key_spans ON holders.kind = key_spans.kind AND holders.key = key_spans.key
        WHERE key_spans.reason IS NOT NULL
    ),

    usable AS (
        SELECT
            holders.record,
            holders.kind,
            greatest(holders.first_day, key_spans.first_day) AS first_day,
            least(holders.end_day, key_spans.end_day) AS end_day
        FROM holders
        JOIN (SELECT DISTINCT record, kind FROM faults) AS faulty ON
            holders.record = faulty.record
            AND holders.kind = faulty.kind
        LEFT JOIN key_spans ON holders.kind = key_spans.kind AND holders.key = key_spans.key
        WHERE key_spans.reason IS NULL
    ),

    usable_days AS (
        SELECT DISTINCT usable.record, usable.kind, days.day
        FROM usable
        JOIN days ON days.day >= usable.first_day AND days.day < usable.end_day
    ),

    failed AS (
        SELECT days.day, faults.kind, faults.reason, count(DISTINCT faults.record) AS rows_failed
        FROM faults
        JOIN days ON days.day >= faults.first_day AND days.day < faults.end_day
        LEFT JOIN usable_days ON
            faults.record = usable_days.record
            AND faults.kind = usable_days.kind
            AND days.day = usable_days.day
        WHERE usable_days.record IS NULL
        GROUP BY days.day, faults.kind, faults.reason
    ),

    spans AS (
        SELECT kind, first_day, end_day, count(*) AS records
        FROM stated
        WHERE place = 0 AND first_day < end_day
        GROUP BY kind, first_day, end_day
    ),

    checked AS (
        SELECT days.day, spans.kind, sum(spans.records) AS rows_checked
        FROM spans
        JOIN days ON days.day >= spans.first_day AND days.day < spans.end_day
        GROUP BY days.day, spans.kind
    )

    SELECT
        days.as_of,
        rules.kind || '_' || rules.reason AS rule,
        CAST(coalesce(checked.rows_checked, 0) AS BIGINT) AS rows_checked,
        CAST(coalesce(failed.rows_failed, 0) AS BIGINT) AS rows_failed
    FROM days
    CROSS JOIN (VALUES {_RULES}) AS rules (kind, reason)
    LEFT JOIN checked ON days.day = checked.day AND rules.kind = checked.kind
    LEFT JOIN failed ON days.day = failed.day AND rules.kind = failed.kind AND rules.reason = failed.reason
"""
"""Per kind of contact: records with such a contact, and by reason those of them without a usable one."""

CUSTOMERS = f"""
    SELECT customer_key, {PSEUDONYM} AS customer_id
    FROM (SELECT DISTINCT customer_key FROM identity.customer_records)
"""

RECORD_ID = PSEUDONYM.replace("customer_key", "'record ' || {key}")
"""Pseudonym of a record. It differs from the `customer_id` of the customer with this key."""
LINKS = f"""
    WITH last AS (
        SELECT max(day) AS day, max(as_of) AS as_of FROM days
    ),

    pairs AS (
        SELECT
            last.as_of,
            made.label,
            made.record_a,
            made.record_b,
            arg_min(made.rule, made.place) AS rule,
            arg_min(made.evidence, made.place) AS evidence,
            arg_min(made.score, made.place) AS score
        FROM made
        JOIN groups ON made.record_a = groups.record
        JOIN slices ON groups.label = slices.component AND made.span = slices.first_day
        JOIN last ON last.day >= slices.first_day AND last.day < slices.end_day
        GROUP BY ALL
    )

    SELECT
        pairs.as_of,
        owners.record_key AS customer_key,
        {RECORD_ID.format(key="one.record_key")} AS record_id,
        {RECORD_ID.format(key="other.record_key")} AS linked_record_id,
        pairs.rule,
        pairs.evidence,
        pairs.score
    FROM pairs
    JOIN records AS owners ON pairs.label = owners.record
    JOIN records AS one ON pairs.record_a = one.record
    JOIN records AS other ON pairs.record_b = other.record
"""
"""Links of the last day, with pseudonyms of the records."""

DIRECTORY = """
    WITH contacts AS (
        SELECT
            holders.record,
            array_to_string(list_sort(list(holders.key) FILTER (WHERE holders.kind = 'phone')), ', ') AS phone,
            array_to_string(list_sort(list(holders.key) FILTER (WHERE holders.kind = 'email')), ', ') AS email
        FROM holders
        JOIN (SELECT max(day) AS day FROM days) AS last ON
            last.day >= holders.first_day
            AND last.day < holders.end_day
        LEFT JOIN key_spans ON
            holders.kind = key_spans.kind
            AND holders.key = key_spans.key
            AND last.day >= key_spans.first_day
            AND last.day < key_spans.end_day
        WHERE key_spans.reason IS NULL
        GROUP BY holders.record
    )

    SELECT
        customer_records.record_key,
        customer_records.customer_key,
        customer_records.matched_on,
        contacts.phone,
        contacts.email,
        customers.customer_id
    FROM identity.customer_records
    JOIN identity.customers ON customer_records.customer_key = customers.customer_key
    JOIN records ON customer_records.record_key = records.record_key
    LEFT JOIN contacts ON records.record = contacts.record
    WHERE customer_records.as_of = (SELECT max(as_of) FROM days)
    ORDER BY customer_records.record_key
"""
"""One row per record of the last day, with its usable phones and e-mails."""
