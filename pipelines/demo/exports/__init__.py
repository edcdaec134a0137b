"""The world as exports of an agency's systems, and the defects planted in the exports."""
