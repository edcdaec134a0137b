"""The drop folder: moves complete files to their source and rejects faulty files with a report."""
