-- The same work by hand: landed versions, business time, identity, contribution, netting of cancellations, RFM scores.
-- Rules that these rows do not need (named deals, deposits, other currencies) are left out.
CREATE TABLE plain_rfm AS
WITH versions AS (
    SELECT
        *,
        lead(known_at) OVER (PARTITION BY source, row_key ORDER BY known_at, batch_seq, content_hash) AS superseded_at,
        timezone('Asia/Shanghai', timezone('UTC', occurred_at)) AS happened_at
    FROM landing.transactions
),

steps AS (
    SELECT
        records.customer_key,
        versions.source || ':' || versions.transaction_id AS step,
        versions.kind,
        versions.amount,
        versions.happened_at,
        CAST(
            coalesce(versions.commission::DOUBLE, versions.amount::DOUBLE * margins.margin::DOUBLE)
            * rates.rate::DOUBLE AS DECIMAL(18, 4)
        ) AS contribution
    FROM versions
    JOIN identity.customer_records AS records ON records.record_key = versions.source || ':' || versions.lead_id
    JOIN rules.margins AS margins ON margins.kind = versions.kind
    JOIN rules.fx_rates AS rates ON rates.currency = versions.currency AND rates.currency = 'CNY'
    WHERE
        versions.happened_at < TIMESTAMP '2025-02-01'
        AND versions.known_at < TIMESTAMP '2025-01-31 16:00:00'
        AND (versions.superseded_at IS NULL OR versions.superseded_at >= TIMESTAMP '2025-01-31 16:00:00')
),

-- Sales and cancellations of one customer and amount, as a stack: a cancellation takes the latest open sale.
stacked AS (
    SELECT steps.*, CASE WHEN kind = 'sale' THEN 1 ELSE -1 END AS direction
    FROM steps
    SEMI JOIN (FROM steps WHERE kind = 'cancellation') AS cancelled USING (customer_key, amount)
),

balances AS (
    SELECT
        *,
        sum(direction) OVER (PARTITION BY customer_key, amount ORDER BY happened_at, direction DESC, step) AS balance
    FROM stacked
),

floors AS (
    SELECT
        *,
        coalesce(min(balance) OVER (
            PARTITION BY customer_key, amount ORDER BY happened_at, direction DESC, step
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS lowest
    FROM balances
),

levels AS (
    SELECT *, CASE WHEN direction = 1 THEN balance ELSE balance + 1 END - least(lowest, 0) AS level
    FROM floors
),

pairs AS (
    SELECT
        step,
        direction,
        level,
        lag(step) OVER (PARTITION BY customer_key, amount, level ORDER BY happened_at, direction DESC, step) AS taken
    FROM levels
),

netted AS (SELECT taken AS step FROM pairs WHERE direction = -1 AND level > 0),

unmatched AS (SELECT step FROM pairs WHERE direction = -1 AND level = 0),

summed AS (
    SELECT
        steps.customer_key,
        max(CASE WHEN kind = 'sale' AND netted.step IS NULL THEN happened_at::DATE END) AS last_signed_on,
        count(CASE WHEN kind = 'sale' AND netted.step IS NULL THEN 1 END) AS frequency,
        CAST(sum(
            CASE
                WHEN kind = 'sale' AND netted.step IS NULL THEN contribution
                WHEN unmatched.step IS NOT NULL THEN -contribution
                ELSE 0
            END
        ) AS DECIMAL(18, 4)) AS monetary_total
    FROM steps
    LEFT JOIN netted ON netted.step = steps.step
    LEFT JOIN unmatched ON unmatched.step = steps.step
    GROUP BY steps.customer_key
),

measured AS (
    SELECT
        *,
        DATE '2025-01-31' - last_signed_on AS recency,
        CAST(monetary_total / nullif(frequency, 0) AS DECIMAL(18, 4)) AS monetary_mean
    FROM summed
)

SELECT
    customer_key,
    frequency,
    monetary_total,
    CASE WHEN recency < 31 THEN 5 WHEN recency < 91 THEN 4 WHEN recency < 366 THEN 3 WHEN recency < 1096 THEN 2 ELSE 1
    END AS r,
    CASE WHEN frequency >= 3 THEN 5 WHEN frequency = 2 THEN 4 WHEN frequency = 1 THEN 3 ELSE 1 END AS f,
    CASE
        WHEN monetary_mean >= 80000 THEN 5
        WHEN monetary_mean >= 30000 THEN 4
        WHEN monetary_mean >= 5000 THEN 3
        WHEN monetary_mean >= 0.01 THEN 2
        ELSE 1
    END AS m
FROM measured;
