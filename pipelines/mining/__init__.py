"""Mining between the warehouse and `models/mining`: core tables in, tables of the schema `mining` out."""
