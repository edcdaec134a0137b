"""The clean world as the exports of an agency's systems, and the defects planted in them."""
