"""The rules of each gate as data: one YAML file of Great Expectations per gate. `pipelines/gates` runs them."""
