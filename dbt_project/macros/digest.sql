{# SHA-256 of a text, in hexadecimal digits. #}
{% macro digest(text) -%}
    {{ return(adapter.dispatch('digest')(text)) }}
{%- endmacro %}

{% macro duckdb__digest(text) -%}
    sha256({{ text }})
{%- endmacro %}

{% macro spark__digest(text) -%}
    sha2({{ text }}, 256)
{%- endmacro %}

{# Pseudo-random number in [0, 1) of a text: uniform over texts, independent of clock and row order. #}
{% macro draw(text) -%}
    {{ return(adapter.dispatch('draw')(text)) }}
{%- endmacro %}

{% macro duckdb__draw(text) -%}
    cast(cast('0x' || substr(sha256({{ text }}), 1, 12) as bigint) as double) / 281474976710656
{%- endmacro %}

{% macro spark__draw(text) -%}
    cast(conv(substr(sha2({{ text }}, 256), 1, 12), 16, 10) as double) / 281474976710656
{%- endmacro %}
