SELECT
    as_of,
    graded_as_of,
    grade,
    customers,
    share_of_customers,
    outcome_ends_on,
    is_censored,
    contribution_sum,
    contribution_mean,
    ratio_to_mean,
    signed_deals,
    subscriptions,
    customers_back,
    share_back,
    stability
FROM grade_performance
