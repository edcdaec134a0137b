"""The home: settings, file modes, the key, durable writes, DuckDB connections, YAML with line numbers."""
